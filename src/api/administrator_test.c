/*
 * Makes the request that the administrator would send if there were a key, and
 * has the API's own handler serve it.
 */
#include <config.h>

#include "api/administrator_test.h"

#include "api/connector_test_record.h"
#include "api/implementation_cache.h"
#include "db/db.h"
#include "secret/secret.h"

#define ANSWER_MAX (4u << 20) /* bytes; a result has a few thousand */
#define CACHE_MAX  (1u << 16) /* bytes; one implementation is looked up */
#define ID_BYTES   8          /* random ones of the request's id */

/* The company that is tested for. */
static enum error
find_company(struct call *call, int64_t connector_id)
{
	static const struct str text =
	    STR_CONST("SELECT company_id FROM connectors WHERE id = ?");
	const struct value id = value_int(connector_id);
	struct rows rows = { 0 };

	TRY(call_query(call, (struct statement){ text, &id, 1 }, &rows));
	if (rows.count == 0)
		return problem_set(&call->problem, ERROR_NOT_FOUND,
		    "there is no connector %lld", (long long)connector_id);
	call->principal.company_id = rows.cells[0].integer;
	return OK;
}

/* Tells in the audit trail which program it was. */
static struct str
make_id(struct arena *arena)
{
	unsigned char bytes[ID_BYTES];
	struct str id = STR("connectorsctl-");

	secret_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		id = arena_printf(arena, "%.*s%02x", STR_FMT(id), bytes[i]);
	return id;
}

static enum error
run(struct call *call, int64_t connector_id, struct probe_result *ret)
{
	struct request request = { .arena = call->arena,
		.method = METHOD_POST,
		.path = arena_printf(call->arena,
		    ROUTE_PREFIX "connectors/%lld/test",
		    (long long)connector_id),
		.id = make_id(call->arena) };
	struct test test = { .call = call };

	call->request = &request;
	TRY(find_company(call, connector_id));
	TRY(call_find_route(call));
	TRY(test_run(&test));
	*ret = test.result;
	return OK;
}

enum error
administrator_test(const struct administrator *who, struct arena *arena,
    int64_t connector_id, struct probe_result *ret, struct str *ret_warning,
    struct problem *reterr)
{
	atomic_int_fast64_t next_variable = 0;
	struct service service = { .db = who->db,
		.keyring = who->keyring,
		.limits = who->limits,
		.probe = who->probe,
		.implementations = implementation_cache_new(CACHE_MAX),
		.next_variable = &next_variable };
	struct buf body;
	struct response response = { .body = &body };
	struct call call = { .service = &service,
		.arena = arena,
		.response = &response,
		.problem = { .arena = arena } };
	enum error error;

	buf_init(&body, ANSWER_MAX);
	error = run(&call, connector_id, ret);
	*ret_warning = response.warning;
	*reterr = call.problem;
	buf_done(&body);
	implementation_cache_free(service.implementations);
	return error;
}
