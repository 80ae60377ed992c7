/*
 * src/api/complete.c and src/probe/needs.c: variables that no row lists.
 */
#include <config.h>

#include "api/complete.h"

#include <criterion/criterion.h>

#include "base/buf.h"
#include "engine/sql.h"
#include "probe/auth.h"
#include "probe/needs.h"
#include "schema/tables.h"

#define IMPLEMENTATIONS (&resource_authentication_implementations)

/* "username!" for one that is required; blanks between. */
static struct str
needs_text(struct arena *arena, const struct probe_target *target)
{
	struct need needs[NEEDS_MAX];
	size_t n = needs_of(arena, target, needs);
	struct str text = STR("");

	for (size_t i = 0; i < n; i++)
		text = arena_printf(arena, "%.*s%s%s%s", STR_FMT(text),
		    i == 0 ? "" : " ", needs[i].key,
		    needs[i].required ? "!" : "");
	return text;
}

static const struct {
	struct probe_target target;
	const char *needs;
} cases[] = {
	{ { .type = STR_CONST("basic") }, "username! password!" },
	{ { .type = STR_CONST("none") }, "" },
	{ { .type = STR_CONST("other") }, "" },
	{ { .type = STR_CONST("") }, "" },
	{ { .type = STR_CONST("token") }, "token!" },
	{ { .type = STR_CONST("token"), .headers = STR_CONST("{}") },
	    "token!" },
	{ { .type = STR_CONST("token"),
	      .headers = STR_CONST("{\"X\":\"{{key}}\"}") },
	    "" },
	{ { .type = STR_CONST("token"),
	      .query = STR_CONST("{\"k\":\"{{key}}\"}") },
	    "" },
	{ { .type = STR_CONST("token"),
	      .query = STR_CONST("{\"k\":\"{{token}}\"}") },
	    "token!" },
	{ { .type = STR_CONST("token"),
	      .headers = STR_CONST("{\"AUTHORIZATION\":\"x\"}") },
	    "" },
	{ { .type = STR_CONST("token"),
	      .headers = STR_CONST("{\"Authorization\":\"{{token}}\"}") },
	    "token!" },
	{ { .type = STR_CONST("token"), .headers = STR_CONST("{broken") },
	    "token!" },
	{ { .type = STR_CONST("token"),
	      .headers = STR_CONST("{\"X\":\"{{key}}\"}"),
	      .body = STR_CONST("t={{token}}") },
	    "token!" },
	/* The token of an OAuth type is found, not asked for. */
	{ { .type = STR_CONST("oauth2_client_credentials"),
	      .headers = STR_CONST("{\"X\":\"{{access_token}}\"}") },
	    "client_id! client_secret! scope" },
	{ { .type = STR_CONST("aws_sigv4") },
	    "access_key_id! secret_access_key! region! service! "
	    "session_token" },
};

Test(complete, a_type_says_what_it_needs)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct str text = needs_text(arena, &cases[i].target);

		cr_expect(str_equal_text(text, cases[i].needs), "%zu: %.*s", i,
		    STR_FMT(text));
	}
	arena_free(arena);
}

Test(complete, people_are_told_of_every_variable)
{
	const struct auth_type *type;

	for (size_t i = 0; (type = auth_row(i)) != NULL; i++)
		for (const struct auth_variable *v = type->variables;
		     v->key != NULL; v++) {
			cr_expect_str_eq(auth_key(v)->key, v->key);
			cr_expect_neq(auth_key(v)->label[0], '\0');
			cr_expect(
			    !auth_key(v)->secret || !auth_key(v)->fallback);
		}
}

/* Implementations in any order, some more than once, as rows of an include. */
struct completing {
	struct arena *arena;
	struct include include;
	struct result parent;
	struct rows types, rows;
	const struct relation *relation;
};

static struct rows
new_rows(struct arena *arena, size_t count, size_t width)
{
	struct rows rows = { count, width,
		ARENA_NEW(arena, struct value, count * width) };

	for (size_t i = 0; i < count * width; i++)
		rows.cells[i] = value_null();
	return rows;
}

static void
set(const struct resource *resource, struct rows *rows, size_t row,
    const char *column, struct value value)
{
	rows->cells[row * rows->width + 1 + sql_position(resource, column)] =
	    value;
}

/* ids: of the implementations, of type 2; rows: key and variable's key. */
static struct completing
begin(const int64_t *ids, size_t n, const char *const *keys,
    const int64_t *owners, size_t n_rows)
{
	struct completing c = { .arena = arena_new(4096) };
	const struct resource *type = &resource_authentication_types;

	c.relation = schema_relation(IMPLEMENTATIONS, STR("variables"));
	c.include = (struct include){ .resource = IMPLEMENTATIONS,
		.relation = schema_relation(
		    &resource_systems, STR("authenticationImplementations")) };
	c.parent = (struct result){ .include = &c.include };
	c.parent.rows =
	    new_rows(c.arena, n, 1 + schema_n_selected(IMPLEMENTATIONS));
	for (size_t i = 0; i < n; i++) {
		set(IMPLEMENTATIONS, &c.parent.rows, i, "id",
		    value_int(ids[i]));
		set(IMPLEMENTATIONS, &c.parent.rows, i,
		    "authentication_type_id", value_int(2));
	}
	c.types = new_rows(c.arena, 1, 1 + schema_n_selected(type));
	c.types.cells[0] = value_int(2);
	set(type, &c.types, 0, "key", value_text(STR("basic")));
	c.rows = new_rows(
	    c.arena, n_rows, 1 + schema_n_selected(&resource_variables) + 7);
	for (size_t i = 0; i < n_rows; i++) {
		c.rows.cells[i * c.rows.width] = value_int(owners[i]);
		set(&resource_variables, &c.rows, i, "key",
		    value_text(str_of(keys[i])));
	}
	return c;
}

static struct str
text_of(const struct completing *c)
{
	size_t key = 1 + sql_position(&resource_variables, "key");
	struct str text = STR("");

	for (size_t i = 0; i < c->rows.count; i++)
		text = arena_printf(c->arena, "%.*s%lld:%.*s ", STR_FMT(text),
		    (long long)rows_cell(&c->rows, i, 0)->integer,
		    STR_FMT(rows_cell(&c->rows, i, key)->text));
	return text;
}

static void
expect(const int64_t *ids, size_t n, const char *const *keys,
    const int64_t *owners, size_t n_rows, const char *wanted)
{
	struct completing c = begin(ids, n, keys, owners, n_rows);
	struct str text;

	/* The include of the case stands in the case itself. */
	c.parent.include = &c.include;
	complete_rows(c.arena, c.relation, &c.parent, &c.types, &c.rows);
	text = text_of(&c);
	cr_expect(str_equal_text(text, wanted), "%.*s", STR_FMT(text));
	arena_free(c.arena);
}

Test(complete, rows_stay_in_the_order_of_their_owners)
{
	expect((const int64_t[]){ 9, 4 }, 2,
	    (const char *const[]){ "password", "x", "username" },
	    (const int64_t[]){ 4, 9, 9 }, 3,
	    "4:password 4:username 9:x 9:username 9:password ");
}

Test(complete, owners_that_come_twice_are_listed_once)
{
	expect((const int64_t[]){ 7, 3, 7, 3 }, 4,
	    (const char *const[]){ "username", "password" },
	    (const int64_t[]){ 7, 7 }, 2,
	    "3:username 3:password 7:username 7:password ");
}

Test(complete, no_owner_has_no_rows)
{
	expect(NULL, 0, NULL, NULL, 0, "");
}
