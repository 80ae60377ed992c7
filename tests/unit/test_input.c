/*
 * src/engine/input.c
 */
#include <config.h>

#include "engine/input.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define JSON_TYPE "application/json"

struct fixture {
	struct arena *arena;
	struct problem problem;
	struct node node;
	enum error error;
};

static struct fixture *
parse(const char *type, struct str body)
{
	struct arena *arena = arena_new(16384);
	struct fixture *f = ARENA_NEW(arena, struct fixture, 1);

	f->arena = f->problem.arena = arena;
	f->error =
	    input_parse(arena, str_of(type), body, &f->node, &f->problem);
	return f;
}

static struct fixture *
parse_json(const char *body)
{
	struct fixture *f = parse(JSON_TYPE, str_of(body));

	cr_assert_eq(
	    f->error, OK, "%s: %.*s", body, STR_FMT(f->problem.message));
	return f;
}

static void
done(struct fixture *f)
{
	arena_free(f->arena);
}

static const struct {
	const char *type;
	enum error error;
} type_cases[] = {
	{ "application/json", OK },
	{ "APPLICATION/Json", OK },
	{ "application/json; charset=utf-8", OK },
	{ "application/json ;charset=utf-8", OK },
	{ "application/vnd.api+json", OK },
	{ "application/merge-patch+JSON; x=y", OK },
	{ "", ERROR_MEDIA_TYPE },
	{ "text/json", ERROR_MEDIA_TYPE },
	{ "text/plain", ERROR_MEDIA_TYPE },
	{ "application/x-www-form-urlencoded", ERROR_MEDIA_TYPE },
	{ "application/jsonp", ERROR_MEDIA_TYPE },
	{ "application/+jso", ERROR_MEDIA_TYPE },
	{ "image/svg+json", ERROR_MEDIA_TYPE },
	{ "application/xml; x=application/json", ERROR_MEDIA_TYPE },
	{ "xapplication/json", ERROR_MEDIA_TYPE },
};

Test(input, takes_json_media_types_only)
{
	for (size_t i = 0; i < N_ELEMENTS(type_cases); i++) {
		struct fixture *f = parse(type_cases[i].type, STR("{}"));

		cr_expect_eq(
		    f->error, type_cases[i].error, "%s", type_cases[i].type);
		done(f);
	}
}

Test(input, an_empty_body_is_an_empty_object_of_any_type)
{
	struct fixture *f = parse("text/plain", STR(""));

	cr_expect_eq(f->error, OK);
	cr_expect_eq(f->node.kind, NODE_OBJECT);
	cr_expect_eq(f->node.n_children, 0);
	done(f);
	f = parse("", (struct str){ NULL, 0 });
	cr_expect_eq(f->error, OK);
	cr_expect_eq(f->node.kind, NODE_OBJECT);
	done(f);
}

Test(input, malformed_bodies_say_what_and_where)
{
	static const char *const bodies[] = { "{\"a\":1,}", "[]", "5", " ",
		"{}x", "{\"a\":\"\\u0000\"}" };

	for (size_t i = 0; i < N_ELEMENTS(bodies); i++) {
		struct fixture *f = parse(JSON_TYPE, str_of(bodies[i]));
		struct str message = f->problem.message;

		cr_expect_eq(f->error, ERROR_BAD_REQUEST, "%s", bodies[i]);
		while (
		    message.len > 0 && !str_starts_with(message, STR(" byte ")))
			message = str_from(message, 1);
		cr_expect_gt(message.len, 0, "%s: %.*s", bodies[i],
		    STR_FMT(f->problem.message));
		done(f);
	}
}

static const struct {
	const char *json;
	enum node_kind kind;
	int64_t integer;
	const char *text; /* NULL: nothing is left */
	bool is_null;
} value_cases[] = {
	{ "null", NODE_NULL, 0, NULL, true },
	{ "true", NODE_BOOL, 0, NULL, false },
	{ "false", NODE_BOOL, 0, NULL, false },
	{ "0", NODE_INT, 0, NULL, false },
	{ "-0", NODE_INT, 0, NULL, false },
	{ "-12", NODE_INT, -12, NULL, false },
	{ "9223372036854775806", NODE_INT, INT64_MAX - 1, NULL, false },
	{ "9223372036854775808", NODE_NUMBER, 0, NULL, false },
	{ "18446744073709551615", NODE_NUMBER, 0, NULL, false },
	{ "18446744073709551616", NODE_NUMBER, 0, NULL, false },
	{ "-9223372036854775809", NODE_NUMBER, 0, NULL, false },
	{ "123456789012345678901234567890", NODE_NUMBER, 0, NULL, false },
	{ "1.5", NODE_NUMBER, 0, NULL, false },
	{ "12.0", NODE_NUMBER, 0, NULL, false },
	{ "1e3", NODE_NUMBER, 0, NULL, false },
	{ "\"\"", NODE_TEXT, 0, NULL, true },
	{ "\" \\t\"", NODE_TEXT, 0, NULL, true },
	{ "\"\xC2\xA0\xE3\x80\x80\"", NODE_TEXT, 0, NULL, true },
	{ "\" a b \"", NODE_TEXT, 0, "a b", false },
	{ "\"\\u00e9\\uD83D\\uDE00\"", NODE_TEXT, 0, "\xC3\xA9\xF0\x9F\x98\x80",
	    false },
	{ "\"0\"", NODE_TEXT, 0, "0", false },
	{ "[]", NODE_LIST, 0, NULL, false },
	{ "{}", NODE_OBJECT, 0, NULL, false },
};

Test(input, keeps_kinds_apart_and_trims_texts)
{
	for (size_t i = 0; i < N_ELEMENTS(value_cases); i++) {
		const char *json = value_cases[i].json;
		char body[200];
		struct fixture *f;
		const struct node *node;

		snprintf(body, sizeof(body), "{\"a\":%s}", json);
		f = parse_json(body);
		node = node_member(&f->node, "a");
		cr_assert_not_null(node, "%s", json);
		cr_expect_eq(node->kind, value_cases[i].kind, "%s: %d", json,
		    (int)node->kind);
		if (node->kind == NODE_INT)
			cr_expect_eq(
			    node->integer, value_cases[i].integer, "%s", json);
		cr_expect(str_equal_text(node->text, value_cases[i].text), "%s",
		    json);
		cr_expect_eq(node->text.ptr == NULL,
		    value_cases[i].text == NULL, "%s", json);
		cr_expect_eq(
		    node_is_null(node), value_cases[i].is_null, "%s", json);
		done(f);
	}
}

Test(input, keeps_texts_as_they_were_sent_too)
{
	struct fixture *f = parse_json("{\"a\":\" s \",\"b\":\"  \"}");
	const struct node *a = node_member(&f->node, "a");
	const struct node *b = node_member(&f->node, "b");

	cr_expect(str_equal_text(a->raw, " s "));
	cr_expect(str_equal_text(b->raw, "  "));
	cr_expect_null(b->text.ptr);
	done(f);
}

Test(input, of_two_members_the_last_counts)
{
	struct fixture *f = parse_json("{\"a\":1,\"b\":2,\"a\":3}");

	cr_expect_eq(f->node.n_children, 2);
	cr_expect_eq(node_member(&f->node, "a")->integer, 3);
	cr_expect_eq(node_member(&f->node, "b")->integer, 2);
	done(f);
}

static const struct node *
item(const struct node *list, size_t i)
{
	const struct node *found = list->children;

	cr_assert_eq(list->kind, NODE_LIST);
	for (; i > 0; i--)
		found = found->next;
	return found;
}

Test(input, finds_members_and_items)
{
	struct fixture *f = parse_json("{\"l\":[1,[2],{\"x\":3}],\"n\":null}");
	const struct node *list = node_member(&f->node, "l");

	cr_assert_not_null(list);
	cr_expect_eq(list->n_children, 3);
	cr_expect_eq(item(list, 0)->integer, 1);
	cr_expect_eq(item(item(list, 1), 0)->integer, 2);
	cr_expect_eq(node_member(item(list, 2), "x")->integer, 3);
	cr_expect_null(item(list, 2)->next);
	cr_expect_null(node_member(list, "x"));
	cr_expect_null(node_member(&f->node, "L"));
	cr_expect_null(node_member(NULL, "x"));
	cr_expect_eq(node_member(&f->node, "n")->kind, NODE_NULL);
	done(f);
}

Test(input, takes_what_the_checker_takes)
{
	static const char *const values[] = { "0e0", "-0.0", "1E+2", "1e-400",
		"5e-324", "1.7976931348623157e308", "\"\\u0001\\/\"",
		"{\"\":{\"\\u00e9\":[]}}", "\"\\uFFFF\\uDBFF\\uDFFF\"" };
	char body[200];

	for (size_t i = 0; i < N_ELEMENTS(values); i++) {
		snprintf(body, sizeof(body), " { \"a\" : %s } ", values[i]);
		done(parse_json(body));
	}
	/* As deep as allowed: the object itself and 31 lists. */
	snprintf(body, sizeof(body), "{\"a\":%.31s%.31s}",
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
	done(parse_json(body));
}
