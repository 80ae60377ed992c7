/*
 * How a transaction goes on after one of its runs.
 */
#include <config.h>

#include "api/outcome.h"

bool
outcome_commits(const struct run_end *end)
{
	return end->error == OK ||
	       (end->error == ERROR_INVALID && end->key_taken);
}

enum error
outcome_error(const struct run_end *end)
{
	return end->commit != OK ? end->commit : end->error;
}

/* Whether another run may do better. What is wrong with the input stays wrong,
 * whatever the database says of the last statement. */
static bool
is_worth_another(const struct run_end *end)
{
	if (outcome_commits(end))
		return end->commit != OK && end->retry;
	return end->behind || (end->error != ERROR_INVALID && end->retry);
}

enum outcome
outcome_of_run(const struct run_end *end, bool unsure)
{
	bool again = is_worth_another(end);
	bool refused = outcome_error(end) != OK && !again;

	if (unsure && (end->commit_unknown || end->replayed || refused))
		return OUTCOME_ASK;
	return again ? OUTCOME_AGAIN : OUTCOME_ANSWER;
}

enum outcome
outcome_when_asked(const struct run_end *end, enum error asked, bool done)
{
	if (asked != OK)
		return OUTCOME_UNKNOWN;
	if (done)
		return OUTCOME_KEPT;
	return is_worth_another(end) ? OUTCOME_AGAIN : OUTCOME_ANSWER;
}

const struct kept_answer *
outcome_kept(const struct kept_answer *newest, int64_t connector_id)
{
	while (newest->connector_id != connector_id && newest->earlier != NULL)
		newest = newest->earlier;
	return newest;
}
