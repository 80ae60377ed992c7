/*
 * Whether requests can be served: a few checks inside a transaction. Most of
 * the transactions are rolled back; once a second one is committed, since a
 * database may take any statement and hang at COMMIT (a group that lost its
 * quorum, a backup).
 *
 * One worker of the lane looks at a time. While a database that hangs holds
 * that one up, the others answer at once that it hangs. Must not leave a row in
 * the database.
 */
#include <config.h>

#include "admin/pages.h"
#include "base/json.h"
#include "base/time.h"
#include "db/db.h"
#include "schema/schema.h"
#include "secret/sealing_keys.h"
#include "secret/secret.h"

/* All in microseconds. How long the result of a look is given as an answer; */
#define FRESH 200000
/* how long a look may take before other workers answer that the database
 * hangs; */
#define PATIENCE 500000
/* after how long the worker that looks must have died; */
#define LOOK_MAX 10000000
/* how long after a COMMIT that worked no other one is tried. */
#define COMMIT_FRESH 1000000

/* What a look found. */
struct verdict {
	unsigned passed; /* checks, in their order */
	struct str cause;
};

static enum error
check_database(const struct admin *admin, struct problem *reterr)
{
	return db_begin_read(admin->db, reterr);
}

static enum error
check_schema(const struct admin *admin, struct problem *reterr)
{
	struct rows rows = { 0 };
	enum error error = db_run(admin->db, admin->arena,
	    STATEMENT("SELECT COUNT(*) FROM schema_migrations "
		      "WHERE version BETWEEN 1 AND ?",
		value_int(SCHEMA_VERSION)),
	    &rows, reterr);
	int64_t n = 0;

	if (error == OK)
		n = rows_cell(&rows, 0, 0)->integer;
	else if (db_errno(admin->db) != DB_NO_SUCH_TABLE)
		return error;
	if (n == SCHEMA_VERSION)
		return OK;
	return problem_log(reterr, ERROR_UNAVAILABLE,
	    "%lld of %d migrations are applied, run connectorsctl migrate",
	    (long long)n, SCHEMA_VERSION);
}

/* On a cluster node without a quorum SELECT 1 works and this does not. */
static enum error
check_read(const struct admin *admin, struct problem *reterr)
{
	struct statement statement = {
		.text = STR("SELECT id FROM api_keys LIMIT 1"),
	};
	struct rows rows;

	return db_run(admin->db, admin->arena, &statement, &rows, reterr);
}

/*
 * A COMMIT that got no answer goes on in the server after its connection is
 * closed. While it does, no other COMMIT is sent to that server: a monitor that
 * asks every second would use up all of the server's connections.
 */
static enum error
check_hanging(const struct admin *admin, struct problem *reterr)
{
	const struct readiness *r = &admin->scoreboard->readiness;
	uint64_t connection = atomic_load(&r->hanging);
	struct rows rows;

	if (connection == 0 || atomic_load(&r->host) != db_host(admin->db))
		return OK;
	TRY(db_run(admin->db, admin->arena,
	    STATEMENT("SELECT time FROM information_schema.processlist "
		      "WHERE id = ? AND info = 'COMMIT'",
		value_int((int64_t)connection)),
	    &rows, reterr));
	if (rows.count == 0)
		return OK;
	return problem_log(reterr, ERROR_UNAVAILABLE,
	    "database: a COMMIT hangs since %lld s",
	    (long long)rows_cell(&rows, 0, 0)->integer);
}

static enum error
commit(const struct admin *admin, struct problem *reterr)
{
	struct readiness *r = &admin->scoreboard->readiness;
	uint64_t connection = db_connection(admin->db);
	unsigned host = db_host(admin->db);
	enum error error;

	TRY(check_hanging(admin, reterr));
	error = db_commit(admin->db, reterr);
	atomic_store(&r->host, host);
	atomic_store(
	    &r->hanging, db_commit_unknown(admin->db) ? connection : 0);
	if (error == OK)
		atomic_store(&r->committed, time_monotonic());
	return error;
}

/* A row of its own for each look, so that the pools of several hosts never wait
 * for each other here. No company has such an id. */
static int64_t
choose_row(void)
{
	uint64_t random;

	secret_random(&random, sizeof(random));
	return -1 - (int64_t)(random >> 1);
}

/* The transaction removes its own row before COMMIT. To the server it is a
 * write like any other all the same. */
static enum error
write_row(const struct admin *admin, struct problem *reterr)
{
	uint64_t last = atomic_load(&admin->scoreboard->readiness.committed);
	struct value id = value_int(choose_row());

	TRY(db_begin(admin->db, reterr));
	TRY(db_run(admin->db, admin->arena,
	    STATEMENT("INSERT INTO data_versions (company_id, version) "
		      "VALUES (?, 0)",
		id),
	    NULL, reterr));
	if (last != 0 && time_monotonic() < last + COMMIT_FRESH)
		return OK;
	TRY(db_run(admin->db, admin->arena,
	    STATEMENT("DELETE FROM data_versions WHERE company_id = ?", id),
	    NULL, reterr));
	return commit(admin, reterr);
}

/* Tries again when this host takes no writes any more: another one may. */
static enum error
check_write(const struct admin *admin, struct problem *reterr)
{
	enum error error;

	db_rollback(admin->db);
	error = write_row(admin, reterr);
	if (error == OK || !db_should_retry(admin->db))
		return error;
	db_rollback(admin->db);
	*reterr = (struct problem){ .arena = admin->arena };
	return write_row(admin, reterr);
}

static enum error
check_keys(const struct admin *admin, struct problem *reterr)
{
	return sealing_keys_find(
	    admin->arena, admin->db, admin->keyring, reterr);
}

static const struct {
	const char *name;
	enum error (*run)(const struct admin *, struct problem *);
} checks[] = {
	{ "database", check_database },
	{ "schema", check_schema },
	{ "read", check_read },
	{ "write", check_write },
	{ "keys", check_keys },
};

static struct verdict
look(const struct admin *admin)
{
	struct problem problem = { .arena = admin->arena };
	struct verdict verdict = { 0 };
	unsigned i = 0;

	while (i < N_ELEMENTS(checks) && checks[i].run(admin, &problem) == OK)
		i++;
	db_rollback(admin->db);
	verdict.passed = i;
	if (i < N_ELEMENTS(checks))
		verdict.cause = arena_printf(admin->arena, "%s: %.*s",
		    checks[i].name, STR_FMT(problem.log));
	return verdict;
}

/* False: another worker is looking, *ret_since then. */
static bool
begin_look(struct readiness *r, uint64_t now, uint64_t *ret_since)
{
	uint_fast64_t begun = atomic_load(&r->begun);

	*ret_since = begun;
	if (begun != 0 && now < begun + LOOK_MAX)
		return false;
	return atomic_compare_exchange_strong(&r->begun, &begun, now);
}

static void
end_look(struct readiness *r, const struct verdict *verdict)
{
	size_t len = verdict->cause.len < sizeof(r->cause) - 1
			 ? verdict->cause.len
			 : sizeof(r->cause) - 1;

	for (size_t i = 0; i < len; i++)
		r->cause[i] = verdict->cause.ptr[i];
	r->cause[len] = '\0';
	atomic_store(&r->passed, verdict->passed);
	atomic_store(&r->ended, time_monotonic());
	atomic_store(&r->begun, 0);
}

/* The result of the last look. */
static struct verdict
recall(const struct admin *admin, const struct readiness *r)
{
	struct verdict verdict = { .passed = atomic_load(&r->passed) };
	char text[sizeof(r->cause)];

	slot_copy_text(text, sizeof(text), r->cause);
	if (verdict.passed != N_ELEMENTS(checks))
		verdict.cause = arena_copy(admin->arena, str_of(text));
	return verdict;
}

static struct verdict
find_verdict(const struct admin *admin)
{
	struct readiness *r = &admin->scoreboard->readiness;
	uint64_t now = time_monotonic(), since = 0;
	uint64_t ended = atomic_load(&r->ended);
	struct verdict verdict = { 0 };

	if (ended != 0 && now < ended + FRESH)
		return recall(admin, r);
	if (begin_look(r, now, &since)) {
		verdict = look(admin);
		end_look(r, &verdict);
	} else if (ended != 0 && now < since + PATIENCE) {
		verdict = recall(admin, r);
	} else {
		verdict.cause = arena_printf(admin->arena,
		    "database: no answer for %llu ms",
		    (unsigned long long)(now - since) / 1000);
	}
	return verdict;
}

static void
put_checks(struct buf *b, unsigned passed)
{
	json_key(b, "checks");
	json_object_open(b);
	for (unsigned i = 0; i < N_ELEMENTS(checks); i++) {
		json_key(b, checks[i].name);
		if (i > passed)
			json_null(b);
		else
			json_bool(b, i < passed);
	}
	json_object_close(b);
}

static void
put_cause(const struct admin *admin, struct str cause, struct response *ret)
{
	json_key(ret->body, "cause");
	json_string(ret->body, cause);
	ret->status = error_status(ERROR_UNAVAILABLE);
	ret->log = cause;
	response_header(ret, "Retry-After",
	    arena_printf(admin->arena, "%u", admin->config->serve.retry_after));
}

void
admin_ready(const struct admin *admin, struct response *ret)
{
	struct verdict verdict = find_verdict(admin);
	bool ready = verdict.passed == N_ELEMENTS(checks);

	json_object_open(ret->body);
	json_member_text(ret->body, "status", ready ? "ready" : "not ready");
	if (!ready)
		put_cause(admin, verdict.cause, ret);
	put_checks(ret->body, verdict.passed);
	json_object_close(ret->body);
}
