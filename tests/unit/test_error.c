/*
 * src/base/error.c
 */
#include <config.h>

#include "base/error.h"

#include <criterion/criterion.h>

static const struct {
	enum error error;
	int status;
	const char *message;
} cases[] = {
	{ OK, 200, "" },
	{ ERROR_BAD_REQUEST, 400, NULL },
	{ ERROR_UNAUTHENTICATED, 401, "Unauthenticated." },
	{ ERROR_FORBIDDEN, 403, "This action is unauthorized." },
	{ ERROR_NOT_FOUND, 404, NULL },
	{ ERROR_METHOD, 405, NULL },
	{ ERROR_CONFLICT, 409, NULL },
	{ ERROR_PRECONDITION, 412, NULL },
	{ ERROR_TOO_LARGE, 413, "The POST data is too large." },
	{ ERROR_MEDIA_TYPE, 415, NULL },
	{ ERROR_INVALID, 422, NULL },
	{ ERROR_TOO_MANY, 429, "Too Many Attempts." },
	{ ERROR_INTERNAL, 500, "Server Error" },
	{ ERROR_UNAVAILABLE, 503, "Service Unavailable" },
};

Test(error, every_one_has_a_status_and_a_message)
{
	cr_assert_eq(N_ELEMENTS(cases), ERROR__MAX);
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		const char *message = error_message(cases[i].error);

		cr_expect_eq(error_status(cases[i].error), cases[i].status);
		cr_assert_not_null(message);
		if (cases[i].message != NULL)
			cr_expect_str_eq(message, cases[i].message);
	}
}

Test(error, statuses_ascend_and_have_a_reason)
{
	for (size_t i = 0; i < STATUS_COUNT; i++) {
		int status = status_at(i);

		cr_expect(i == 0 || status > status_at(i - 1), "%d", status);
		cr_expect_eq(status_index(status), i, "%d", status);
		cr_expect_str_neq(status_phrase(status), "Status");
	}
}

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 401, "Unauthorized" },
	{ 404, "Not Found" },
	{ 503, "Service Unavailable" },
	{ 0, "Status" },
	{ 201, "Status" },
	{ 299, "Status" },
	{ -1, "Status" },
};

Test(error, reason_of_a_status)
{
	for (size_t i = 0; i < N_ELEMENTS(reasons); i++)
		cr_expect_str_eq(
		    status_phrase(reasons[i].status), reasons[i].reason);
	cr_expect_eq(status_index(299), STATUS_COUNT);
}

Test(error, set_keeps_the_message_and_returns_the_error)
{
	struct arena *arena = arena_new(1024);
	struct problem problem = { .arena = arena };
	enum error error = problem_set(&problem, ERROR_NOT_FOUND,
	    "No query results for model [Connector] %d", 999);

	cr_expect_eq(error, ERROR_NOT_FOUND);
	cr_expect(str_equal_text(
	    problem.message, "No query results for model [Connector] 999"));
	cr_expect_eq(problem.log.len, 0);
	arena_free(arena);
}

Test(error, log_tells_the_client_nothing)
{
	struct arena *arena = arena_new(1024);
	struct problem problem = { .arena = arena };

	cr_expect_eq(
	    problem_log(&problem, ERROR_INTERNAL, "%s", "why"), ERROR_INTERNAL);
	cr_expect(str_equal_text(problem.log, "why"));
	cr_expect_eq(problem.message.len, 0);
	arena_free(arena);
}

Test(error, fields_keep_the_order_they_were_found_in)
{
	struct arena *arena = arena_new(1024);
	struct problem problem = { .arena = arena };
	const struct problem_field *field;

	cr_expect_eq(
	    problem_add(&problem, STR("b"), STR("one")), ERROR_INVALID);
	problem_add(&problem, STR("a"), STR("two"));
	problem_add(&problem, STR("b"), STR("three"));
	cr_expect_eq(problem.n_texts, 3);
	field = problem.fields;
	cr_assert_not_null(field);
	cr_expect(str_equal_text(field->name, "b"));
	cr_expect(str_equal_text(field->texts->text, "one"));
	cr_assert_not_null(field->texts->next);
	cr_expect(str_equal_text(field->texts->next->text, "three"));
	cr_assert_not_null(field->next);
	cr_expect(str_equal_text(field->next->name, "a"));
	cr_expect_null(field->next->next);
	arena_free(arena);
}

Test(error, a_field_keeps_a_text_once)
{
	struct arena *arena = arena_new(1024);
	struct problem problem = { .arena = arena };

	problem_add(&problem, STR("a"), STR("same"));
	problem_add(&problem, STR("a"), STR("same"));
	problem_add(&problem, STR("b"), STR("same"));
	cr_expect_eq(problem.n_texts, 2);
	cr_expect(problem_has(&problem, STR("a")));
	cr_expect(problem_has(&problem, STR("b")));
	cr_expect_not(problem_has(&problem, STR("c")));
	arena_free(arena);
}

Test(error, texts_are_copied)
{
	struct arena *arena = arena_new(1024);
	struct problem problem = { .arena = arena };
	char name[] = "field", text[] = "text";

	problem_add(&problem, str_of(name), str_of(text));
	name[0] = text[0] = 'X';
	cr_expect(problem_has(&problem, STR("field")));
	cr_expect(str_equal_text(problem.fields->texts->text, "text"));
	arena_free(arena);
}

static enum error
fails_then(enum error first, int *calls)
{
	TRY(first);
	(*calls)++;
	return OK;
}

Test(error, try_returns_at_the_first_failure)
{
	int calls = 0;

	cr_expect_eq(fails_then(ERROR_CONFLICT, &calls), ERROR_CONFLICT);
	cr_expect_eq(calls, 0);
	cr_expect_eq(fails_then(OK, &calls), OK);
	cr_expect_eq(calls, 1);
}
