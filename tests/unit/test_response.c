/*
 * src/http/response.c, base/problem_json.c
 */
#include <config.h>

#include "http/response.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct buf body;

static void
set_up(void)
{
	arena = arena_new(4096);
	buf_init(&body, 4096);
}

static void
tear_down(void)
{
	buf_done(&body);
	arena_free(arena);
}

TestSuite(response_error, .init = set_up, .fini = tear_down);

static struct response
answer(enum error error, struct problem problem)
{
	struct response response = { .status = 200, .body = &body };

	problem.arena = arena;
	response_header(&response, "ETag", STR("\"1\""));
	buf_add_text(&body, "{\"data\":[");
	response_error(&response, error, &problem, 7);
	return response;
}

static const struct {
	enum error error;
	struct problem problem;
	const char *body;
	const char *name, *value; /* of the only header field; NULL: none */
} cases[] = {
	{ ERROR_NOT_FOUND, { .message = STR_CONST("No such thing") },
	    "{\"message\":\"No such thing\"}", NULL, NULL },
	{ ERROR_INTERNAL, { .log = STR_CONST("a reason") },
	    "{\"message\":\"Server Error\"}", NULL, NULL },
	{ ERROR_UNAUTHENTICATED, { .retry_after = 3 },
	    "{\"message\":\"Unauthenticated.\"}", "WWW-Authenticate",
	    "Bearer" },
	{ ERROR_METHOD, { .allow = "GET, HEAD" },
	    "{\"message\":\"Method not allowed.\"}", "Allow", "GET, HEAD" },
	{ ERROR_UNAVAILABLE, { .log = STR_CONST("away") },
	    "{\"message\":\"Service Unavailable\"}", "Retry-After", "7" },
	{ ERROR_UNAVAILABLE, { .retry_after = 30 },
	    "{\"message\":\"Service Unavailable\"}", "Retry-After", "30" },
	{ ERROR_TOO_MANY, { .retry_after = 1 },
	    "{\"message\":\"Too Many Attempts.\"}", "Retry-After", "1" },
};

Test(response_error, is_the_whole_answer)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct response r = answer(cases[i].error, cases[i].problem);

		cr_expect_eq(r.status, error_status(cases[i].error));
		cr_expect(str_equal_text(buf_str(&body), cases[i].body), "%.*s",
		    STR_FMT(buf_str(&body)));
		cr_expect(str_equal(r.log, cases[i].problem.log));
		cr_assert_eq(r.n_headers, cases[i].name != NULL);
		if (cases[i].name == NULL)
			continue;
		cr_expect_str_eq(r.headers[0].name, cases[i].name);
		cr_expect(str_equal_text(r.headers[0].value, cases[i].value));
	}
}

static void
expect_body(struct problem *problem, const char *text)
{
	struct response r = { .body = &body };

	response_error(&r, ERROR_INVALID, problem, 0);
	cr_expect(str_equal_text(buf_str(&body), text), "%.*s",
	    STR_FMT(buf_str(&body)));
}

Test(response_error, shows_the_first_message_and_counts_the_others)
{
	struct problem problem = { .arena = arena };

	problem_add(&problem, STR("a"), STR("A is bad."));
	expect_body(&problem, "{\"message\":\"A is bad.\","
			      "\"errors\":{\"a\":[\"A is bad.\"]}}");
	problem_add(&problem, STR("b.0"), STR("B is bad."));
	expect_body(&problem, "{\"message\":\"A is bad. (and 1 more error)\","
			      "\"errors\":{\"a\":[\"A is bad.\"],"
			      "\"b.0\":[\"B is bad.\"]}}");
	problem_add(&problem, STR("a"), STR("A is worse."));
	expect_body(&problem, "{\"message\":\"A is bad. (and 2 more errors)\","
			      "\"errors\":{\"a\":[\"A is bad.\","
			      "\"A is worse.\"],\"b.0\":[\"B is bad.\"]}}");
}
