/*
 * The rows of tests, running and done.
 */
#include <config.h>

#include "api/connector_test_record.h"

#include <time.h>

#include "base/time.h"
#include "db/db.h"
#include "schema/tables.h"

#define TURN_PAUSE_MS 100
/* What a worker needs beside the test itself, before its row is stale. */
#define STALE_AFTER_MS 15000

/* Seconds after which a row that still says "running" is of a worker that
 * died. */
static int64_t
stale_seconds(const struct test *t)
{
	unsigned ms = t->call->service->probe->total_timeout_ms;

	return (int64_t)(ms + STALE_AFTER_MS) / 1000;
}

static enum error
count_running(struct test *t, bool of_connector, int64_t *ret)
{
	static const struct str by_company = STR_CONST(
	    "SELECT COUNT(*) FROM connector_tests WHERE company_id = ? AND "
	    "ok IS NULL AND id < ? AND "
	    "created_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND");
	static const struct str by_connector = STR_CONST(
	    "SELECT COUNT(*) FROM connector_tests WHERE connector_id = ? AND "
	    "ok IS NULL AND id < ? AND "
	    "created_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND");
	const struct value params[] = {
		value_int(of_connector ? t->connector_id
				       : t->call->principal.company_id),
		value_int(t->id),
		value_int(stale_seconds(t)),
	};
	struct rows rows;

	TRY(call_query(t->call,
	    (struct statement){ of_connector ? by_connector : by_company,
		params, N_ELEMENTS(params) },
	    &rows));
	*ret = rows.cells[0].integer;
	return OK;
}

enum error
test_begin(struct test *t)
{
	const struct resource *tests = &resource_connector_tests;
	struct call *call = t->call;
	const struct principal *who = &call->principal;
	struct assignments values = { .n = 0 };
	int64_t others = 0;
	enum error error;

	assign(&values, tests, "company_id", value_int(who->company_id));
	assign(&values, tests, "connector_id", value_int(t->connector_id));
	assign(&values, tests, "api_key_id",
	    who->key_id == 0 ? value_null() : value_int(who->key_id));
	assign(&values, tests, "user_id",
	    who->user_id == 0 ? value_null() : value_int(who->user_id));
	TRY(call_run(call, sql_insert(call->arena, tests, &values)));
	t->id = db_insert_id(call->service->db);
	error = count_running(t, false, &others);
	if (error == OK && others >= call->service->limits->tests_per_company)
		error = ERROR_TOO_MANY;
	if (error != OK)
		test_forget(t);
	return error;
}

/* Milliseconds since the test began. */
static unsigned
spent_ms(const struct test *t)
{
	return (unsigned)((time_monotonic() - t->begun) / 1000);
}

/* How long a turn is waited for: what is left must be enough to connect, or the
 * remote side would be blamed for being slow. */
static unsigned
longest_wait(const struct probe_settings *settings)
{
	unsigned least = settings->total_timeout_ms / 2;

	if (settings->connect_timeout_ms < least)
		least = settings->connect_timeout_ms;
	return settings->total_timeout_ms - least;
}

enum error
test_wait_turn(struct test *t)
{
	unsigned most = longest_wait(t->call->service->probe);
	struct timespec pause = { 0, TURN_PAUSE_MS * 1000000L };
	int64_t others;

	for (;;) {
		TRY(count_running(t, true, &others));
		if (others == 0)
			return OK;
		if (spent_ms(t) + TURN_PAUSE_MS > most)
			return ERROR_TOO_MANY;
		nanosleep(&pause, NULL);
	}
}

struct probe_settings
test_settings(const struct test *t)
{
	struct probe_settings settings = *t->call->service->probe;
	unsigned spent = spent_ms(t);

	settings.total_timeout_ms -= spent < settings.total_timeout_ms
					 ? spent
					 : settings.total_timeout_ms - 1;
	return settings;
}

void
test_forget(struct test *t)
{
	struct call *call = t->call;
	struct problem ignored = { .arena = call->arena };
	struct statement statement =
	    sql_delete(call->arena, &resource_connector_tests, "id", &t->id, 1);
	enum error error =
	    db_run(call->service->db, call->arena, &statement, NULL, &ignored);

	(void)error;
}

static enum error
store_result(struct test *t)
{
	const struct resource *tests = &resource_connector_tests;
	const struct probe_result *result = &t->result;
	struct call *call = t->call;
	struct assignments values = { .n = 0 };
	struct buf json;
	enum error error;

	buf_init(&json, call->response->body->max);
	probe_result_json(&json, result);
	assign(&values, tests, "ok", value_int(result->ok));
	assign(&values, tests, "stage",
	    value_text(str_of(probe_step_name(result->stage))));
	assign(&values, tests, "reason",
	    result->reason == NULL ? value_null()
				   : value_text(str_of(result->reason)));
	assign(&values, tests, "detail",
	    result->detail.len == 0 ? value_null()
				    : value_text(result->detail));
	assign(&values, tests, "duration_ms", value_int(result->duration_ms));
	assign(&values, tests, "result", value_text(buf_str(&json)));
	error = call_run(call,
	    sql_update(call->arena, tests, &values, "id", t->id, COUNTED_NOT));
	buf_done(&json);
	return error;
}

/* Holds the connector until the end of the transaction. */
static enum error
lock_connector(struct test *t)
{
	static const struct str text =
	    STR_CONST("SELECT id FROM connectors WHERE id = ? FOR UPDATE");
	struct value id = value_int(t->connector_id);
	struct rows rows;

	TRY(call_query(t->call, (struct statement){ text, &id, 1 }, &rows));
	t->gone = rows.count == 0;
	return OK;
}

enum error
test_store(struct test *t, struct write_plan *ret)
{
	*ret = (struct write_plan){ 0 };
	TRY(lock_connector(t));
	if (t->gone)
		return OK;
	TRY(store_result(t));
	return test_store_token(t, ret);
}
