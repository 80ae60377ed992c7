/*
 * src/api/outcome.c
 */
#include <config.h>

#include "api/outcome.h"

#include <criterion/criterion.h>

/* A transaction that meets nothing unusual: what a run says, and what of it. */
static const struct {
	const char *what;
	struct run_end end;
	bool commits;
	enum outcome outcome;
} runs[] = {
	{ "done", { .error = OK }, true, OUTCOME_ANSWER },
	{ "refused", { .error = ERROR_INVALID }, false, OUTCOME_ANSWER },
	{ "refused, and the key keeps that",
	    { .error = ERROR_INVALID, .key_taken = true }, true,
	    OUTCOME_ANSWER },
	{ "not found", { .error = ERROR_NOT_FOUND }, false, OUTCOME_ANSWER },
	{ "not found, with a key",
	    { .error = ERROR_NOT_FOUND, .key_taken = true }, false,
	    OUTCOME_ANSWER },
	{ "replayed", { .error = OK, .replayed = true }, true, OUTCOME_ANSWER },
	{ "a deadlock", { .error = ERROR_UNAVAILABLE, .retry = true }, false,
	    OUTCOME_AGAIN },
	{ "no database", { .error = ERROR_UNAVAILABLE }, false,
	    OUTCOME_ANSWER },
	{ "a fault of the server's", { .error = ERROR_INTERNAL }, false,
	    OUTCOME_ANSWER },
	/* What the input is does not change with another run. */
	{ "refused after a failure", { .error = ERROR_INVALID, .retry = true },
	    false, OUTCOME_ANSWER },
	{ "not found on a member that is behind",
	    { .error = ERROR_NOT_FOUND, .behind = true }, false,
	    OUTCOME_AGAIN },
	{ "an older version on such a member",
	    { .error = ERROR_PRECONDITION, .behind = true }, false,
	    OUTCOME_AGAIN },
	{ "COMMIT refused, for now",
	    { .commit = ERROR_UNAVAILABLE, .retry = true }, true,
	    OUTCOME_AGAIN },
	{ "COMMIT refused for good", { .commit = ERROR_INTERNAL }, true,
	    OUTCOME_ANSWER },
	{ "a refusal that could not be kept",
	    { .error = ERROR_INVALID,
		.key_taken = true,
		.commit = ERROR_UNAVAILABLE,
		.retry = true },
	    true, OUTCOME_AGAIN },
};

Test(outcome, of_a_run_when_every_commit_was_answered)
{
	for (size_t i = 0; i < N_ELEMENTS(runs); i++) {
		cr_expect_eq(outcome_commits(&runs[i].end), runs[i].commits,
		    "%s", runs[i].what);
		cr_expect_eq(outcome_of_run(&runs[i].end, false),
		    runs[i].outcome, "%s", runs[i].what);
	}
}

Test(outcome, a_failed_commit_is_what_a_run_says)
{
	struct run_end end = { .error = ERROR_INVALID, .key_taken = true };

	cr_expect_eq(outcome_error(&end), ERROR_INVALID);
	end.commit = ERROR_UNAVAILABLE;
	cr_expect_eq(outcome_error(&end), ERROR_UNAVAILABLE);
	end.error = OK;
	cr_expect_eq(outcome_error(&end), ERROR_UNAVAILABLE);
	end.commit = OK;
	cr_expect_eq(outcome_error(&end), OK);
}

#define LOST .commit = ERROR_UNAVAILABLE, .commit_unknown = true

/* COMMIT of this run or of an earlier one got no answer. What follows when the
 * database has been asked, and a run was done or not. */
static const struct {
	const char *what;
	struct run_end end;
	enum outcome outcome, not_done;
} unsure[] = {
	{ "this COMMIT", { LOST, .retry = true }, OUTCOME_ASK, OUTCOME_AGAIN },
	{ "this COMMIT, and there is no time", { LOST }, OUTCOME_ASK,
	    OUTCOME_ANSWER },
	{ "this COMMIT, of a refusal with a key",
	    { LOST, .error = ERROR_INVALID, .key_taken = true, .retry = true },
	    OUTCOME_ASK, OUTCOME_AGAIN },
	/* The later run meets what the earlier one did. */
	{ "refused", { .error = ERROR_INVALID }, OUTCOME_ASK, OUTCOME_ANSWER },
	{ "a newer version", { .error = ERROR_PRECONDITION }, OUTCOME_ASK,
	    OUTCOME_ANSWER },
	{ "gone", { .error = ERROR_NOT_FOUND }, OUTCOME_ASK, OUTCOME_ANSWER },
	{ "the key is taken", { .error = ERROR_CONFLICT }, OUTCOME_ASK,
	    OUTCOME_ANSWER },
	{ "an answer under the own key", { .replayed = true }, OUTCOME_ASK,
	    OUTCOME_ANSWER },
	{ "no database", { .error = ERROR_UNAVAILABLE }, OUTCOME_ASK,
	    OUTCOME_ANSWER },
	/* It does not, or will have another chance to. */
	{ "done", { .error = OK }, OUTCOME_ANSWER, OUTCOME_ANSWER },
	{ "a deadlock", { .error = ERROR_UNAVAILABLE, .retry = true },
	    OUTCOME_AGAIN, OUTCOME_AGAIN },
	{ "gone, on a member that is behind",
	    { .error = ERROR_NOT_FOUND, .behind = true }, OUTCOME_AGAIN,
	    OUTCOME_AGAIN },
	{ "COMMIT refused, for now",
	    { .commit = ERROR_UNAVAILABLE, .retry = true }, OUTCOME_AGAIN,
	    OUTCOME_AGAIN },
};

Test(outcome, the_database_is_asked_before_a_refusal_is_believed)
{
	for (size_t i = 0; i < N_ELEMENTS(unsure); i++) {
		const struct run_end *end = &unsure[i].end;

		cr_expect_eq(outcome_of_run(end, true), unsure[i].outcome, "%s",
		    unsure[i].what);
		cr_expect_eq(outcome_when_asked(end, OK, false),
		    unsure[i].not_done, "%s", unsure[i].what);
		cr_expect_eq(outcome_when_asked(end, OK, true), OUTCOME_KEPT,
		    "%s", unsure[i].what);
		cr_expect_eq(outcome_when_asked(end, ERROR_UNAVAILABLE, false),
		    OUTCOME_UNKNOWN, "%s", unsure[i].what);
	}
}

Test(outcome, the_kept_answer_is_that_of_the_run_that_was_done)
{
	const struct kept_answer first = { .connector_id = 3 };
	const struct kept_answer second = { .earlier = &first,
		.connector_id = 5 };
	/* A refusal leaves no audit row, so none names it. */
	const struct kept_answer third = { .earlier = &second,
		.error = ERROR_INVALID };

	cr_expect_eq(outcome_kept(&third, 5), &second);
	cr_expect_eq(outcome_kept(&third, 3), &first);
	cr_expect_eq(outcome_kept(&second, 5), &second);
	cr_expect_eq(outcome_kept(&first, 3), &first);
}

/* Each run of an update is about the same connector: the last one counts. */
Test(outcome, of_runs_about_one_connector_the_newest_answers)
{
	const struct kept_answer first = { .connector_id = 3 };
	const struct kept_answer second = { .earlier = &first,
		.connector_id = 3 };

	cr_expect_eq(outcome_kept(&second, 3), &second);
}
