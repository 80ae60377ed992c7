/*
 * src/api/authenticate.c on recorded rows: what is asked for a key.
 */
#include <config.h>

#include <criterion/criterion.h>

#include "api/authenticate.h"
#include "api/call.h"
#include "recorded.h"
#include "secret/secret.h"

#define KEY "cak_0123456789012345678901234567890123456789"

/* Cells of a key of company 6: is valid, versions, one node. */
#define CELLS(valid, company, common, one_node) \
	"5 6 - 1 0 0 1 " valid " " company " " common " " one_node
/* By the table that is named first. */
#define ASKS(cells) ANSWER("SELECT api_keys *", cells)
#define ADDS(cells) ANSWER("SELECT data_versions *", cells)

static const struct find_case {
	const char *what;
	struct recorded answers[2];
	size_t n;
	bool many_nodes; /* before */
	enum error error;
	int64_t company, common; /* versions */
	bool many_nodes_after;
} cases[] = {
	{ "one node", { ASKS(CELLS("1", "3", "4", "1")) }, 1, false, OK, 3, 4,
	    false },
	{ "another node has written",
	    { ASKS(CELLS("1", "3", "4", "0")),
		ADDS(CELLS("1", "30", "40", "0")) },
	    2, false, OK, 30, 40, true },
	{ "nothing is known of nodes",
	    { ASKS(CELLS("1", "-", "-", "-")),
		ADDS(CELLS("1", "-", "7", "0")) },
	    2, false, OK, 0, 7, true },
	{ "many nodes", { ADDS(CELLS("1", "30", "40", "0")) }, 1, true, OK, 30,
	    40, true },
	{ "no such key", { ASKS("") }, 1, false, ERROR_UNAUTHENTICATED, 0, 0,
	    false },
	{ "revoked or expired", { ASKS(CELLS("0", "3", "4", "1")) }, 1, false,
	    ERROR_UNAUTHENTICATED, 0, 0, false },
	{ "revoked where many nodes write", { ADDS(CELLS("0", "3", "4", "0")) },
	    1, true, ERROR_UNAUTHENTICATED, 0, 0, true },
};

static void
expect(const struct find_case *c, struct service *service)
{
	static const struct action_facts reads = { .ability = ABILITY_READ };
	static const struct route route = { 0 };
	struct arena *arena = arena_new(65536);
	struct request request = { .arena = arena, .authorization = STR(KEY) };
	struct response response = { 0 };
	struct call call = { .service = service,
		.request = &request,
		.arena = arena,
		.facts = &reads,
		.routed.route = &route,
		.response = &response };

	service->many_nodes = c->many_nodes;
	service->db = recorded_begin(arena, c->answers, c->n);
	cr_expect_eq(authenticate(&call), c->error, "%s", c->what);
	cr_expect_eq(call.principal.version.company, c->company, "%s", c->what);
	cr_expect_eq(call.principal.version.common, c->common, "%s", c->what);
	cr_expect_eq(service->many_nodes, c->many_nodes_after, "%s", c->what);
	recorded_end(c->what);
	arena_free(arena);
}

Test(find_key, reads_the_versions_of_all_nodes)
{
	struct problem problem = { 0 };
	struct service *service = calloc(1, sizeof(*service));

	cr_assert_eq(secret_start(&problem), OK);
	service->key_hints = key_hints_new();
	for (size_t i = 0; i < N_ELEMENTS(cases); i++)
		expect(&cases[i], service);
	key_hints_free(service->key_hints);
	free(service);
}
