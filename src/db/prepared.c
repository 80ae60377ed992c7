/*
 * Prepared statements: kept per connection by their text, bound, run, read.
 *
 * Texts come from static tables and count of values alone, so their number is
 * bounded; the cache drops the least recently used all the same.
 */
#include <config.h>

#include <assert.h>
#include <errmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/internal.h"

/* Bytes of a text cell that are fetched with the row; longer ones cost one
 * more copy. */
#define CELL_BYTES 512

/* All that the server may hold for all of its clients are in use. */
#define NO_ROOM 1461

/* Most results are one row; room that is not needed is wiped all the same. */
#define FIRST_ROWS 4

/* Where the client library puts one cell of the present row. */
struct cell {
	int64_t integer;
	MYSQL_TIME time;
	unsigned long length;
	db_bool is_null;
	db_bool error;
	enum value_type type;
	bool is_time;
	char bytes[CELL_BYTES];
};

struct prepared {
	struct str text; /* owned */
	MYSQL_STMT *statement;
	size_t width;
	MYSQL_BIND *binds; /* one a column, into cells */
	struct cell *cells;
	uint64_t used; /* tick of the last run */
};

static void
prepared_free(struct prepared *p)
{
	if (p == NULL)
		return;
	if (p->statement != NULL)
		mysql_stmt_close(p->statement);
	free((void *)(uintptr_t)p->text.ptr);
	free(p->binds);
	free(p->cells);
	free(p);
}

void
prepared_drop_all(struct db *db)
{
	for (size_t i = 0; i < db->n_prepared; i++)
		prepared_free(db->prepared[i]);
	db->n_prepared = 0;
}

static void
bind_integer(MYSQL_BIND *bind, struct cell *cell)
{
	cell->type = VALUE_INT;
	bind->buffer_type = MYSQL_TYPE_LONGLONG;
	bind->buffer = &cell->integer;
	bind->buffer_length = sizeof(cell->integer);
}

static void
bind_time(MYSQL_BIND *bind, struct cell *cell)
{
	cell->type = VALUE_TEXT;
	cell->is_time = true;
	bind->buffer_type = MYSQL_TYPE_DATETIME;
	bind->buffer = &cell->time;
	bind->buffer_length = sizeof(cell->time);
}

static void
bind_bytes(MYSQL_BIND *bind, struct cell *cell, bool binary)
{
	cell->type = binary ? VALUE_BYTES : VALUE_TEXT;
	bind->buffer_type = binary ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
	bind->buffer = cell->bytes;
	bind->buffer_length = sizeof(cell->bytes);
}

#define CHARSET_BINARY 63

static void
bind_column(MYSQL_BIND *bind, struct cell *cell, const MYSQL_FIELD *field)
{
	enum enum_field_types type = field->type;

	bind->length = &cell->length;
	bind->is_null = &cell->is_null;
	bind->error = &cell->error;
	if (type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT ||
	    type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG ||
	    type == MYSQL_TYPE_INT24)
		bind_integer(bind, cell);
	else if (type == MYSQL_TYPE_DATETIME || type == MYSQL_TYPE_TIMESTAMP)
		bind_time(bind, cell);
	else
		bind_bytes(bind, cell,
		    field->charsetnr == CHARSET_BINARY &&
			(type == MYSQL_TYPE_BLOB ||
			    type == MYSQL_TYPE_TINY_BLOB ||
			    type == MYSQL_TYPE_MEDIUM_BLOB ||
			    type == MYSQL_TYPE_LONG_BLOB));
}

static bool
bind_result(struct prepared *p)
{
	MYSQL_RES *meta = mysql_stmt_result_metadata(p->statement);
	MYSQL_FIELD *fields;

	if (meta == NULL)
		return true;
	p->width = mysql_num_fields(meta);
	fields = mysql_fetch_fields(meta);
	p->binds = calloc(p->width, sizeof(*p->binds));
	p->cells = calloc(p->width, sizeof(*p->cells));
	if (p->binds == NULL || p->cells == NULL)
		abort();
	for (size_t i = 0; i < p->width; i++)
		bind_column(&p->binds[i], &p->cells[i], &fields[i]);
	mysql_free_result(meta);
	return mysql_stmt_bind_result(p->statement, p->binds) == 0;
}

/*
 * An error that the server sends behind the first rows MariaDB's library notes
 * at the connection only. The text is copied: it is freed with the statement
 * and with its result.
 */
static void
note_error(
    struct db *db, MYSQL_STMT *statement, unsigned *number, const char **error)
{
	const char *text = mysql_stmt_error(statement);

	*number = mysql_stmt_errno(statement);
	if (*number == 0) {
		*number = mysql_errno(db->session.mysql);
		text = mysql_error(db->session.mysql);
	}
	if (*number == 0) {
		*number = CR_UNKNOWN_ERROR;
		text = "the client library does not say what is wrong";
	}
	snprintf(db->error, sizeof(db->error), "%s", text);
	*error = db->error;
}

static bool
send_text(struct db *db, MYSQL_STMT *statement, struct str text)
{
	struct buf limited;
	bool done;

	buf_init(&limited, SIZE_MAX / 2);
	text = session_limited(db, &limited, text);
	done = mysql_stmt_prepare(
		   statement, text.ptr, (unsigned long)text.len) == 0;
	buf_done(&limited);
	return done;
}

static struct prepared *
prepare(struct db *db, struct str text, unsigned *number, const char **error)
{
	struct prepared *p = calloc(1, sizeof(*p));
	char *copy = malloc(text.len);

	if (p == NULL || copy == NULL)
		abort();
	memcpy(copy, text.ptr, text.len);
	p->text = (struct str){ copy, text.len };
	p->statement = mysql_stmt_init(db->session.mysql);
	if (p->statement == NULL)
		abort();
	if (send_text(db, p->statement, text) && bind_result(p))
		return p;
	note_error(db, p->statement, number, error);
	prepared_free(p);
	return NULL;
}

/* When the server has no room left, this connection closes statements of its
 * own; they are prepared again when they are needed, and no request fails. */
static struct prepared *
prepared_new(
    struct db *db, struct str text, unsigned *number, const char **error)
{
	struct prepared *p = prepare(db, text, number, error);

	if (p != NULL || *number != NO_ROOM || db->n_prepared == 0)
		return p;
	prepared_drop_all(db);
	*number = 0;
	return prepare(db, text, number, error);
}

/* The place of the least recently used statement, emptied. */
static size_t
free_place(struct db *db)
{
	size_t oldest = 0;

	if (db->n_prepared < db->settings->statement_cache)
		return db->n_prepared++;
	for (size_t i = 1; i < db->n_prepared; i++)
		if (db->prepared[i]->used < db->prepared[oldest]->used)
			oldest = i;
	prepared_free(db->prepared[oldest]);
	return oldest;
}

struct prepared *
prepared_get(
    struct db *db, struct str text, unsigned *number, const char **error)
{
	struct prepared *p;

	for (size_t i = 0; i < db->n_prepared; i++) {
		p = db->prepared[i];
		if (str_equal(p->text, text)) {
			p->used = ++db->tick;
			return p;
		}
	}
	p = prepared_new(db, text, number, error);
	if (p == NULL)
		return NULL;
	p->used = ++db->tick;
	db->prepared[free_place(db)] = p;
	return p;
}

static void
bind_param(MYSQL_BIND *bind, const struct value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		bind->buffer_type = MYSQL_TYPE_NULL;
		break;
	case VALUE_INT:
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer = (void *)(uintptr_t)&value->integer;
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		bind->buffer_type = value->type == VALUE_TEXT
					? MYSQL_TYPE_STRING
					: MYSQL_TYPE_BLOB;
		bind->buffer = (void *)(uintptr_t)value->text.ptr;
		bind->buffer_length = (unsigned long)value->text.len;
		bind->length_value = (unsigned long)value->text.len;
		bind->length = &bind->length_value;
		break;
	}
}

/* The digits of a number and what follows them; returns the end. */
static char *
put_digits(char *to, unsigned long number, int digits, char behind)
{
	for (int i = digits; i-- > 0; number /= 10)
		to[i] = (char)('0' + number % 10);
	to[digits] = behind;
	return to + digits + 1;
}

/* Written without printf(), which would be most of the cost of reading a row:
 * each has two or three times. */
static struct value
read_time(struct arena *arena, const MYSQL_TIME *t)
{
	char text[] = "2024-01-31 23:59:59.000000";
	char *at = put_digits(text, t->year, 4, '-');

	at = put_digits(at, t->month, 2, '-');
	at = put_digits(at, t->day, 2, ' ');
	at = put_digits(at, t->hour, 2, ':');
	at = put_digits(at, t->minute, 2, ':');
	at = put_digits(at, t->second, 2, '.');
	put_digits(at, t->second_part, 6, '\0');
	return value_text(arena_copy(arena, str_of(text)));
}

/* A cell that did not fit is fetched again, whole. */
static struct value
read_bytes(struct prepared *p, struct arena *arena, size_t column)
{
	const struct cell *cell = &p->cells[column];
	struct str all = { NULL, cell->length };
	MYSQL_BIND bind = p->binds[column];
	char *copy;

	if (all.len <= sizeof(cell->bytes)) {
		all.ptr = cell->bytes;
		all = arena_copy(arena, all);
	} else {
		copy = arena_alloc(arena, all.len + 1);
		bind.buffer = copy;
		bind.buffer_length = (unsigned long)all.len;
		mysql_stmt_fetch_column(
		    p->statement, &bind, (unsigned)column, 0);
		all.ptr = copy;
	}
	return (struct value){ .type = cell->type, .text = all };
}

static struct value
read_cell(struct prepared *p, struct arena *arena, size_t column)
{
	const struct cell *cell = &p->cells[column];

	if (cell->is_null)
		return value_null();
	if (cell->type == VALUE_INT)
		return value_int(cell->integer);
	if (cell->is_time)
		return read_time(arena, &cell->time);
	return read_bytes(p, arena, column);
}

/* Room for one more row; the array doubles. */
static void
reserve_row(struct arena *arena, struct rows *rows, size_t *capacity)
{
	struct value *cells;

	if (rows->count < *capacity)
		return;
	*capacity = *capacity == 0 ? FIRST_ROWS : *capacity * 2;
	cells = ARENA_NEW(arena, struct value, *capacity * rows->width);
	if (rows->count > 0)
		memcpy(cells, rows->cells,
		    rows->count * rows->width * sizeof(*cells));
	rows->cells = cells;
}

static int
read_rows(struct prepared *p, struct arena *arena, struct rows *ret)
{
	size_t capacity = 0;
	int status;

	*ret = (struct rows){ .width = p->width };
	if (p->width == 0)
		return MYSQL_NO_DATA;
	for (;;) {
		status = mysql_stmt_fetch(p->statement);
		if (status != 0 && status != MYSQL_DATA_TRUNCATED)
			return status;
		reserve_row(arena, ret, &capacity);
		for (size_t i = 0; i < p->width; i++)
			ret->cells[ret->count * p->width + i] =
			    read_cell(p, arena, i);
		ret->count++;
	}
}

/* Of an INSERT that returns rows, MariaDB tells its columns only when it runs.
 * Source: MDEV-27013. */
static bool
bind_returned(struct prepared *p)
{
	return p->width > 0 || mysql_stmt_field_count(p->statement) == 0 ||
	       bind_result(p);
}

void
prepared_run(struct db *db, struct prepared *p, struct arena *arena,
    const struct statement *statement, struct rows *ret, unsigned *number,
    const char **error)
{
	MYSQL_BIND *binds =
	    ARENA_NEW(arena, MYSQL_BIND, statement->n_params + 1);
	struct rows rows = { 0 };
	bool done;

	assert(mysql_stmt_param_count(p->statement) == statement->n_params);
	for (size_t i = 0; i < statement->n_params; i++)
		bind_param(&binds[i], &statement->params[i]);
	done = mysql_stmt_bind_param(p->statement, binds) == 0 &&
	       mysql_stmt_execute(p->statement) == 0 && bind_returned(p) &&
	       read_rows(p, arena, &rows) == MYSQL_NO_DATA;
	if (!done) {
		note_error(db, p->statement, number, error);
		mysql_stmt_free_result(p->statement);
		return;
	}
	db->affected = mysql_stmt_affected_rows(p->statement);
	db->insert_id = (int64_t)mysql_stmt_insert_id(p->statement);
	mysql_stmt_free_result(p->statement);
	if (ret != NULL)
		*ret = rows;
}
