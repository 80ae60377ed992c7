/*
 * The pure parts of connectorsctl: src/ctl/import/scan.c, row.c and map.c,
 * src/ctl/migrate_split.c, src/ctl/when.c
 */
#include <config.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ctl/import/map.h"
#include "ctl/import/row.h"
#include "ctl/import/scan.h"
#include "ctl/migrate_split.h"
#include "ctl/when.h"
#include "schema/tables.h"

/* What a scan finds, as "name=value;name=value;" and how it ends. */
static struct str
scan_all(struct arena *arena, const char *text, char bracket)
{
	struct str found = STR("");
	struct str name = STR(""), value;
	enum import_scan_result result;
	struct import_scan scan;

	if (!import_scan_open(&scan, str_of(text), bracket))
		return STR("not open");
	for (;;) {
		result = bracket == '{'
			     ? import_scan_member(&scan, &name, &value)
			     : import_scan_item(&scan, &value);
		if (result != IMPORT_SCAN_FOUND)
			break;
		found = arena_printf(arena, "%.*s%.*s=%.*s;", STR_FMT(found),
		    STR_FMT(name), STR_FMT(value));
	}
	if (result == IMPORT_SCAN_WRONG)
		return arena_printf(arena, "%.*swrong", STR_FMT(found));
	if (!import_scan_is_last(&scan))
		return arena_printf(arena, "%.*smore", STR_FMT(found));
	return found;
}

static const struct {
	const char *name, *text;
	char bracket;
	const char *finds;
} scans[] = {
	{ "empty object", "{}", '{', "" },
	{ "empty array", " [ ] \n", '[', "" },
	{ "mark and blanks", "\xEF\xBB\xBF \r\n\t{ \"a\" : 1 }", '{', "a=1;" },
	{ "members", "{\"a\":[1,{\"b\":[]}],\"c\":\"x\"}", '{',
	    "a=[1,{\"b\":[]}];c=\"x\";" },
	{ "items", "[1, \"a,]\", [2], {\"x\":\"}\"}, null]", '[',
	    "=1;=\"a,]\";=[2];={\"x\":\"}\"};=null;" },
	{ "escapes", "[\"\\\"]\", \"\\\\\"]", '[', "=\"\\\"]\";=\"\\\\\";" },
	{ "escaped name", "{\"a\\\"b\":1}", '{', "a\\\"b=1;" },
	{ "other bracket", "[]", '{', "not open" },
	{ "nothing", "", '{', "not open" },
	{ "no comma", "[1 2]", '[', "=1;wrong" },
	{ "comma at the end", "[1,]", '[', "=1;wrong" },
	{ "comma at the start", "[,1]", '[', "wrong" },
	{ "no colon", "{\"a\" 1}", '{', "wrong" },
	{ "no value", "{\"a\":}", '{', "wrong" },
	{ "name without quotes", "{a:1}", '{', "wrong" },
	{ "open end", "[1", '[', "=1;wrong" },
	{ "open string", "[\"a", '[', "wrong" },
	{ "string ends in a backslash", "[\"a\\", '[', "wrong" },
	{ "open nested", "[[1,[2]", '[', "wrong" },
	{ "text behind", "{} x", '{', "more" },
};

Test(import, scans_pieces)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(scans); i++) {
		struct str found =
		    scan_all(arena, scans[i].text, scans[i].bracket);

		cr_expect_str_eq(
		    found.ptr, scans[i].finds, "%s", scans[i].name);
	}
	arena_free(arena);
}

static const struct {
	const char *text, *stored; /* NULL: refused */
} times[] = {
	{ "2024-01-31T23:59:59.000000Z", "2024-01-31 23:59:59.000000" },
	{ "2024-01-31T23:59:59Z", "2024-01-31 23:59:59.000000" },
	{ "2024-01-31t23:59:59.5z", "2024-01-31 23:59:59.500000" },
	{ "2024-01-31 23:59:59.123456Z", "2024-01-31 23:59:59.123456" },
	{ "2024-03-01T01:30:00+02:00", "2024-02-29 23:30:00.000000" },
	{ "2023-12-31T22:30:00-02:00", "2024-01-01 00:30:00.000000" },
	{ "1969-12-31T23:59:59Z", "1969-12-31 23:59:59.000000" },
	{ "9999-12-31T23:59:59Z", "9999-12-31 23:59:59.000000" },
	{ "9999-12-31T23:59:59-01:00", NULL },
	{ "2023-02-29T00:00:00Z", NULL },
	{ "2024-13-01T00:00:00Z", NULL },
	{ "2024-01-32T00:00:00Z", NULL },
	{ "2024-01-31T24:00:00Z", NULL },
	{ "2024-01-31T00:60:00Z", NULL },
	{ "2024-01-31T00:00:00", NULL },
	{ "2024-01-31T00:00:00.Z", NULL },
	{ "2024-01-31T00:00:00.1234567Z", NULL },
	{ "2024-01-31T00:00:00+0200", NULL },
	{ "2024-01-31T00:00:00Zx", NULL },
	{ "2024-01-31", NULL },
	{ "24-01-31T00:00:00Z", NULL },
	{ "", NULL },
	{ "now", NULL },
};

Test(when, reads_times)
{
	char out[WHEN_SIZE];

	for (size_t i = 0; i < N_ELEMENTS(times); i++) {
		bool is_time = when_parse(str_of(times[i].text), out);

		cr_expect_eq(
		    is_time, times[i].stored != NULL, "%s", times[i].text);
		if (is_time && times[i].stored != NULL)
			cr_expect_str_eq(
			    out, times[i].stored, "%s", times[i].text);
	}
	cr_expect(when_parse_date(STR("2024-02-29"), out));
	cr_expect_str_eq(out, "2024-02-29 00:00:00.000000");
	cr_expect(!when_parse_date(STR("2023-02-29"), out));
	cr_expect(when_parse_date(STR("2024-01-31T12:00:00Z"), out));
}

Test(when, writes_what_is_stored)
{
	char out[WHEN_SIZE];

	cr_expect(when_format(STR("2024-01-31 23:59:59.000001"), out));
	cr_expect_str_eq(out, "2024-01-31T23:59:59.000001Z");
	cr_expect(!when_format(STR("2024-01-31"), out));
	cr_expect(!when_format(STR(""), out));
	when_now(out);
	cr_expect_eq(strlen(out), strlen("2024-01-31 23:59:59.000000"));
}

static const struct {
	const char *name, *text, *finds;
} files[] = {
	{ "nothing", "", "" },
	{ "only comments", "-- a;\n# b;\n/* c; */\n;;", "" },
	{ "two", "SELECT 1;\nSELECT 2;", "SELECT 1|SELECT 2|" },
	{ "no semicolon at the end", "SELECT 1;\n SELECT 2 \n",
	    "SELECT 1|SELECT 2|" },
	{ "quotes", "SELECT ';', \";\", `;`; X", "SELECT ';', \";\", `;`|X|" },
	{ "doubled", "SELECT 'a'';', `b``;`; X", "SELECT 'a'';', `b``;`|X|" },
	{ "backslash", "SELECT 'a\\';', `\\`; X", "SELECT 'a\\';', `\\`|X|" },
	{ "comments inside", "A -- ;\n B /* ; */ C # ;\n D; E",
	    "A -- ;\n B /* ; */ C # ;\n D|E|" },
	{ "no comment", "SELECT 1--2;X", "SELECT 1--2|X|" },
	{ "run comment", "/*! SELECT 1 */; X", "/*! SELECT 1 */|X|" },
	{ "comment before", "-- it's\nSELECT 1;", "SELECT 1|" },
	{ "open quote", "A; SELECT 'x;", "A|unclosed" },
	{ "open comment", "A; /* x;", "A|unclosed" },
	{ "open comment of three bytes", "/*/", "unclosed" },
};

Test(migrate, splits_statements)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(files); i++) {
		struct str rest = str_of(files[i].text), text;
		struct str found = STR("");
		enum split split;

		while ((split = migrate_split(&rest, &text)) == SPLIT_STATEMENT)
			found = arena_printf(
			    arena, "%.*s%.*s|", STR_FMT(found), STR_FMT(text));
		if (split == SPLIT_UNCLOSED)
			found =
			    arena_printf(arena, "%.*sunclosed", STR_FMT(found));
		cr_expect_str_eq(
		    found.ptr, files[i].finds, "%s", files[i].name);
	}
	arena_free(arena);
}

Test(import, maps_numbers)
{
	struct import_map map = { 0 };

	cr_expect_eq(import_map_find(&map, 1), NULL);
	for (int64_t i = -5000; i < 5000; i++)
		cr_assert(import_map_add(&map, i * 7919, i));
	for (int64_t i = -5000; i < 5000; i++) {
		const int64_t *found = import_map_find(&map, i * 7919);

		cr_assert_not_null(found);
		cr_expect_eq(*found, i);
		cr_expect(!import_map_add(&map, i * 7919, 0));
	}
	cr_expect_eq(map.count, 10000);
	cr_expect_eq(import_map_find(&map, 1), NULL);
	import_map_done(&map);
}

/* A row that is read by itself. */
struct fixture {
	struct arena *arena;
	struct import_reader *reader;
	struct problem problem;
	struct import_row row;
};

static struct fixture *
start(void)
{
	struct arena *arena = arena_new(16384);
	struct fixture *f = ARENA_NEW(arena, struct fixture, 1);

	f->arena = f->problem.arena = arena;
	f->reader = import_reader_new();
	return f;
}

static void
done(struct fixture *f)
{
	import_reader_free(f->reader);
	arena_free(f->arena);
}

static enum error
read_row(struct fixture *f, const struct resource *resource, struct str text)
{
	enum error error;

	f->problem = (struct problem){ .arena = f->arena };
	error = import_row_read(
	    f->reader, f->arena, resource, text, 4, &f->row, &f->problem);
	if (error == OK)
		error =
		    import_row_check_complete(resource, &f->row, &f->problem);
	return error;
}

/* The first thing that is wrong: "companies[4].name: must be a string". */
static struct str
first_fault(const struct fixture *f)
{
	const struct problem_field *field = f->problem.fields;

	if (field == NULL)
		return STR("");
	return arena_printf(f->arena, "%.*s: %.*s", STR_FMT(field->name),
	    STR_FMT(field->texts->text));
}

/* Refused rows of system_templates, and the beginning of the message. */
#define REST "\"label\":\"l\",\"version_name\":\"v\",\"system_type_id\":1}"
static const struct {
	const char *text, *says;
} refused[] = {
	{ "5", "system_templates[4]: must be an object" },
	{ "null", "system_templates[4]: must be an object" },
	{ "[]", "system_templates[4]: must be an object" },
	{ "{", "system_templates[4]: is no JSON" },
	{ "{\"id\":1,}", "system_templates[4]: is no JSON" },
	{ "{\"id\":1}x", "system_templates[4]: is no JSON" },
	{ "{'id':1}", "system_templates[4]: is no JSON" },
	{ "{\"name\":\"\xFF\"}", "system_templates[4]: is no JSON" },
	{ "{\"colour\":1}", "system_templates[4].colour: there is no such" },
	{ "{\"id\":\"1\"}", "system_templates[4].id: must be an integer" },
	{ "{\"id\":1.0}", "system_templates[4].id: must be an integer" },
	{ "{\"id\":true}", "system_templates[4].id: must be an integer" },
	{ "{\"id\":0}", "system_templates[4].id: must be an integer from 1" },
	{ "{\"id\":-1}", "system_templates[4].id: must be an integer" },
	{ "{\"id\":9223372036854775807}",
	    "system_templates[4].id: must be an integer" },
	{ "{\"id\":9223372036854775808}", "system_templates[4]" },
	{ "{\"id\":99999999999999999999}", "system_templates[4]" },
	{ "{\"id\":NaN}", "system_templates[4]: is no JSON" },
	{ "{\"id\":null}", "system_templates[4].id: must not be null" },
	{ "{\"version\":2147483648}",
	    "system_templates[4].version: must be an integer from 0 to "
	    "2147483647" },
	{ "{\"name\":1}", "system_templates[4].name: must be a string" },
	{ "{\"name\":null}", "system_templates[4].name: must not be null" },
	{ "{\"name\":\"a\\u0000\"}", "system_templates[4]: is no JSON" },
	{ "{\"created_at\":\"2024\"}",
	    "system_templates[4].created_at: must be a time" },
	{ "{\"created_at\":7}",
	    "system_templates[4].created_at: must be a time" },
	{ "{\"id\":1,\"name\":\"n\"," REST,
	    "system_templates[4].version: is missing" },
	{ "{\"version\":1,\"name\":\"n\"," REST,
	    "system_templates[4].id: is missing" },
};

Test(import, refuses_rows_by_their_path)
{
	struct fixture *f = start();

	for (size_t i = 0; i < N_ELEMENTS(refused); i++) {
		cr_expect_eq(read_row(f, &resource_system_templates,
				 str_of(refused[i].text)),
		    ERROR_INVALID, "%s", refused[i].text);
		cr_expect(
		    str_starts_with(first_fault(f), str_of(refused[i].says)),
		    "%s: %s", refused[i].text, first_fault(f).ptr);
	}
	done(f);
}

static enum error
read_name(struct fixture *f, const char *letter, int n)
{
	struct str name = STR("");

	for (int i = 0; i < n; i++)
		name = arena_printf(f->arena, "%.*s%s", STR_FMT(name), letter);
	return read_row(f, &resource_companies,
	    arena_printf(
		f->arena, "{\"id\":1,\"name\":\"%.*s\"}", STR_FMT(name)));
}

Test(import, counts_characters)
{
	struct fixture *f = start();

	cr_expect_eq(read_name(f, "\xC3\xBC", 255), OK);
	cr_expect_eq(read_name(f, "\xC3\xBC", 256), ERROR_INVALID);
	cr_expect_eq(read_name(f, "\\u00fc", 255), OK);
	done(f);
}

Test(import, limits_depth)
{
	struct fixture *f = start();

	cr_expect_eq(
	    read_row(f, &resource_endpoint_schemas,
		STR("{\"id\":1,\"endpoint_id\":1,\"schema\":"
		    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]"
		    "]]]]]]]]]]]]]]]]]]]}")),
	    ERROR_INVALID);
	done(f);
}

Test(import, checks_lists_objects_and_booleans)
{
	static const char *const texts[] = {
		"{\"http_method\":\"get\"}",
		"{\"headers\":[]}",
		"{\"headers\":\"{}\"}",
		"{\"body_format\":7}",
	};
	struct fixture *f = start();

	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		cr_expect_eq(
		    read_row(f, &resource_authentication_implementations,
			str_of(texts[i])),
		    ERROR_INVALID, "%s", texts[i]);
	cr_expect_eq(read_row(f, &resource_variables, STR("{\"secret\":1}")),
	    ERROR_INVALID);
	cr_expect_eq(
	    read_row(f, &resource_variables, STR("{\"value_sealed\":\"x\"}")),
	    ERROR_INVALID);
	cr_expect_eq(read_row(f, &resource_connectors, STR("{\"version\":1}")),
	    ERROR_INVALID);
	done(f);
}

static const struct value *
value_of(const struct fixture *f, const struct resource *r, const char *name)
{
	return &f->row.values[import_column(r, name)];
}

#define IMPLEMENTATION                                             \
	"{\"id\":1,\"system_id\":2,\"authentication_type_id\":3,"  \
	"\"name\":\"n\",\"headers\":{ \"b\" : 1.50, \"a\":\"\" }," \
	"\"query\":null}"

Test(import, keeps_json_and_fills_defaults)
{
	const struct resource *r = &resource_authentication_implementations;
	struct fixture *f = start();

	cr_assert_eq(read_row(f, r, STR(IMPLEMENTATION)), OK);
	import_row_fill(f->arena, r, &f->row, STR("now"));
	cr_expect(str_equal_text(
	    value_of(f, r, "headers")->text, "{ \"b\" : 1.50, \"a\":\"\" }"));
	cr_expect(str_equal_text(value_of(f, r, "query")->text, "{}"));
	cr_expect(
	    str_equal_text(value_of(f, r, "expected_status")->text, "200-299"));
	cr_expect(str_equal_text(value_of(f, r, "created_at")->text, "now"));
	cr_expect_eq(value_of(f, r, "url")->type, VALUE_NULL);
	import_row_compare(f->reader, r, &f->row, STR("now"));
	cr_expect_eq(f->row.fate, IMPORT_INSERTED);
	done(f);
}

/* Reads the row again as one that is stored with other times, and compares. */
static enum import_fate
compare_with(struct fixture *f, const char *text)
{
	const struct resource *r = &resource_authentication_implementations;
	struct import_row stored = f->row;

	stored.values[import_column(r, "updated_at")] =
	    value_text(STR("before"));
	cr_assert_eq(read_row(f, r, str_of(text)), OK);
	f->row.stored = stored.values;
	import_row_fill(f->arena, r, &f->row, STR("now"));
	import_row_compare(f->reader, r, &f->row, STR("now"));
	return f->row.fate;
}

Test(import, compares_with_what_is_stored)
{
	const struct resource *r = &resource_authentication_implementations;
	struct fixture *f = start();

	cr_assert_eq(read_row(f, r, STR(IMPLEMENTATION)), OK);
	import_row_fill(f->arena, r, &f->row, STR("then"));
	cr_expect_eq(compare_with(f, IMPLEMENTATION), IMPORT_UNCHANGED);
	cr_expect(str_equal_text(value_of(f, r, "updated_at")->text, "before"));
	/* The same object in other words. */
	cr_expect_eq(
	    compare_with(f,
		"{\"id\":1,\"system_id\":2,\"authentication_type_id\":3,"
		"\"name\":\"n\",\"headers\":{\"a\":\"\",\"b\":1.50}}"),
	    IMPORT_UNCHANGED);
	cr_expect_eq(
	    compare_with(f,
		"{\"id\":1,\"system_id\":2,\"authentication_type_id\":3,"
		"\"name\":\"other\"}"),
	    IMPORT_UPDATED);
	cr_expect(str_equal_text(value_of(f, r, "updated_at")->text, "now"));
	cr_expect(str_equal_text(value_of(f, r, "created_at")->text, "then"));
	done(f);
}

#define NUMBER(text)                                              \
	"{\"id\":1,\"system_id\":2,\"authentication_type_id\":3," \
	"\"name\":\"n\",\"headers\":{\"a\":" text "}}"

/* Pairs that are one number for a machine. */
static const struct {
	const char *stored, *given;
} numbers[] = {
	{ NUMBER("98765432109876543210"), NUMBER("98765432109876543211") },
	{ NUMBER("-9223372036854775809"), NUMBER("-9223372036854775810") },
	{ NUMBER("0.10"), NUMBER("0.1") },
	{ NUMBER("1e2"), NUMBER("100.0") },
	{ NUMBER("9007199254740993.0"), NUMBER("9007199254740992.0") },
	{ NUMBER("5"), NUMBER("\"5\"") },
};

Test(import, compares_numbers_as_they_are_written)
{
	const struct resource *r = &resource_authentication_implementations;
	struct fixture *f = start();

	for (size_t i = 0; i < N_ELEMENTS(numbers); i++) {
		cr_assert_eq(read_row(f, r, str_of(numbers[i].stored)), OK);
		import_row_fill(f->arena, r, &f->row, STR("then"));
		cr_expect_eq(compare_with(f, numbers[i].given), IMPORT_UPDATED,
		    "%s", numbers[i].given);
	}
	done(f);
}

Test(import, keeps_numbers_whatever_the_name_is_spelled_like)
{
	const struct resource *r = &resource_authentication_implementations;
	struct fixture *f = start();

	cr_assert_eq(
	    read_row(f, r,
		STR("{\"id\":1,\"system_id\":2,\"authentication_type_id\":3,"
		    "\"name\":\"n\",\"h\\u0065aders\":"
		    "{\"a\": 98765432109876543210}}")),
	    OK);
	cr_expect(str_equal_text(
	    value_of(f, r, "headers")->text, "{\"a\": 98765432109876543210}"));
	done(f);
}
