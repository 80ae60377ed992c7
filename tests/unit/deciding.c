/*
 * The fixture of the tests that decide about a write.
 */
#include <config.h>

#include "deciding.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/tables.h"
#include "secret/secret.h"
#include "validating.h"

static const struct resource *const connectors = &resource_connectors;

const struct keyring *
deciding_keyring(struct arena *arena)
{
	static struct keyring *ring;
	struct problem problem = { .arena = arena };
	char folder[] = "/tmp/test_deciding.XXXXXX";
	struct str path;

	if (ring == NULL) {
		cr_assert_eq(secret_start(&problem), OK);
		cr_assert_not_null(mkdtemp(folder));
		path = arena_printf(arena, "%s/ring", folder);
		cr_assert_eq(keyring_create(path.ptr, &problem), OK);
		cr_assert_eq(keyring_load(path.ptr, &ring, &problem), OK);
		unlink(path.ptr);
		rmdir(folder);
	}
	return ring;
}

/* Of some row: nobody opens it. */
static struct str
seal(struct arena *arena, struct str plain)
{
	static const struct seal_context place = { "t", "c", 1, 1 };

	return secret_seal(arena, deciding_keyring(arena), &place, plain);
}

static bool
take(struct str *word, char c)
{
	if (word->len == 0 || word->ptr[0] != c)
		return false;
	*word = str_from(*word, 1);
	return true;
}

/* What stands behind the first c, which is cut off with it; ptr NULL: none. */
static struct str
cut(struct str *word, char c)
{
	size_t at = str_find(*word, c);
	struct str rest = { NULL, 0 };

	if (at < word->len)
		rest = str_from(*word, at + 1);
	word->len = at;
	return rest;
}

static void
set(struct variable *v, const char *name, struct value value)
{
	v->values[variables_rule(connectors, name)] = value;
}

static struct value
text_or_null(struct str text)
{
	return text.ptr == NULL ? value_null() : value_text(text);
}

static void
read_variable(struct arena *arena, struct str word, struct variable *ret)
{
	struct str alias, value;

	ret->values = ARENA_NEW(arena, struct value, connectors->n_rules);
	set(ret, "pivot.configurable", value_int(0));
	set(ret, "pivot.advanced", value_int(0));
	set(ret, "locked", value_int(take(&word, '!')));
	set(ret, "secret", value_int(take(&word, '*')));
	set(ret, "pivot.required",
	    value_int(word.ptr[word.len - 1] == '?' && word.len-- > 0));
	alias = cut(&word, '@');
	value = cut(&word, '=');
	set(ret, "key", value_text(word));
	set(ret, "label", value_text(STR("l")));
	set(ret, "pivot.alias", text_or_null(alias));
	set(ret, "value", text_or_null(value));
	if (ret->values[variables_rule(connectors, "secret")].integer != 0) {
		set(ret, "value", value_null());
		if (value.ptr != NULL)
			ret->sealed = seal(arena, value);
	}
}

/* Rows as the database has them: values that nothing writes to. */
void
deciding_read(struct arena *arena, const char *words, struct variables *ret)
{
	struct str rest = str_of(words), word;

	*ret = (struct variables){ .rules = connectors,
		.all = ARENA_NEW(arena, struct variable, rest.len + 1) };
	while (rest.len > 0 && str_next_part(&rest, ' ', &word)) {
		struct variable *v = &ret->all[ret->n];

		read_variable(arena, word, v);
		v->id = 5 + (int64_t)ret->n++;
		set(v, "id", value_int(v->id));
		v->company_id = 1;
		v->stored = v->values;
	}
}

static struct str
write_variable(
    struct arena *arena, const struct variables *all, const struct variable *v)
{
	static const char marks[] = { [VARIABLE_KEPT] = 0,
		[VARIABLE_CHANGED] = '~',
		[VARIABLE_ADDED] = '+',
		[VARIABLE_REMOVED] = '-' };
	const char mark[] = { marks[v->state], '\0' };
	const struct value *value = variable_value(all, v, "value");
	const struct value *alias = variable_value(all, v, "pivot.alias");
	bool kept = variable_keeps_secret(all, v);

	return arena_printf(arena, "%s%s%s%.*s%s%.*s%s%.*s%s", mark,
	    variable_value(all, v, "locked")->integer != 0 ? "!" : "",
	    variable_is_secret(all, v) ? "*" : "",
	    STR_FMT(variable_value(all, v, "key")->text),
	    kept || value->type != VALUE_NULL ? "=" : "",
	    STR_FMT(kept ? STR("(kept)") : value->text),
	    alias->type != VALUE_NULL ? "@" : "", STR_FMT(alias->text),
	    variable_value(all, v, "pivot.required")->integer != 0 ? "?" : "");
}

struct str
deciding_write(struct arena *arena, const struct variables *all)
{
	struct str text = STR("");

	for (size_t i = 0; i < all->n; i++)
		text = arena_printf(arena, "%.*s%s%.*s", STR_FMT(text),
		    i > 0 ? " " : "",
		    STR_FMT(write_variable(arena, all, &all->all[i])));
	return text;
}

static const struct {
	const char *column;
	struct value value;
} row[] = {
	{ "id", { VALUE_INT, 9, { NULL, 0 } } },
	{ "name", { VALUE_TEXT, 0, STR_CONST("n") } },
	{ "type", { VALUE_TEXT, 0, STR_CONST("t") } },
	{ "authentication_implementation_id", { VALUE_INT, 1, { NULL, 0 } } },
	{ "timezone", { VALUE_TEXT, 0, STR_CONST("UTC") } },
	{ "date_format", { VALUE_TEXT, 0, STR_CONST("Y-m-d") } },
	{ "rate_limit_unit", { VALUE_TEXT, 0, STR_CONST("hour") } },
	{ "rate_limit_duration", { VALUE_INT, 60, { NULL, 0 } } },
	{ "connection_pool_id", { VALUE_INT, 2, { NULL, 0 } } },
	{ "certificate_id", { VALUE_INT, 8, { NULL, 0 } } },
};

static struct value *
stored_row(struct arena *arena)
{
	struct value *cells =
	    ARENA_NEW(arena, struct value, connectors->n_columns);

	for (size_t i = 0; i < N_ELEMENTS(row); i++)
		cells[schema_column(connectors, str_of(row[i].column)) -
		      connectors->columns] = row[i].value;
	return cells;
}

struct deciding *
deciding(const char *stored, const char *body)
{
	struct arena *arena = arena_new(65536);
	struct deciding *d = ARENA_NEW(arena, struct deciding, 1);

	d->arena = d->problem.arena = arena;
	d->facts.stored.rules = connectors;
	if (stored != NULL) {
		d->facts.row = stored_row(arena);
		deciding_read(arena, stored, &d->facts.stored);
	}
	d->error = input_parse(arena, STR("application/json"),
	    validating_quoted(arena, body), &d->body, &d->problem);
	cr_assert_eq(
	    d->error, OK, "%s: %.*s", body, STR_FMT(d->problem.message));
	validate_references(
	    connectors, stored != NULL, &d->body, &d->facts.references);
	validating_find(&d->facts.references);
	d->error = write_check_body(
	    arena, &d->facts, &d->body, &d->wanted, &d->problem);
	return d;
}

void
deciding_done(struct deciding *d)
{
	arena_free(d->arena);
}

void
deciding_expect(const struct deciding *d, const char *body, const char *errors)
{
	struct str got = validating_join(d->arena, &d->problem);
	struct str want = validating_spell(d->arena, str_of(errors));

	cr_expect(str_equal(got, want), "%.300s\ngot\n%.*swanted\n%.*s", body,
	    STR_FMT(got), STR_FMT(want));
}
