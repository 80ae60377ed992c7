/*
 * src/api/transaction.c on a recorded database.
 */
#include <config.h>

#include "api/transaction.h"

#include <criterion/criterion.h>

#include "api/implementation_cache.h"
#include "recorded.h"
#include "secret/secret.h"

#define ANSWERS_MAX 24
#define RUNS_MAX    9

/* What the steps of one run do: one statement, whose error they give unless
 * they have one of their own, and an answer. */
struct scripted {
	enum error error;
	const char *body;
	struct run run; /* what they leave */
};

struct transaction_case {
	const char *what;
	struct scripted runs[RUNS_MAX];
	struct recorded answers[ANSWERS_MAX]; /* as many as have `asked` */
	enum error error;
	const char *body; /* of the answer */
	unsigned reruns;
};

/* A case that is run. */
struct running {
	const struct transaction_case *c;
	size_t n; /* runs that began */
};

static enum error
run_steps(struct transaction *t, void *context)
{
	struct running *running = context;
	const struct scripted *steps = &running->c->runs[running->n++];

	cr_expect_eq(t->again, running->n > 1, "%s", running->c->what);
	cr_expect_eq(t->call->response->body->len, 0);
	cr_expect_eq(t->run.connector_id, 0);
	t->run = steps->run;
	if (steps->body != NULL)
		buf_add_text(t->call->response->body, steps->body);
	TRY(call_run(
	    t->call, (struct statement){ STR("DELETE FROM steps"), NULL, 0 }));
	return steps->error;
}

static void
expect(const struct transaction_case *c)
{
	struct arena *arena = arena_new(65536);
	struct serve_limits limits = { .transaction_ms = 60000 };
	struct service service = { .limits = &limits,
		.implementations = implementation_cache_new(0) };
	struct request request = { .arena = arena };
	struct buf body;
	struct response response = { .body = &body };
	struct call call = { .service = &service,
		.request = &request,
		.arena = arena,
		.principal.company_id = 1,
		.response = &response };
	struct running running = { .c = c };
	size_t n = 0;

	while (n < ANSWERS_MAX && c->answers[n].asked != NULL)
		n++;
	service.db = recorded_begin(arena, c->answers, n);
	buf_init(&body, 4096);
	cr_expect_eq(transaction_run(&call, run_steps, &running), c->error,
	    "%s", c->what);
	cr_expect(
	    str_equal_text(buf_str(&body), c->body == NULL ? "" : c->body),
	    "%s: %.*s", c->what, STR_FMT(buf_str(&body)));
	cr_expect_eq(response.reruns, c->reruns, "%s", c->what);
	recorded_end(c->what);
	buf_done(&body);
	implementation_cache_free(service.implementations);
	arena_free(arena);
}

#define BEGIN    ASKED("BEGIN")
#define CURRENT  ASKED("BEGIN CURRENT")
#define STEPS    ASKED("DELETE steps")
#define RAISED   ASKED("INSERT data_versions 1,0")
#define COMMIT   ASKED("COMMIT")
#define ROLLBACK ASKED("ROLLBACK")
#define KEY_ROW  ASKED("UPDATE idempotency_keys *")
#define FAILS(what, of)                                                \
	{                                                              \
		.asked = what, .error = ERROR_UNAVAILABLE, .flags = of \
	}
#define LOST FAILS("COMMIT", RECORDED_RETRY | RECORDED_UNKNOWN)
/* Asking whether a run is done: no, or for this connector. */
#define NOT_DONE  CURRENT, ASKED("LOCK audit_events *"), ROLLBACK
#define DONE(row) CURRENT, ANSWER("LOCK audit_events *", row), ROLLBACK

static const struct transaction_case cases[] = {
	{ "done", { { OK, "a", { .connector_id = 5 } } },
	    { BEGIN, STEPS, RAISED, COMMIT }, OK, "a", 0 },
	{ "refused", { { ERROR_INVALID, "a", { .connector_id = 0 } } },
	    { BEGIN, STEPS, ROLLBACK }, ERROR_INVALID, "a", 0 },
	{ "refused, which a key keeps",
	    { { ERROR_INVALID, NULL, { .key.taken = true } } },
	    { BEGIN, STEPS, KEY_ROW, COMMIT }, ERROR_INVALID, NULL, 0 },
	/* An answer that was kept changes nothing. */
	{ "replayed", { { OK, "a", { .key.replayed = true } } },
	    { BEGIN, STEPS, COMMIT }, OK, "a", 0 },
	{ "a deadlock in a step",
	    { { OK, "a", { .connector_id = 5 } },
		{ OK, "b", { .connector_id = 6 } } },
	    { BEGIN, FAILS("DELETE steps", RECORDED_RETRY), ROLLBACK, BEGIN,
		STEPS, RAISED, COMMIT },
	    OK, "b", 1 },
	{ "a deadlock at the last statement",
	    { { OK, "a", { .connector_id = 5 } },
		{ OK, "b", { .connector_id = 6 } } },
	    { BEGIN, STEPS, FAILS("INSERT data_versions 1,0", RECORDED_RETRY),
		ROLLBACK, BEGIN, STEPS, RAISED, COMMIT },
	    OK, "b", 1 },
	{ "a conflict at COMMIT",
	    { { OK, "a", { .connector_id = 5 } },
		{ OK, "b", { .connector_id = 6 } } },
	    { BEGIN, STEPS, RAISED, FAILS("COMMIT", RECORDED_RETRY), BEGIN,
		STEPS, RAISED, COMMIT },
	    OK, "b", 1 },
	{ "the first write of a node in a company",
	    { { OK, "a", { .connector_id = 5 } } },
	    { BEGIN, STEPS,
		{ .asked = "INSERT data_versions 1,0", .affected = 1 },
		ASKED("UPDATE data_versions"), COMMIT },
	    OK, "a", 0 },
	{ "no database", { { OK, NULL, { .connector_id = 0 } } },
	    { FAILS("BEGIN", 0) }, ERROR_UNAVAILABLE, NULL, 0 },
};

Test(transaction, is_run_until_it_is_decided)
{
	struct problem problem = { 0 };

	cr_assert_eq(secret_start(&problem), OK);
	for (size_t i = 0; i < N_ELEMENTS(cases); i++)
		expect(&cases[i]);
}

static const struct transaction_case unanswered[] = {
	{ "COMMIT was done", { { OK, "a", { .connector_id = 5 } } },
	    { BEGIN, STEPS, RAISED, LOST, DONE("5") }, OK, "a", 0 },
	{ "COMMIT was not done",
	    { { OK, "a", { .connector_id = 5 } },
		{ OK, "b", { .connector_id = 6 } } },
	    { BEGIN, STEPS, RAISED, LOST, NOT_DONE, BEGIN, STEPS, RAISED,
		COMMIT },
	    OK, "b", 1 },
	/* The server had not come to it when it was asked. */
	{ "the second run meets what the first one did",
	    { { OK, "a", { .connector_id = 5 } },
		{ ERROR_PRECONDITION, NULL, { .connector_id = 0 } } },
	    { BEGIN, STEPS, RAISED, LOST, NOT_DONE, BEGIN, STEPS, ROLLBACK,
		DONE("5") },
	    OK, "a", 1 },
	{ "the second run is refused on its own account",
	    { { OK, "a", { .connector_id = 5 } },
		{ ERROR_PRECONDITION, NULL, { .connector_id = 0 } } },
	    { BEGIN, STEPS, RAISED, LOST, NOT_DONE, BEGIN, STEPS, ROLLBACK,
		NOT_DONE },
	    ERROR_PRECONDITION, NULL, 1 },
	{ "the second run finds an answer under its own key",
	    { { OK, "a", { .key.taken = true, .connector_id = 5 } },
		{ OK, "kept", { .key.replayed = true } } },
	    { BEGIN, STEPS, RAISED, LOST, NOT_DONE, BEGIN, STEPS, COMMIT,
		DONE("5") },
	    OK, "a", 1 },
	/* Each run of a store makes a connector of its own. */
	{ "of two unanswered runs the first was done",
	    { { OK, "a", { .connector_id = 5 } },
		{ OK, "b", { .connector_id = 6 } } },
	    { BEGIN, STEPS, RAISED, LOST, NOT_DONE, BEGIN, STEPS, RAISED, LOST,
		DONE("5") },
	    OK, "a", 1 },
	{ "of two unanswered runs the second was done",
	    { { OK, "a", { .connector_id = 5 } },
		{ OK, "b", { .connector_id = 6 } } },
	    { BEGIN, STEPS, RAISED, LOST, NOT_DONE, BEGIN, STEPS, RAISED, LOST,
		DONE("6") },
	    OK, "b", 1 },
	{ "a refusal without an answer is none of the first run's",
	    { { OK, "a", { .connector_id = 5 } },
		{ ERROR_INVALID, NULL, { .key.taken = true } } },
	    { BEGIN, STEPS, RAISED, LOST, NOT_DONE, BEGIN, STEPS, KEY_ROW, LOST,
		DONE("5") },
	    OK, "a", 1 },
	{ "asking is tried again, and then there is an answer",
	    { { OK, "a", { .connector_id = 5 } } },
	    { BEGIN, STEPS, RAISED, LOST, FAILS("BEGIN CURRENT", 0),
		DONE("5") },
	    OK, "a", 0 },
	{ "it cannot be told", { { OK, "a", { .connector_id = 5 } } },
	    { BEGIN, STEPS, RAISED, LOST,
		FAILS("BEGIN CURRENT", RECORDED_OVER) },
	    ERROR_UNAVAILABLE, "a", 0 },
};

Test(transaction, that_got_no_answer_to_commit_is_asked_about)
{
	struct problem problem = { 0 };

	cr_assert_eq(secret_start(&problem), OK);
	for (size_t i = 0; i < N_ELEMENTS(unanswered); i++)
		expect(&unanswered[i]);
}

#define BEHIND                         \
	{                              \
		ERROR_NOT_FOUND, NULL, \
		{                      \
			.behind = true \
		}                      \
	}
#define SEEN CURRENT, STEPS, ROLLBACK

static const struct transaction_case members[] = {
	{ "behind once", { BEHIND, { OK, "b", { .connector_id = 5 } } },
	    { BEGIN, STEPS, ROLLBACK, CURRENT, STEPS, RAISED, COMMIT }, OK, "b",
	    1 },
	/* From then on each run waits for the others. */
	{ "behind once, then a deadlock",
	    { BEHIND, { OK, NULL, { .connector_id = 5 } },
		{ OK, "c", { .connector_id = 5 } } },
	    { BEGIN, STEPS, ROLLBACK, CURRENT,
		FAILS("DELETE steps", RECORDED_RETRY), ROLLBACK, CURRENT, STEPS,
		RAISED, COMMIT },
	    OK, "c", 2 },
	{ "behind for good",
	    { BEHIND, BEHIND, BEHIND, BEHIND, BEHIND, BEHIND, BEHIND, BEHIND },
	    { BEGIN, STEPS, ROLLBACK, SEEN, SEEN, SEEN, SEEN, SEEN, SEEN,
		SEEN },
	    ERROR_NOT_FOUND, NULL, 7 },
};

Test(transaction, that_met_a_member_behind_waits_for_the_others)
{
	struct problem problem = { 0 };

	cr_assert_eq(secret_start(&problem), OK);
	for (size_t i = 0; i < N_ELEMENTS(members); i++)
		expect(&members[i]);
}
