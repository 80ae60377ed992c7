/*
 * src/probe/lint.c: settings that no value makes good.
 */
#include <config.h>

#include "probe/lint.h"

#include <criterion/criterion.h>

#include "probe/auth.h"

static const struct {
	lint *what;
	const char *name, *text;
	const char *wrong; /* the beginning of what is wrong; NULL: nothing */
} lints[] = {
	{ lint_template, "template", "", NULL },
	{ lint_template, "template", "a } b }} { {a}", NULL },
	{ lint_template, "template", "{{host}}/{{ a.b-c_1 }}", NULL },
	{ lint_template, "template", "{\"a\":{\"b\":{}}}", NULL },
	{ lint_template, "template", "{\"a\":{{{x}}}}", NULL },
	{ lint_template, "template", "a{{{host}}}b", NULL },
	{ lint_template, "template", "{{", "has a {{ (byte 0)" },
	{ lint_template, "template", "a {{host", "has a {{ (byte 2)" },
	{ lint_template, "template", "{{host}", "has a {{ (byte 0)" },
	{ lint_template, "template", "{{}}", "has a {{ (byte 0)" },
	{ lint_template, "template", "{{ }}", "has a {{ (byte 0)" },
	{ lint_template, "template", "{{a b}}", "has a {{ (byte 0)" },
	{ lint_template, "template", "{{1a}}", "has a {{ (byte 0)" },
	{ lint_template, "template", "{{h\xC3\xB6st}}", "has a {{ (byte 0)" },
	{ lint_template, "template", "{{a}}{{b}}{{c|d}}",
	    "has a {{ (byte 10)" },
	{ lint_template, "template", "{{{{a}}}}", "has a {{ (byte 0)" },
	{ lint_template, "template", "{{a\n}}", "has a {{ (byte 0)" },
	{ lint_url, "url", "https://x.test", NULL },
	{ lint_url, "url", "http://{{host}}:{{port}}/a?b={{c}}", NULL },
	{ lint_url, "url", "https://{{shop}}.x.test/{{a}}/{{b}}", NULL },
	{ lint_url, "url", "https://[{{address}}]:{{port}}/", NULL },
	{ lint_url, "url", "{{base}}/token", NULL },
	{ lint_url, "url", "{{base}}{{path}}", NULL },
	{ lint_url, "url", "{{whole}}", NULL },
	{ lint_url, "url", "{{scheme}}://{{host}}/", NULL },
	{ lint_url, "url", "https://{{host/x", "has a {{ (byte 8)" },
	{ lint_url, "url", "https://{{}}/", "has a {{" },
	{ lint_url, "url", "javascript:alert({{a}})", "must be an http" },
	{ lint_url, "url", "JavaScript://x.test/%0aalert(1)",
	    "must be an http" },
	{ lint_url, "url", "ftp://x.test/", "must be an http" },
	{ lint_url, "url", "file:///etc/passwd", "must be an http" },
	{ lint_url, "url", "/token", "must be an http" },
	{ lint_url, "url", "x.test", "must be an http" },
	{ lint_url, "url", "https://", "must be an http" },
	{ lint_url, "url", "https://x.test/a b", "must be an http" },
	{ lint_url, "url", "https://x.test:99999/", "must be an http" },
	{ lint_url, "url", "https://x.test:{{port}}5x/", "must be an http" },
	{ lint_headers, "headers", "{}", NULL },
	{ lint_headers, "headers",
	    "{\"Accept\":\"x\",\"X-A\":\"{{a}}\",\"B\":1,\"C\":null}", NULL },
	{ lint_headers, "headers", "{\"X-\xC3\x9Cn\":\"\\\"q\\\"\"}", NULL },
	{ lint_headers, "headers", "{\"A\":[]}", "must be an object of at" },
	{ lint_headers, "headers", "{\"A\":{}}", "must be an object of at" },
	{ lint_headers, "headers", "{\"A\":\"{{b\"}", "member 1 has a {{" },
	{ lint_headers, "headers", "{\"A\":\"1\",\"a b\":\"2\"}",
	    "member 2 has a name" },
	{ lint_headers, "headers", "{\"\":\"2\"}", "member 1 has a name" },
	{ lint_headers, "headers", "{\"A:\":\"2\"}", "member 1 has a name" },
	{ lint_headers, "headers", "{\"A\\r\\nB\":\"2\"}",
	    "member 1 has a name" },
	{ lint_headers, "headers", "{\"host\":\"x\"}", "member 1 has a name" },
	{ lint_headers, "headers", "{\"Content-Length\":5}",
	    "member 1 has a name" },
	{ lint_headers, "headers", "{\"A\":\"b\\r\\nC: d\"}",
	    "member 1 has a control" },
	{ lint_query, "query", "{\"a/b\":\"c d\",\"v\":\"{{v}}\",\"\":0}",
	    NULL },
	{ lint_query, "query", "{\"a\":[\"b\"]}", "must be an object of at" },
	{ lint_query, "query", "{\"a\":\"1\",\"b\":\"{{ c\"}",
	    "member 2 has a {{" },
	{ lint_statuses, "statuses", "204", NULL },
	{ lint_statuses, "statuses", "200-299,304", NULL },
	{ lint_statuses, "statuses", " 200 - 204 , 404", NULL },
	{ lint_statuses, "statuses", "abc", "must be statuses" },
	{ lint_statuses, "statuses", "20", "must be statuses" },
	{ lint_statuses, "statuses", "600", "must be statuses" },
	{ lint_statuses, "statuses", "299-200", "must be statuses" },
	{ lint_statuses, "statuses", "200;204", "must be statuses" },
	{ lint_statuses, "statuses", "200,", "must be statuses" },
	{ lint_member_path, "path", "access_token", NULL },
	{ lint_member_path, "path", "data.0.token", NULL },
	{ lint_member_path, "path", ".token", "must be names" },
	{ lint_member_path, "path", "data..token", "must be names" },
	{ lint_member_path, "path", "data.", "must be names" },
	{ lint_authentication_type, "type", "bearer",
	    "must be one of none, basic, " },
	{ lint_authentication_type, "type", "Basic", "must be one of none" },
	{ lint_authentication_type, "type", "basic ", "must be one of none" },
};

Test(lint, tells_what_no_value_makes_good)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(lints); i++) {
		const char *wrong = lints[i].what(arena, str_of(lints[i].text));

		if (lints[i].wrong == NULL)
			cr_expect_null(wrong, "%s %s: %s", lints[i].name,
			    lints[i].text, wrong);
		else
			cr_expect(str_starts_with(
				      str_of(wrong), str_of(lints[i].wrong)),
			    "%s %s: %s", lints[i].name, lints[i].text, wrong);
	}
	arena_free(arena);
}

Test(lint, knows_every_authentication_type)
{
	struct arena *arena = arena_new(4096);

	const struct auth_type *type;

	for (size_t i = 0; (type = auth_row(i)) != NULL; i++)
		cr_expect_null(
		    lint_authentication_type(arena, str_of(type->key)), "%s",
		    type->key);
	arena_free(arena);
}

Test(lint, counts_members)
{
	struct arena *arena = arena_new(65536);
	struct str members = STR("");

	for (int i = 1; i <= 201; i++) {
		struct str text;

		members = arena_printf(arena, "%.*s%s\"a%d\":\"\"",
		    STR_FMT(members), i == 1 ? "" : ",", i);
		text = arena_printf(arena, "{%.*s}", STR_FMT(members));
		cr_expect_eq(lint_query(arena, text) == NULL, i <= 200);
		cr_expect_eq(lint_headers(arena, text) == NULL, i <= 200);
	}
	arena_free(arena);
}
