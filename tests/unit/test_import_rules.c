/*
 * src/ctl/import/cell.c: what every column of an import demands, by the
 * tables of src/schema.
 */
#include <config.h>

#include <criterion/criterion.h>

#include "ctl/import/row.h"
#include "schema/tables.h"

struct fixture {
	struct arena *arena;
	struct import_reader *reader;
	struct problem problem;
	struct import_row row;
};

static void
start(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_new(65536),
		.reader = import_reader_new() };
}

static void
done(struct fixture *f)
{
	import_reader_free(f->reader);
	arena_free(f->arena);
}

/* What is said of a row with one member, by commas; empty: nothing. */
static struct str
faults(struct fixture *f, const struct resource *r, const char *column,
    const char *value)
{
	struct str text = arena_printf(f->arena, "{\"%s\":%s}", column, value);
	struct str said = STR("");

	f->problem = (struct problem){ .arena = f->arena };
	(void)import_row_read(
	    f->reader, f->arena, r, text, 3, &f->row, &f->problem);
	for (struct problem_field *p = f->problem.fields; p; p = p->next)
		for (struct problem_text *t = p->texts; t; t = t->next)
			said = arena_printf(f->arena, "%.*s%s%.*s: %.*s",
			    STR_FMT(said), said.len == 0 ? "" : ", ",
			    STR_FMT(p->name), STR_FMT(t->text));
	return said;
}

static const struct value *
value_of(const struct fixture *f, const struct resource *r, const char *name)
{
	return &f->row.values[import_column(r, name)];
}

static bool
is_blank_nothing(const struct column *c)
{
	return (c->flags & (COLUMN_RAW | COLUMN_DERIVED)) == 0 &&
	       (c->type == COLUMN_TEXT || c->type == COLUMN_MASKED);
}

static void
expect_blank(struct fixture *f, const struct resource *r,
    const struct column *c, const char *blank)
{
	struct str said = faults(f, r, c->name, blank);
	struct str wanted = STR("");

	if ((c->flags & COLUMN_NULLABLE) == 0)
		wanted = arena_printf(
		    f->arena, "%s[3].%s: must not be empty", r->name, c->name);
	cr_expect(str_equal(said, wanted), "%s.%s %s: %.*s", r->name, c->name,
	    blank, STR_FMT(said));
	cr_expect_eq(value_of(f, r, c->name)->type, VALUE_NULL);
	cr_expect(f->row.given[import_column(r, c->name)]);
}

/* As in a body: of blanks alone nothing is left. */
Test(import_rules, no_text_is_blank)
{
	static const char *const blanks[] = { "\"\"", "\" \"",
		"\"\\u00a0\\n\"" };
	struct fixture f;
	size_t n = 0;

	start(&f);
	for (size_t i = 0; i < n_resources; i++)
		for (size_t k = 0; k < resources[i]->n_columns; k++) {
			const struct column *c = &resources[i]->columns[k];

			if (resources[i]->internal || !is_blank_nothing(c))
				continue;
			for (size_t b = 0; b < N_ELEMENTS(blanks); b++)
				expect_blank(&f, resources[i], c, blanks[b]);
			n++;
		}
	cr_expect_gt(n, 50);
	done(&f);
}

Test(import_rules, raw_texts_are_kept_as_they_are)
{
	struct fixture f;

	start(&f);
	cr_expect_eq(faults(&f, &resource_variables, "value", "\" \"").len, 0);
	cr_expect(str_equal_text(
	    value_of(&f, &resource_variables, "value")->text, " "));
	cr_expect_eq(faults(&f, &resource_filters, "value", "\"\"").len, 0);
	cr_expect_eq(
	    value_of(&f, &resource_filters, "value")->type, VALUE_TEXT);
	/* And so are blanks around others. */
	cr_expect_eq(faults(&f, &resource_variables, "label", "\" a\"").len, 0);
	cr_expect(str_equal_text(
	    value_of(&f, &resource_variables, "label")->text, " a"));
	done(&f);
}

#define IMPLEMENTATIONS &resource_authentication_implementations

static const struct {
	const struct resource *resource;
	const char *column, *value;
	const char *says; /* behind the path */
} cases[] = {
	{ &resource_users, "email", "\"ada\"", "must be an e-mail" },
	{ &resource_users, "email", "\"@x.test\"", "must be an e-mail" },
	{ &resource_users, "email", "\"ada@\"", "must be an e-mail" },
	{ &resource_logos, "url", "\"javascript:1\"", "must be an http" },
	{ &resource_logos, "url", "\"data:,x\"", "must be an http" },
	{ &resource_logos, "url", "\"logo.png\"", "must be an http" },
	{ &resource_logos, "mime_type", "\"png\"", "must be a media type" },
	{ &resource_systems, "help_link", "\"javascript:1\"",
	    "must be an http" },
	{ &resource_systems, "help_link", "\"ftp://x/\"", "must be an http" },
	{ &resource_systems, "help_link", "\"https://\"", "must be an http" },
	{ &resource_systems, "protocol", "\"http\"", "must be one of HTTP" },
	{ &resource_systems, "rate_limit_unit", "\"week\"",
	    "must be one of second" },
	{ &resource_systems, "rate_limit_duration", "0", "must be an int" },
	{ &resource_systems, "rate_limit_duration", "2147483648",
	    "must be an int" },
	{ &resource_systems, "id", "9007199254740992", "must be an int" },
	{ &resource_systems, "logo_id", "9007199254740992", "must be an int" },
	{ &resource_authentication_types, "key", "\"bearer\"",
	    "must be one of none, basic" },
	{ &resource_authentication_types, "key", "\"Basic\"",
	    "must be one of none, basic" },
	{ &resource_authentication_types, "key", "\"oauth2\"",
	    "must be one of none, basic" },
	{ IMPLEMENTATIONS, "url", "\"https://{{host/\"", "has a {{ (byte 8)" },
	{ IMPLEMENTATIONS, "url", "\"ftp://{{host}}/\"", "must be an http" },
	{ IMPLEMENTATIONS, "test_url", "\"https://{{}}/\"", "has a {{" },
	{ IMPLEMENTATIONS, "test_url", "\"{{a b}}\"", "has a {{" },
	{ IMPLEMENTATIONS, "additional_url_1", "\"javascript:1\"",
	    "must be an http" },
	{ IMPLEMENTATIONS, "headers", "[]", "must be an object" },
	{ IMPLEMENTATIONS, "headers", "{\"a b\":\"\"}", "member 1 has a name" },
	{ IMPLEMENTATIONS, "headers", "{\"a\":[]}", "must be an object of" },
	{ IMPLEMENTATIONS, "query", "{\"a\":\"{{\"}", "member 1 has a {{" },
	{ IMPLEMENTATIONS, "query", "{\"a\":{}}", "must be an object of" },
	{ IMPLEMENTATIONS, "body", "\"{{a}\"", "has a {{ (byte 0)" },
	{ IMPLEMENTATIONS, "expected_status", "\"abc\"", "must be statuses" },
	{ IMPLEMENTATIONS, "expected_status", "\"2xx\"", "must be statuses" },
	{ IMPLEMENTATIONS, "expected_status", "\"99\"", "must be statuses" },
	{ IMPLEMENTATIONS, "token_path", "\"a..b\"", "must be names" },
	{ IMPLEMENTATIONS, "http_method", "\"FETCH\"",
	    "must be one of CONNECT" },
	{ IMPLEMENTATIONS, "body_format", "\"yaml\"", "must be one of none" },
	{ &resource_endpoints, "endpoint", "\"/a/{{b\"", "has a {{" },
	{ &resource_platform_apps, "key", "\" app\"", "must not begin or" },
	{ &resource_sessions, "id", "\"a,b\"", "must have no comma" },
	{ &resource_sessions, "id", "\"a \"", "must have no comma" },
	{ &resource_sessions, "platform_session_id", "\"a,b\"",
	    "must have no comma" },
	{ &resource_certificates, "fingerprint_sha256", "\"ab:cd\"",
	    "must be 64 hex" },
	{ &resource_connectors, "timezone", "\"Mars/Base\"",
	    "must be a time zone" },
	{ &resource_connectors, "timezone", "\"utc\"", "must be a time zone" },
	{ &resource_connectors, "timezone", "\" UTC\"", "must be a time zone" },
	{ &resource_connectors, "canonical_key", "\"12\"",
	    "must be what a path" },
	{ &resource_connectors, "canonical_key", "\"a/b\"",
	    "must be what a path" },
	{ &resource_connectors, "canonical_key", "\"..\"",
	    "must be what a path" },
	{ &resource_connectors, "date_format",
	    "\"0123456789012345678901234567890123456789012345678901234567890"
	    "1234\"",
	    "must not be longer than 64 characters" },
	{ &resource_variables, "key", "\"a b\"", "must be letters" },
	{ &resource_variables, "key", "\"1\"", "must be letters" },
	{ &resource_variables, "key", "\"{{a}}\"", "must be letters" },
};

Test(import_rules, columns_demand_what_bodies_and_tests_do)
{
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct str path = arena_printf(f.arena, "%s[3].%s: %s",
		    cases[i].resource->name, cases[i].column, cases[i].says);
		struct str said = faults(
		    &f, cases[i].resource, cases[i].column, cases[i].value);

		cr_expect(str_starts_with(said, path), "%s: %.*s",
		    cases[i].value, STR_FMT(said));
		cr_expect(f.row.is_refused);
	}
	done(&f);
}

/* Members whose names are written with escapes are the same members. */
Test(import_rules, what_is_checked_is_what_is_stored)
{
	const struct resource *r = IMPLEMENTATIONS;
	struct fixture f;
	struct str text =
	    STR("{\"headers\":[1],\"he\\u0061ders\":{\"A\":\"b\"}}");

	start(&f);
	f.problem = (struct problem){ .arena = f.arena };
	cr_expect_eq(
	    import_row_read(f.reader, f.arena, r, text, 0, &f.row, &f.problem),
	    OK);
	cr_expect(
	    str_equal_text(value_of(&f, r, "headers")->text, "{\"A\":\"b\"}"));
	done(&f);
}

Test(import_rules, all_faults_of_a_row_are_told)
{
	const struct resource *r = &resource_connectors;
	struct fixture f;
	const struct problem_field *p;
	size_t n = 0;

	start(&f);
	f.problem = (struct problem){ .arena = f.arena };
	cr_expect_eq(
	    import_row_read(f.reader, f.arena, r,
		STR("{\"id\":0,\"name\":\"\",\"timezone\":\"x\",\"nope\":1,"
		    "\"version\":2}"),
		7, &f.row, &f.problem),
	    ERROR_INVALID);
	(void)import_row_check_complete(r, &f.row, &f.problem);
	for (p = f.problem.fields; p != NULL; p = p->next)
		n++;
	/* And company_id, implementation, date_format, rate limit and its
	 * unit, canonical_key are missing. */
	cr_expect_eq(n, 11, "%zu", n);
	cr_expect(f.row.is_partial);
	cr_expect(!f.row.is_unknown);
	done(&f);
}

Test(import_rules, faults_have_a_limit)
{
	struct fixture f;

	start(&f);
	f.problem = (struct problem){ .arena = f.arena };
	for (size_t i = 0; i < 300; i++)
		cr_expect_eq(
		    import_row_read(f.reader, f.arena, &resource_companies,
			STR("{\"id\":0,\"name\":\"\"}"), i, &f.row, &f.problem),
		    ERROR_INVALID);
	cr_expect_eq(f.problem.n_texts, IMPORT_MAX_FAULTS);
	done(&f);
}
