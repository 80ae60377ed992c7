/*
 * src/probe/template.c
 */
#include <config.h>

#include "probe/template.h"

#include <criterion/criterion.h>

#define TEXT(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct probe_variable variables[] = {
	{ .key = TEXT("a"), .value = TEXT("1") },
	{ .key = TEXT("empty"), .value = TEXT("") },
	{ .key = TEXT("none"), .value = { NULL, 0 } },
	{ .key = TEXT("odd"), .value = TEXT("a b&c=d/e?f#g%\"'<>\\+~") },
	{ .key = TEXT("line"), .value = TEXT("x\r\nEvil: 1") },
	{ .key = TEXT("nul"), .value = TEXT("x\0y") },
	{ .key = TEXT("again"), .value = TEXT("{{a}}") },
	{ .key = TEXT("key"), .value = TEXT("s3cret"), .secret = true },
	{ .key = TEXT("host"), .value = TEXT("api.example.com") },
	{ .key = TEXT("port"), .value = TEXT("8443") },
	{ .key = TEXT("v6"), .value = TEXT("[2606:4700::1]") },
	{ .key = TEXT("scheme"), .value = TEXT("https") },
	{ .key = TEXT("base"), .value = TEXT("https://h.example/a?b=c d") },
	{ .key = TEXT("evil"), .value = TEXT("evil.example/") },
	{ .key = TEXT("user"), .value = TEXT("good.example@evil.example") },
	{ .key = TEXT("utf8"), .value = TEXT("h\xC3\xBClle") },
	{ .key = TEXT("dot"), .value = TEXT(".") },
	{ .key = TEXT("dots"), .value = TEXT("..") },
	{ .key = TEXT("tab"), .value = TEXT("a\tb") },
	{ .key = TEXT("delete"),
	    .value = TEXT("a\x7F"
			  "b") },
	{ .key = TEXT("escape"),
	    .value = TEXT("a\x1B"
			  "b") },
	{ .key = TEXT("next"),
	    .value = TEXT("a\xC2\x85"
			  "b") },
	{ .key = TEXT("base_url"), .value = TEXT("https://h.example/a") },
	{ .key = TEXT("folder"), .value = TEXT("https://h.example/a/") },
	{ .key = TEXT("dotted.key-1_x"), .value = TEXT("d") },
};

static const struct {
	const char *text;
	enum template_place place;
	const char *result; /* NULL: a fault */
	enum template_fault fault;
	const char *key; /* at fault */
} cases[] = {
	{ "", TEMPLATE_RAW, "", TEMPLATE_OK, "" },
	{ "plain", TEMPLATE_RAW, "plain", TEMPLATE_OK, "" },
	{ "{{a}}", TEMPLATE_RAW, "1", TEMPLATE_OK, "" },
	{ "x{{a}}y{{a}}z", TEMPLATE_RAW, "x1y1z", TEMPLATE_OK, "" },
	{ "{{a}}{{a}}", TEMPLATE_RAW, "11", TEMPLATE_OK, "" },
	{ "{{ a }}", TEMPLATE_RAW, "1", TEMPLATE_OK, "" },
	{ "{{dotted.key-1_x}}", TEMPLATE_RAW, "d", TEMPLATE_OK, "" },
	{ "{{empty}}", TEMPLATE_RAW, "", TEMPLATE_OK, "" },
	{ "{{again}}", TEMPLATE_RAW, "{{a}}", TEMPLATE_OK, "" },
	{ "{{{a}}}", TEMPLATE_RAW, "{1}", TEMPLATE_OK, "" },
	{ "{\"x\":{{a}}}", TEMPLATE_RAW, "{\"x\":1}", TEMPLATE_OK, "" },
	{ "{{", TEMPLATE_RAW, "{{", TEMPLATE_OK, "" },
	{ "{{a", TEMPLATE_RAW, "{{a", TEMPLATE_OK, "" },
	{ "{{a}", TEMPLATE_RAW, "{{a}", TEMPLATE_OK, "" },
	{ "{{}}", TEMPLATE_RAW, "{{}}", TEMPLATE_OK, "" },
	{ "{{1a}}", TEMPLATE_RAW, "{{1a}}", TEMPLATE_OK, "" },
	{ "{{a b}}", TEMPLATE_RAW, "{{a b}}", TEMPLATE_OK, "" },
	{ "{ {a}}", TEMPLATE_RAW, "{ {a}}", TEMPLATE_OK, "" },
	{ "a}}b", TEMPLATE_RAW, "a}}b", TEMPLATE_OK, "" },
	{ "{{\n}}", TEMPLATE_RAW, "{{\n}}", TEMPLATE_OK, "" },
	{ "{{{{a}}", TEMPLATE_RAW, "{{1", TEMPLATE_OK, "" },
	/* faults */
	{ "{{nope}}", TEMPLATE_RAW, NULL, TEMPLATE_UNKNOWN_KEY, "nope" },
	{ "{{A}}", TEMPLATE_RAW, NULL, TEMPLATE_UNKNOWN_KEY, "A" },
	{ "x{{a}}{{ no.pe }}", TEMPLATE_RAW, NULL, TEMPLATE_UNKNOWN_KEY,
	    "no.pe" },
	{ "{{none}}", TEMPLATE_RAW, NULL, TEMPLATE_NO_VALUE, "none" },
	/* headers */
	{ "Bearer {{key}}", TEMPLATE_PLAIN, "Bearer s3cret", TEMPLATE_OK, "" },
	{ "{{odd}}", TEMPLATE_PLAIN, "a b&c=d/e?f#g%\"'<>\\+~", TEMPLATE_OK,
	    "" },
	{ "{{utf8}}", TEMPLATE_PLAIN, "h\xC3\xBClle", TEMPLATE_OK, "" },
	{ "{{line}}", TEMPLATE_PLAIN, NULL, TEMPLATE_CONTROL, "line" },
	{ "{{nul}}", TEMPLATE_PLAIN, NULL, TEMPLATE_CONTROL, "nul" },
	{ "{{tab}}", TEMPLATE_PLAIN, NULL, TEMPLATE_CONTROL, "tab" },
	{ "{{delete}}", TEMPLATE_PLAIN, NULL, TEMPLATE_CONTROL, "delete" },
	{ "{{escape}}", TEMPLATE_PLAIN, NULL, TEMPLATE_CONTROL, "escape" },
	{ "a\t{{next}}", TEMPLATE_PLAIN,
	    "a\ta\xC2\x85"
	    "b",
	    TEMPLATE_OK, "" },
	/* bodies */
	{ "\"{{delete}}{{escape}}{{tab}}\"", TEMPLATE_JSON,
	    "\"a\\u007fba\\u001bba\\tb\"", TEMPLATE_OK, "" },
	{ "<p>{{line}}{{tab}}{{delete}}</p>", TEMPLATE_XML,
	    "<p>x&#13;&#10;Evil: 1a&#9;ba&#127;b</p>", TEMPLATE_OK, "" },
	{ "<p>{{escape}}</p>", TEMPLATE_XML, NULL, TEMPLATE_CONTROL, "escape" },
	{ "<p>{{nul}}</p>", TEMPLATE_XML, NULL, TEMPLATE_CONTROL, "nul" },
	{ "{{delete}}{{escape}}", TEMPLATE_FORM, "a%7Fba%1Bb", TEMPLATE_OK,
	    "" },
	{ "{\"k\":\"{{odd}}\"}", TEMPLATE_JSON,
	    "{\"k\":\"a b&c=d/e?f#g%\\\"'<>\\\\+~\"}", TEMPLATE_OK, "" },
	{ "\"{{line}}\"", TEMPLATE_JSON, "\"x\\r\\nEvil: 1\"", TEMPLATE_OK,
	    "" },
	{ "\"{{nul}}\"", TEMPLATE_JSON, "\"x\\u0000y\"", TEMPLATE_OK, "" },
	{ "k={{odd}}&l={{a}}", TEMPLATE_FORM,
	    "k=a+b%26c%3Dd%2Fe%3Ff%23g%25%22%27%3C%3E%5C%2B~&l=1", TEMPLATE_OK,
	    "" },
	{ "{{utf8}}", TEMPLATE_FORM, "h%C3%BClle", TEMPLATE_OK, "" },
	{ "<p a=\"{{odd}}\"/>", TEMPLATE_XML,
	    "<p a=\"a b&amp;c=d/e?f#g%&quot;&apos;&lt;&gt;\\+~\"/>",
	    TEMPLATE_OK, "" },
	/* URLs */
	{ "https://h/{{odd}}", TEMPLATE_URL,
	    "https://h/"
	    "a%20b%26c%3Dd%2Fe%3Ff%23g%25%22%27%3C%3E%5C%2B~",
	    TEMPLATE_OK, "" },
	{ "https://h/?q={{odd}}", TEMPLATE_URL,
	    "https://h/?q="
	    "a%20b%26c%3Dd%2Fe%3Ff%23g%25%22%27%3C%3E%5C%2B~",
	    TEMPLATE_OK, "" },
	{ "https://h?q={{base}}", TEMPLATE_URL,
	    "https://h?q=https%3A%2F%2Fh.example%2Fa%3Fb%3Dc%20d", TEMPLATE_OK,
	    "" },
	{ "{{base}}", TEMPLATE_URL, "https://h.example/a?b=c d", TEMPLATE_OK,
	    "" },
	{ "{{base}}/x/{{odd}}", TEMPLATE_URL,
	    "https://h.example/a?b=c d/x/"
	    "a%20b%26c%3Dd%2Fe%3Ff%23g%25%22%27%3C%3E%5C%2B~",
	    TEMPLATE_OK, "" },
	{ "{{base}}{{evil}}", TEMPLATE_URL,
	    "https://h.example/a?b=c devil.example%2F", TEMPLATE_OK, "" },
	{ "{{scheme}}://{{host}}:{{port}}/{{a}}", TEMPLATE_URL,
	    "https://api.example.com:8443/1", TEMPLATE_OK, "" },
	{ "https://{{host}}/", TEMPLATE_URL, "https://api.example.com/",
	    TEMPLATE_OK, "" },
	{ "https://{{a}}.{{host}}/", TEMPLATE_URL, "https://1.api.example.com/",
	    TEMPLATE_OK, "" },
	{ "https://{{v6}}/", TEMPLATE_URL, "https://[2606:4700::1]/",
	    TEMPLATE_OK, "" },
	{ "https://{{utf8}}.example/", TEMPLATE_URL,
	    "https://h\xC3\xBClle.example/", TEMPLATE_OK, "" },
	{ "https://{{evil}}.shop.example/", TEMPLATE_URL, NULL,
	    TEMPLATE_NOT_A_HOST, "evil" },
	{ "https://{{user}}/", TEMPLATE_URL, NULL, TEMPLATE_NOT_A_HOST,
	    "user" },
	{ "https://{{base}}/", TEMPLATE_URL, NULL, TEMPLATE_NOT_A_HOST,
	    "base" },
	{ "https://{{nul}}/", TEMPLATE_URL, NULL, TEMPLATE_CONTROL, "nul" },
	{ "https://{{line}}/", TEMPLATE_URL, NULL, TEMPLATE_CONTROL, "line" },
	{ "{{line}}", TEMPLATE_URL, NULL, TEMPLATE_CONTROL, "line" },
	{ "https://h/{{line}}", TEMPLATE_URL, "https://h/x%0D%0AEvil%3A%201",
	    TEMPLATE_OK, "" },
	/* a value is one segment of a path */
	{ "https://h/{{dots}}/x", TEMPLATE_URL, NULL, TEMPLATE_DOTS, "dots" },
	{ "https://h/{{dots}}", TEMPLATE_URL, NULL, TEMPLATE_DOTS, "dots" },
	{ "https://h/{{dot}}?x", TEMPLATE_URL, NULL, TEMPLATE_DOTS, "dot" },
	{ "https://h/{{dot}}#x", TEMPLATE_URL, NULL, TEMPLATE_DOTS, "dot" },
	{ "https://h/a/{{dot}}{{dot}}/", TEMPLATE_URL, NULL, TEMPLATE_DOTS,
	    "dot" },
	{ "https://h/.{{dot}}/", TEMPLATE_URL, NULL, TEMPLATE_DOTS, "dot" },
	{ "https://h/{{dot}}./", TEMPLATE_URL, NULL, TEMPLATE_DOTS, "dot" },
	{ "https://h/{{dot}}{{empty}}/", TEMPLATE_URL, NULL, TEMPLATE_DOTS,
	    "empty" },
	{ "{{folder}}{{dots}}", TEMPLATE_URL, NULL, TEMPLATE_DOTS, "dots" },
	{ "{{base_url}}/{{dots}}", TEMPLATE_URL, NULL, TEMPLATE_DOTS, "dots" },
	{ "https://h/{{dots}}.json", TEMPLATE_URL, "https://h/...json",
	    TEMPLATE_OK, "" },
	{ "https://h/{{dots}}{{dot}}/", TEMPLATE_URL, "https://h/.../",
	    TEMPLATE_OK, "" },
	{ "https://h/x{{dots}}", TEMPLATE_URL, "https://h/x..", TEMPLATE_OK,
	    "" },
	{ "https://h/?p=/{{dots}}", TEMPLATE_URL, "https://h/?p=/..",
	    TEMPLATE_OK, "" },
	{ "https://{{dot}}/", TEMPLATE_URL, "https://./", TEMPLATE_OK, "" },
	{ "https://h/{{utf8}}", TEMPLATE_URL, "https://h/h%C3%BClle",
	    TEMPLATE_OK, "" },
	{ "https://h/a://{{evil}}", TEMPLATE_URL,
	    "https://h/a://evil.example%2F", TEMPLATE_OK, "" },
	{ "https://h/?u=http://{{evil}}", TEMPLATE_URL,
	    "https://h/?u=http://evil.example%2F", TEMPLATE_OK, "" },
	{ "https://h/{{nope}}", TEMPLATE_URL, NULL, TEMPLATE_UNKNOWN_KEY,
	    "nope" },
};

static struct template_source
source(bool mask)
{
	return (
	    struct template_source){ variables, N_ELEMENTS(variables), mask };
}

Test(template, puts_values_in)
{
	struct arena *arena = arena_new(4096);
	struct template_source from = source(false);

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct str result = STR("(none)"), key = STR("");
		enum template_fault fault = template_render(arena, &from,
		    str_of(cases[i].text), cases[i].place, &result, &key);

		cr_expect_eq(fault, cases[i].fault, "%s", cases[i].text);
		if (fault == TEMPLATE_OK)
			cr_expect(str_equal_text(result, cases[i].result),
			    "%s: %.*s", cases[i].text, STR_FMT(result));
		else
			cr_expect(str_equal_text(key, cases[i].key), "%s: %.*s",
			    cases[i].text, STR_FMT(key));
	}
	arena_free(arena);
}

static const struct {
	const char *text;
	enum template_place place;
	const char *result;
} masked[] = {
	{ "{{key}}", TEMPLATE_RAW, "********" },
	{ "{{a}}{{key}}", TEMPLATE_RAW, "1********" },
	{ "https://h/{{key}}/{{a}}", TEMPLATE_URL, "https://h/********/1" },
	{ "https://{{key}}.h/", TEMPLATE_URL, "https://********.h/" },
	{ "{{key}}/x", TEMPLATE_URL, "********/x" },
	{ "\"{{key}}\"", TEMPLATE_JSON, "\"********\"" },
};

Test(template, masks_secrets_when_shown)
{
	struct arena *arena = arena_new(4096);
	struct template_source from = source(true);

	for (size_t i = 0; i < N_ELEMENTS(masked); i++) {
		struct str result = STR(""), key;

		cr_assert_eq(
		    template_render(arena, &from, str_of(masked[i].text),
			masked[i].place, &result, &key),
		    TEMPLATE_OK);
		cr_expect(str_equal_text(result, masked[i].result), "%s: %.*s",
		    masked[i].text, STR_FMT(result));
	}
	arena_free(arena);
}

Test(template, has_a_limit)
{
	struct arena *arena = arena_new(4096);
	size_t len = TEMPLATE_MAX / 2 + 1;
	char *big = arena_alloc(arena, len);
	struct probe_variable variable = { .key = STR("big"),
		.value = { big, len } };
	struct template_source from = { &variable, 1, false };
	struct str result, key = STR("?");

	for (size_t i = 0; i < len; i++)
		big[i] = '"';
	cr_expect_eq(template_render(arena, &from, STR("{{big}}"), TEMPLATE_RAW,
			 &result, &key),
	    TEMPLATE_OK);
	cr_expect_eq(result.len, len);
	cr_expect_eq(template_render(arena, &from, STR("{{big}}{{big}}"),
			 TEMPLATE_RAW, &result, &key),
	    TEMPLATE_TOO_LARGE);
	cr_expect_eq(key.len, 0);
	cr_expect_eq(template_render(arena, &from, STR("{{big}}"),
			 TEMPLATE_JSON, &result, &key),
	    TEMPLATE_TOO_LARGE);
	arena_free(arena);
}

Test(template, says_what_it_refers_to)
{
	cr_expect(template_has_reference(STR("x{{a}}")));
	cr_expect(!template_has_reference(STR("x{{a}")));
	cr_expect(!template_has_reference(STR("")));
	cr_expect(template_refers_to(STR("{{a}}{{ b }}"), STR("b")));
	cr_expect(!template_refers_to(STR("{{a}}{{ b }}"), STR("c")));
	cr_expect(!template_refers_to(STR("b"), STR("b")));
}
