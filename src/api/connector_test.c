/*
 * The handler that tests a connector: it reads what the test needs, gives the
 * connection to the database back, tests, and stores the result.
 *
 * The row in connector_tests is there while the test runs. It counts the tests
 * of a company across workers and hosts, and makes tests that may be given a
 * new refresh token wait for each other.
 */
#include <config.h>

#include "api/audit.h"
#include "api/connector_test_record.h"
#include "api/find_variables.h"
#include "api/transaction.h"
#include "base/json.h"
#include "base/time.h"
#include "db/db.h"
#include "probe/probe.h"
#include "schema/tables.h"
#include "secret/secret.h"

#define REFRESHING_TYPE "oauth2_authorization_code"
#define PAUSE           10000 /* microseconds before a row is made again */

/* The cells of load_implementation(), in the order of its text. */
enum cell {
	CELL_NAME,
	CELL_USED_IMPLEMENTATION, /* as the connector says */
	CELL_IMPLEMENTATION,      /* null: none that the company may see */
	CELL_OWNER,               /* of its system; null: everybody */
	CELL_TYPE,
	CELL_PROTOCOL,
	CELL_URL,
	CELL_HTTP_METHOD,
	CELL_HEADERS,
	CELL_QUERY,
	CELL_BODY,
	CELL_BODY_FORMAT,
	CELL_TEST_URL,
	CELL_EXPECTED_STATUS,
	CELL_TOKEN_PATH,
	CELL_CERTIFICATE_ID,
	CELL_CERTIFICATE
};

static enum error
load_implementation(struct test *t)
{
	static const struct str text = STR_CONST(
	    "SELECT c.name, c.authentication_implementation_id, i.id, "
	    "s.company_id, t.`key`, s.protocol, i.url, "
	    "i.http_method, i.headers, i.query, i.body, i.body_format, "
	    "i.test_url, i.expected_status, i.token_path, e.id, "
	    "e.certificate_sealed FROM connectors c "
	    "LEFT JOIN (authentication_implementations i "
	    "JOIN authentication_types t ON t.id = i.authentication_type_id "
	    "JOIN systems s ON s.id = i.system_id) "
	    "ON i.id = c.authentication_implementation_id "
	    "AND (s.company_id IS NULL OR s.company_id = c.company_id) "
	    "LEFT JOIN certificates e ON e.id = c.certificate_id "
	    "AND e.company_id = c.company_id WHERE c.id = ?");
	struct value id = value_int(t->connector_id);
	struct probe_target *target = &t->target;
	struct rows rows;

	TRY(call_query(t->call, (struct statement){ text, &id, 1 }, &rows));
	if (rows.count == 0)
		return call_not_found(t->call);
	t->cells = rows.cells;
	t->implementation_id = t->cells[CELL_IMPLEMENTATION].integer;
	t->implementation_company = t->cells[CELL_OWNER].integer;
	t->connector_name = t->cells[CELL_NAME].text;
	target->type = t->cells[CELL_TYPE].text;
	target->protocol = t->cells[CELL_PROTOCOL].text;
	target->url = t->cells[CELL_URL].text;
	target->http_method = t->cells[CELL_HTTP_METHOD].text;
	target->headers = t->cells[CELL_HEADERS].text;
	target->query = t->cells[CELL_QUERY].text;
	target->body = t->cells[CELL_BODY].text;
	target->body_format = t->cells[CELL_BODY_FORMAT].text;
	target->test_url = t->cells[CELL_TEST_URL].text;
	target->expected_status = t->cells[CELL_EXPECTED_STATUS].text;
	target->token_path = t->cells[CELL_TOKEN_PATH].text;
	return OK;
}

static enum error
open_sealed(struct test *t, const struct seal_context *place, struct str sealed,
    struct str *ret)
{
	struct call *call = t->call;

	if (call->service->keyring == NULL)
		return problem_log(&call->problem, ERROR_INTERNAL,
		    "a secret cannot be opened: no key ring is configured");
	return secret_open(call->arena, call->service->keyring, place, sealed,
	    ret, &call->problem);
}

static enum error
add_variable(struct test *t, const struct variables *variables,
    const struct variable *v, struct probe_variable *ret)
{
	struct seal_context place = { "variables", "value", v->id,
		v->company_id };

	ret->key = variable_value(variables, v, "key")->text;
	ret->secret = variable_is_secret(variables, v);
	ret->value = variable_value(variables, v, "value")->text;
	if (v->sealed.ptr == NULL)
		return OK;
	return open_sealed(t, &place, v->sealed, &ret->value);
}

static enum error
add_default(struct test *t, const struct variables *variables,
    const struct variable *v, struct probe_variable *ret)
{
	ret->is_default = true;
	return add_variable(t, variables, v, ret);
}

static bool
has_value(const struct variables *variables, const struct variable *v)
{
	return v->sealed.ptr != NULL ||
	       variable_value(variables, v, "value")->type != VALUE_NULL;
}

/* Without an implementation there are none, and the test says that it knows no
 * such type. */
static enum error
load_defaults(struct test *t, struct variables *ret)
{
	const struct value *id = &t->cells[CELL_IMPLEMENTATION];

	if (id->type != VALUE_NULL)
		return find_defaults(
		    t->call, id->integer, t->cells[CELL_OWNER].integer, ret);
	*ret = (struct variables){ .rules = &resource_connectors };
	t->call->response->warning = arena_printf(t->call->arena,
	    "connector %lld refers to authentication implementation %lld, "
	    "which its company may not see",
	    (long long)t->connector_id,
	    (long long)t->cells[CELL_USED_IMPLEMENTATION].integer);
	return OK;
}

/* The connector's own variables, then the implementation's where the
 * connector has no value. */
static enum error
load_variables(struct test *t)
{
	struct variables defaults;
	struct probe_variable *all;
	size_t n = 0;

	TRY(find_variables(t->call, t->connector_id, &t->variables));
	TRY(load_defaults(t, &defaults));
	all = ARENA_NEW(
	    t->call->arena, struct probe_variable, t->variables.n + defaults.n);
	for (size_t i = 0; i < defaults.n; i++) {
		const struct variable *v = &defaults.all[i];
		const struct variable *own = variables_find(
		    &t->variables, variable_value(&defaults, v, "key")->text);

		if (own == NULL || !has_value(&t->variables, own))
			TRY(add_default(t, &defaults, v, &all[n++]));
	}
	for (size_t i = 0; i < t->variables.n; i++) {
		const struct variable *v = &t->variables.all[i];
		struct str key = variable_value(&t->variables, v, "key")->text;

		if (has_value(&t->variables, v) ||
		    variables_find(&defaults, key) == NULL)
			TRY(add_variable(t, &t->variables, v, &all[n++]));
	}
	t->target.variables = all;
	t->target.n_variables = n;
	return OK;
}

static enum error
load_certificate(struct test *t)
{
	const struct value *sealed = &t->cells[CELL_CERTIFICATE];
	struct seal_context place = { "certificates", "certificate",
		t->cells[CELL_CERTIFICATE_ID].integer,
		t->call->principal.company_id };

	if (sealed->type == VALUE_NULL)
		return OK;
	return open_sealed(t, &place, sealed->text, &t->target.certificate);
}

/* Everything the test needs; the database is not needed while it runs. */
static enum error
load(struct test *t)
{
	TRY(load_variables(t));
	TRY(load_certificate(t));
	db_release(t->call->service->db);
	return OK;
}

static void
add_representation(struct buf *body, const struct test *t)
{
	json_object_open(body);
	json_key(body, "data");
	probe_result_json(body, &t->result);
	json_object_close(body);
}

/* {"message", "errors": {"connector": [...]}, "test": result} */
static void
add_failure(struct buf *body, const struct test *t)
{
	json_object_open(body);
	json_key(body, "message");
	json_string(body, t->result.detail);
	json_key(body, "errors");
	json_object_open(body);
	json_key(body, "connector");
	json_array_open(body);
	json_string(body, t->result.detail);
	json_array_close(body);
	json_object_close(body);
	json_key(body, "test");
	probe_result_json(body, &t->result);
	json_object_close(body);
}

/* Whether a Prefer field (RFC 7240) asks for the result. */
static bool
wants_representation(struct str prefer)
{
	struct str rest = prefer, part;

	while (str_next_part(&rest, ',', &part)) {
		part.len = str_find(part, ';');
		if (str_equal_nocase(
			str_trim(part, " "), STR("return=representation")))
			return true;
	}
	return false;
}

static void
answer(struct test *t)
{
	struct call *call = t->call;
	struct response *response = call->response;

	response->tested = true;
	response->test_reason = t->result.reason;
	if (!t->result.ok) {
		response->status = error_status(ERROR_INVALID);
		add_failure(response->body, t);
	} else if (wants_representation(call->request->prefer)) {
		add_representation(response->body, t);
		response_header(response, "Preference-Applied",
		    STR("return=representation"));
	} else {
		response->no_body = true;
	}
}

/* What is stored when the test is over. */
static enum error
finish(struct transaction *transaction, void *context)
{
	struct test *t = context;
	struct write_plan plan;

	transaction->run.connector_id = t->connector_id;
	TRY(test_store(t, &plan));
	TRY(audit_leave(t->call, transaction->token,
	    &(struct audit_entry){ .action = "test",
		.connector_id = t->connector_id,
		.connector_name = t->connector_name,
		.changed = plan.names,
		.n_changed = plan.n_names }));
	if (!t->gone)
		answer(t);
	return OK;
}

/* From the row that says "running" to the one that has the result. */
static enum error
run(struct test *t)
{
	struct call *call = t->call;
	struct probe_settings settings;
	uint64_t begun;

	t->begun = time_monotonic();
	if (str_equal(t->target.type, STR(REFRESHING_TYPE)))
		TRY(test_wait_turn(t));
	TRY(load(t));
	begun = time_monotonic();
	settings = test_settings(t);
	TRY(probe_run(
	    call->arena, &settings, &t->target, &t->result, &call->problem));
	call->response->remote_wait = time_monotonic() - begun;
	TRY(transaction_run(call, finish, t));
	return t->gone ? call_not_found(call) : OK;
}

static enum error
begin(struct test *t)
{
	struct call *call = t->call;

	call->problem = (struct problem){ .arena = call->arena };
	TRY(call_find_id(call, &t->connector_id));
	TRY(load_implementation(t));
	return test_begin(t);
}

/* Tries again when the row cannot be made because the connector was deleted
 * since it was found: now it will not be found. But when the connection was
 * lost the row may be there, and a second one would count as well. */
static enum error
begin_surely(struct test *t)
{
	const struct service *service = t->call->service;
	uint64_t until =
	    time_monotonic() + service->limits->transaction_ms * UINT64_C(1000);
	enum error error = begin(t);

	while (error != OK && db_should_retry(service->db) &&
	       !db_was_lost(service->db) && time_monotonic() < until &&
	       db_pause(service->db, PAUSE))
		error = begin(t);
	return error;
}

enum error
test_run(struct test *t)
{
	enum error error;

	TRY(begin_surely(t));
	error = run(t);
	if (error != OK)
		test_forget(t);
	return error;
}

enum error
serve_test(struct call *call)
{
	return test_run(&(struct test){ .call = call });
}
