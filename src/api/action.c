/*
 * The table of actions.
 */
#include <config.h>

#include "api/action.h"

static const struct action_facts rows[] = {
	[ACTION_INDEX] = { .ability = ABILITY_READ,
	    .query = QUERY_ALL,
	    .keep = true,
	    .first = FIRST_COUNT,
	    .tagged = true,
	    .answer = ANSWER_LIST,
	    .doc = "One page of the rows that the key's company may see. "
		   "Filters are joined with AND, the values of one with OR." },
	[ACTION_SHOW] = { .ability = ABILITY_READ,
	    .query = QUERY_ALL,
	    .keep = true,
	    .first = FIRST_ROOT,
	    .tagged = true,
	    .answer = ANSWER_ROW,
	    .doc = "A filter that the row does not match makes it a 404; "
		   "`sort`, `page` and `per_page` are checked and otherwise "
		   "without effect." },
	[ACTION_STORE] = { .ability = ABILITY_WRITE,
	    .query = QUERY_INCLUDE,
	    .body = true,
	    .tagged = true,
	    .idempotent = true,
	    .always = "variables",
	    .answer = ANSWER_STORED,
	    .doc = "Everything of one request is stored, or nothing is. "
		   "Members that are not known are ignored. With an "
		   "Idempotency-Key a request can be sent again without "
		   "storing twice." },
	[ACTION_UPDATE] = { .ability = ABILITY_WRITE,
	    .query = QUERY_INCLUDE,
	    .body = true,
	    .tagged = true,
	    .if_match = true,
	    .always = "variables",
	    .answer = ANSWER_UPDATED,
	    .doc = "Members that are absent stay as they are, null clears a "
		   "value; variables are merged, never replaced. PUT and PATCH "
		   "mean the same. What show answers can be sent back." },
	[ACTION_DESTROY] = { .ability = ABILITY_WRITE,
	    .query = QUERY_NOTHING,
	    .if_match = true,
	    .answer = ANSWER_MESSAGE,
	    .doc = "Its variables and secrets are deleted with it; its "
		   "certificate stays." },
	[ACTION_TEST] = { .ability = ABILITY_TEST,
	    .query = QUERY_NOTHING,
	    .prefer = true,
	    .answer = ANSWER_RESULT,
	    .doc = "Connects with the stored credentials, as the "
		   "authentication implementation says. A test that passes is "
		   "answered without a body, unless `Prefer: "
		   "return=representation` asks for the result; one that fails "
		   "is a 422 with the result in `test`." },
	[ACTION_DOCUMENT] = { .tagged = true,
	    .query = QUERY_NOTHING,
	    .answer = ANSWER_DOCUMENT,
	    .doc = "The document that you are reading. No key is needed." },
	[ACTION_OPTIONS] = { .query = QUERY_NOTHING, .answer = ANSWER_NOTHING },
};
_Static_assert(N_ELEMENTS(rows) == ACTION__MAX, "one row an action");

const struct action_facts *
action_facts(enum action action)
{
	return &rows[action];
}
