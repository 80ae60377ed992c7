/*
 * db/db.h without a server.
 */
#include <config.h>

#include "recorded.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/sql.h"
#include "schema/schema.h"

struct db {
	struct arena *arena;
	const struct recorded *answers;
	size_t n, at;
	const struct recorded *last; /* NULL: nothing was asked yet */
	bool began;
};

static struct db one;

struct db *
recorded_begin(struct arena *arena, const struct recorded *answers, size_t n)
{
	one = (struct db){ .arena = arena, .answers = answers, .n = n };
	return &one;
}

void
recorded_end(const char *what)
{
	cr_expect_eq(one.at, one.n, "%s: not asked: %s", what,
	    one.at < one.n ? one.answers[one.at].asked : "");
}

static bool
matches(const char *asked, const char *wanted)
{
	size_t len = strlen(wanted);

	if (len > 0 && wanted[len - 1] == '*')
		return strncmp(asked, wanted, len - 1) == 0;
	return strcmp(asked, wanted) == 0;
}

/* The answer to what is asked, which has to be the next one. */
static const struct recorded *
answer(struct db *db, const char *asked)
{
	const char *wanted = db->at < db->n ? db->answers[db->at].asked : "";

	if (!matches(asked, wanted))
		cr_assert_fail("asked  %.1000s\nwanted %.1000s", asked, wanted);
	db->last = &db->answers[db->at++];
	return db->last;
}

static struct str
word_after(struct str text, const char *before)
{
	const char *at = strstr(text.ptr, before);
	struct str rest = text;

	cr_assert_not_null(at, "%s", text.ptr);
	rest = str_from(text, (size_t)(at - text.ptr) + strlen(before));
	rest.len = str_find(rest, ' ');
	if (rest.len > 2 && rest.ptr[0] == '`')
		rest = (struct str){ rest.ptr + 1, rest.len - 2 };
	return rest;
}

/* Verbs, and what stands before the name of their table. */
static const struct {
	const char *begins, *verb, *before;
} verbs[] = {
	{ "SELECT ", "SELECT", " FROM " },
	{ "INSERT ", "INSERT", " INTO " },
	{ "DELETE ", "DELETE", " FROM " },
	{ "UPDATE /*", "UPDATE", "*/ " },
	{ "UPDATE ", "UPDATE", "UPDATE " },
};

static struct str
table_of(struct str text, const char **ret_verb)
{
	for (size_t i = 0; i < N_ELEMENTS(verbs); i++)
		if (str_starts_with(text, str_of(verbs[i].begins))) {
			*ret_verb = verbs[i].verb;
			return word_after(text, verbs[i].before);
		}
	cr_assert_fail("what is %s?", text.ptr);
	return text;
}

static void
add_value(struct buf *to, const struct value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		buf_add_char(to, '-');
		break;
	case VALUE_INT:
		buf_add_int(to, value->integer);
		break;
	case VALUE_TEXT:
		buf_add_str(to, value->text);
		break;
	case VALUE_BYTES:
		buf_add_char(to, '#');
		break;
	}
}

static struct str
describe(struct arena *arena, const struct statement *statement)
{
	struct str text = arena_copy(arena, statement->text), copy;
	const char *verb;
	struct str table = table_of(text, &verb);
	struct buf all;

	if (str_ends_with(text, STR(" FOR UPDATE")))
		verb = "LOCK";
	buf_init(&all, 1 << 20);
	buf_printf(&all, "%s %.*s", verb, STR_FMT(table));
	for (size_t i = 0; i < statement->n_params; i++) {
		buf_add_char(&all, i == 0 ? ' ' : ',');
		add_value(&all, &statement->params[i]);
	}
	copy = arena_copy(arena, buf_str(&all));
	buf_done(&all);
	return copy;
}

static struct value
value_of(struct str text)
{
	uint64_t number;

	if (str_to_u64(text, &number))
		return value_int((int64_t)number);
	return str_equal(text, STR("-")) ? value_null() : value_text(text);
}

/* One cell; returns the place of the next one that has no name. */
static struct value *
read_cell(struct str word, const struct resource *of, struct value *cells,
    struct value *next)
{
	size_t at = str_find(word, '=');

	if (at == word.len) {
		*next = value_of(word);
		return next + 1;
	}
	cr_assert_not_null(of);
	cells[sql_position(
	    of, arena_copy(one.arena, (struct str){ word.ptr, at }).ptr)] =
	    value_of(str_from(word, at + 1));
	return next;
}

static void
read_row(struct str row, const struct resource *table,
    const struct resource *of, struct value *cells)
{
	struct value *next = cells;
	struct str word;

	while (row.len > 0 && str_next_part(&row, ' ', &word)) {
		if (word.len == 0)
			continue;
		if (str_equal(word, STR("|"))) {
			next = cells += schema_n_selected(table);
			table = of;
		} else if (str_ends_with(word, STR(":"))) {
			word.len--;
			*cells++ = value_of(word);
			next = cells;
			table = of;
		} else {
			next = read_cell(word, table, cells, next);
		}
	}
}

static const struct resource *
resource_of(struct str name)
{
	for (size_t i = 0; i < n_resources; i++)
		if (str_equal_text(name, resources[i]->name))
			return resources[i];
	return NULL;
}

static void
read_rows(const struct recorded *from, struct str table, struct rows *ret)
{
	const struct resource *resource = resource_of(table);
	const struct resource *of =
	    from->of == NULL ? resource : resource_of(str_of(from->of));
	struct str rest = str_of(from->rows), row;

	ret->width = RECORDED_WIDTH;
	ret->cells =
	    ARENA_NEW(one.arena, struct value, (rest.len + 1) * ret->width);
	while (rest.len > 0 && str_next_part(&rest, ';', &row))
		read_row(
		    row, resource, of, ret->cells + ret->count++ * ret->width);
}

enum error
db_run(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	struct str asked = describe(arena, statement);
	const struct recorded *a = answer(db, asked.ptr);
	const char *verb;

	(void)reterr;
	if (ret != NULL) {
		*ret = (struct rows){ 0 };
		read_rows(a,
		    table_of(arena_copy(arena, statement->text), &verb), ret);
	}
	return a->error;
}

int64_t
db_insert_id(const struct db *db)
{
	return db->last->insert_id;
}

uint64_t
db_affected(const struct db *db)
{
	return db->last->affected;
}

int64_t
db_insert_step(const struct db *db)
{
	(void)db;
	return 1;
}

static enum error
begin(struct db *db, const char *how)
{
	enum error error = answer(db, how)->error;

	db->began = error == OK;
	return error;
}

enum error
db_begin(struct db *db, struct problem *reterr)
{
	(void)reterr;
	return begin(db, "BEGIN");
}

enum error
db_begin_current(struct db *db, struct problem *reterr)
{
	(void)reterr;
	return begin(db, "BEGIN CURRENT");
}

enum error
db_commit(struct db *db, struct problem *reterr)
{
	(void)reterr;
	db->began = false;
	return answer(db, "COMMIT")->error;
}

/* It does not fail, and does not count as the last failure. */
void
db_rollback(struct db *db)
{
	const struct recorded *last = db->last;

	if (db->began)
		answer(db, "ROLLBACK");
	db->began = false;
	db->last = last;
}

static bool
last_has(const struct db *db, enum recorded_flags flag)
{
	return db->last != NULL && (db->last->flags & (unsigned)flag) != 0;
}

bool
db_should_retry(const struct db *db)
{
	return last_has(db, RECORDED_RETRY);
}

bool
db_commit_unknown(const struct db *db)
{
	return last_has(db, RECORDED_UNKNOWN);
}

bool
db_reference_failed(const struct db *db)
{
	(void)db;
	return false;
}

bool
db_is_locked(const struct db *db)
{
	(void)db;
	return false;
}

bool
db_was_ended(const struct db *db)
{
	(void)db;
	return false;
}

bool
db_pause(struct db *db, unsigned us)
{
	(void)us;
	return !last_has(db, RECORDED_OVER);
}

void
db_limit(struct db *db, unsigned ms)
{
	(void)db;
	(void)ms;
}
