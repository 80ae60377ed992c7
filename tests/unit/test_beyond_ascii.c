/*
 * Text beyond ASCII wherever JSON is read: rows of an import, bodies of
 * requests, answers of tested systems. What a text may hold must not depend on
 * the version of the parser.
 */
#include <config.h>

#include <criterion/criterion.h>
#include <string.h>

#include "ctl/import/row.h"
#include "engine/input.h"
#include "probe/json_reader.h"
#include "schema/tables.h"

static struct arena *arena;

static void
start(void)
{
	arena = arena_new(16384);
}

static void
done(void)
{
	arena_free(arena);
}

/* Texts of one to four bytes a letter, first, last and alone. */
static const char *const good[] = {
	"a",
	"\xC3\xBC",
	("B\xC3\xBC"
	 "cher"),
	"\xC3\xBC\xC3\xB6\xC3\xA4",
	"caf\xC3\xA9 \xE2\x82\xAC",
	"\xE2\x82\xAC",
	"\xE6\x9D\xB1\xE4\xBA\xAC",
	"\xF0\x9F\x98\x80",
	"x\xF0\x9F\x98\x80y",
	"\xF4\x8F\xBF\xBF",
	"x\xEF\xBB\xBF",
	"\xEF\xBF\xBD",
	"\xC2\x80",
	"\x7F",
	"a\xCC\x88",
};

/* No UTF-8: RFC 3629, 3. */
static const char *const bad[] = {
	"\xFF",
	"\xC3",
	("\xC3"
	 "a"),
	"\xBC",
	"\xC0\x80",
	"\xC1\xBF",
	"\xE2\x82",
	"\xE0\x80\x80",
	"\xED\xA0\x80",
	"\xF0\x9F\x98",
	"\xF0\x80\x80\x80",
	"\xF4\x90\x80\x80",
	"\xF5\x80\x80\x80",
	"\xFC\x80\x80\x80\x80\x80",
};

/* As the value, as a name, or both, with text behind that is not looked at. */
static struct str
object_of(const char *name, const char *value)
{
	struct str text = arena_printf(arena, "{\"%s\":\"%s\"}", name, value);

	/* Nothing but the text itself is allocated: no NUL may be needed. */
	return arena_copy(arena, text);
}

/* What a row says when it is refused: "companies[0]: ...". */
static struct str
fault_of(const struct problem *problem)
{
	return arena_printf(arena, "%.*s: %.*s", STR_FMT(problem->fields->name),
	    STR_FMT(problem->fields->texts->text));
}

static enum error
read_company(struct import_reader *reader, const char *name, struct str *ret)
{
	const struct resource *r = &resource_companies;
	struct problem problem = { .arena = arena };
	struct import_row row;
	enum error error = import_row_read(reader, arena, r,
	    arena_printf(arena, "{\"id\":1,\"name\":\"%s\"}", name), 0, &row,
	    &problem);

	*ret = error == OK ? row.values[import_column(r, "name")].text
			   : fault_of(&problem);
	return error;
}

Test(beyond_ascii, rows_of_an_import, .init = start, .fini = done)
{
	struct import_reader *reader = import_reader_new();
	struct str said;

	/* Good and bad in turn: nothing of one row reaches the next. */
	for (size_t i = 0; i < N_ELEMENTS(good); i++) {
		cr_expect_eq(read_company(reader, good[i], &said), OK,
		    "%s: %.*s", good[i], STR_FMT(said));
		cr_expect(str_equal_text(said, good[i]), "%s", good[i]);
		if (i >= N_ELEMENTS(bad))
			continue;
		cr_expect_eq(read_company(reader, bad[i], &said), ERROR_INVALID,
		    "%zu", i);
		cr_expect(
		    str_starts_with(said, STR("companies[0]: is no JSON")),
		    "%zu: %.*s", i, STR_FMT(said));
	}
	import_reader_free(reader);
}

Test(beyond_ascii, columns_of_an_import_it_has_not, .init = start, .fini = done)
{
	struct import_reader *reader = import_reader_new();
	struct problem problem = { .arena = arena };
	struct import_row row;

	cr_expect_eq(import_row_read(reader, arena, &resource_companies,
			 object_of("n\xC3\xA4me", "x"), 0, &row, &problem),
	    ERROR_INVALID);
	cr_expect(str_equal(fault_of(&problem),
	    STR("companies[0].n\xC3\xA4me: there is no such column")));
	import_reader_free(reader);
}

Test(beyond_ascii, bodies, .init = start, .fini = done)
{
	const struct str json = STR("application/json");
	struct problem problem = { .arena = arena };
	struct node node;

	for (size_t i = 0; i < N_ELEMENTS(good); i++) {
		cr_expect_eq(input_parse(arena, json,
				 object_of(good[i], good[i]), &node, &problem),
		    OK, "%s: %.*s", good[i], STR_FMT(problem.message));
		cr_assert_eq(node.n_children, 1, "%s", good[i]);
		cr_expect(str_equal_text(node.children->name, good[i]));
		cr_expect(str_equal_text(node.children->raw, good[i]));
	}
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		cr_expect_eq(input_parse(arena, json, object_of("a", bad[i]),
				 &node, &problem),
		    ERROR_BAD_REQUEST, "%zu", i);
}

Test(beyond_ascii, answers, .init = start, .fini = done)
{
	for (size_t i = 0; i < N_ELEMENTS(good); i++) {
		struct str text = object_of(good[i], good[i]);

		cr_expect(json_reader_accepts(text), "%s", good[i]);
		cr_expect(
		    str_equal_text(
			json_reader_at(arena, text, str_of(good[i])), good[i]),
		    "%s", good[i]);
		/* A text alone, and with blanks behind. */
		text = arena_printf(arena, "\"%s\"", good[i]);
		cr_expect(json_reader_accepts(text), "%s", text.ptr);
		text = arena_printf(arena, "[\"%s\"] \r\n", good[i]);
		cr_expect(json_reader_accepts(text), "%s", text.ptr);
	}
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		cr_expect(
		    !json_reader_accepts(object_of("a", bad[i])), "%zu", i);
		cr_expect(
		    !json_reader_accepts(object_of(bad[i], "a")), "%zu", i);
	}
}

/* What each version of the parser once read in another way. */
static const struct {
	const char *text;
	bool is_json;
	const char *value; /* of "a" */
} odd[] = {
	{ "{\"a\":98765432109876543210}", true, "98765432109876543210" },
	{ "{\"a\":\"1\t2\"}", true, "1\t2" },
	{ "{\"a\":\"\\ud83d!\"}", true, "\xEF\xBF\xBD!" },
	{ "{\"a\":\"\\ud83d\\ude00\"}", true, "\xF0\x9F\x98\x80" },
	{ "{\"\\u0061\":\"\xC3\xBC\"}", true, "\xC3\xBC" },
	{ "true", true, "" },
	{ " null ", true, "" },
	{ "-0.5e-3", true, "" },
	{ "\"\"", true, "" },
	{ "tru", false, "" },
	{ "TRUE", false, "" },
	{ "nullx", false, "" },
	{ "{\"a\":\"b\",}", false, "" },
	{ "[\"a\",]", false, "" },
	{ "{'a':'b'}", false, "" },
	{ "{\"a\":\"b\"} // c", false, "" },
	{ "/* c */ {\"a\":\"b\"}", false, "" },
	{ "{\"a\":\"b\"}{}", false, "" },
	{ "{\"a\":Infinity}", false, "" },
	{ "{\"a\":\"\\q\"}", false, "" },
};

Test(beyond_ascii, odd_answers, .init = start, .fini = done)
{
	for (size_t i = 0; i < N_ELEMENTS(odd); i++) {
		struct str text = str_of(odd[i].text);

		cr_expect_eq(json_reader_accepts(text), odd[i].is_json, "%s",
		    odd[i].text);
		cr_expect(str_equal_text(json_reader_at(arena, text, STR("a")),
			      odd[i].value),
		    "%s", odd[i].text);
	}
}

/* Outside of texts nothing beyond ASCII has a place. */
static const char *const outside[] = {
	"\xC2\xA0{}",
	"{}\xC2\xA0",
	"{} \xFF",
	"\xEF\xBB\xBF{}",
	"{\"a\":1\xC3\xBC}",
	"{\"a\"\xE2\x80\x8B:1}",
};

Test(beyond_ascii, outside_of_texts, .init = start, .fini = done)
{
	const struct str json = STR("application/json");
	struct problem problem = { .arena = arena };
	struct node node;

	for (size_t i = 0; i < N_ELEMENTS(outside); i++) {
		struct str text = str_of(outside[i]);

		cr_expect_eq(input_parse(arena, json, text, &node, &problem),
		    ERROR_BAD_REQUEST, "%s", outside[i]);
		cr_expect(!json_reader_accepts(text), "%s", outside[i]);
	}
}
