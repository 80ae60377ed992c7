/*
 * Statements on one connection, which is made when first needed and made anew
 * when lost; how long all of it may take.
 *
 * Reconnects by itself and never by the client library's option (a no-op since
 * MySQL 8.3, and it would hide lost transactions). Must not write SQL.
 */
#include <config.h>

#include "db/db.h"

#include <errmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "db/deadline.h"
#include "db/internal.h"

struct db *
db_new(const struct db_settings *settings)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		abort();
	db->settings = settings;
	db->session.fd = -1;
	db->allowed = UINT64_MAX;
	db->n_hosts = db_count_hosts(settings);
	db->hosts = calloc(db->n_hosts, sizeof(*db->hosts));
	db->prepared = calloc(settings->statement_cache, sizeof(*db->prepared));
	if (db->prepared == NULL || db->hosts == NULL)
		abort();
	return db;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	db_disconnect(db);
	free(db->prepared);
	free(db->hosts);
	free(db);
}

void
db_release(struct db *db)
{
	db_disconnect(db);
	db->in_transaction = false;
}

void
db_limit(struct db *db, unsigned ms)
{
	db->allowed = ms == 0 ? UINT64_MAX
			      : db->counters.microseconds + ms * UINT64_C(1000);
}

uint64_t
db_left(const struct db *db)
{
	uint64_t spent = db->counters.microseconds;

	if (db->begun != 0)
		spent += time_monotonic() - db->begun;
	return spent < db->allowed ? db->allowed - spent : 0;
}

void
db_call_begin(struct db *db)
{
	db->begun = time_monotonic();
	db->last_errno = 0;
	db->commit_unknown = false;
	db->turned = false;
}

void
db_call_end(struct db *db)
{
	db->counters.microseconds += time_monotonic() - db->begun;
	db->begun = 0;
}

bool
db_pause(struct db *db, unsigned us)
{
	uint64_t left = db_left(db);
	struct timespec t;

	if (left > us)
		left = us;
	t = (struct timespec){ .tv_sec = (time_t)(left / 1000000),
		.tv_nsec = (long)(left % 1000000) * 1000 };
	nanosleep(&t, NULL);
	db->counters.microseconds += left;
	return db_left(db) > 0;
}

/* Before the library waits for an answer; returns for how long it may. */
uint64_t
db_wait_begin(struct db *db)
{
	uint64_t most = (uint64_t)db->settings->read_timeout_ms * 1000;
	uint64_t left = db_left(db);

	if (left > most)
		left = most;
	deadline_set(db->session.fd, time_monotonic() + left);
	return left;
}

/* The error of a wait that lasted too long. */
static enum error
no_answer(struct db *db, uint64_t us, struct problem *reterr)
{
	char text[64];

	snprintf(text, sizeof(text), "no answer in %llu ms",
	    (unsigned long long)us / 1000);
	db_note_silence(db, us, db->settings->read_timeout_ms);
	return db_fail(db, CR_SERVER_LOST, text, reterr);
}

/* What a failure says of the connection and of its host. */
static void
judge_connection(struct db *db, enum failure failure)
{
	if (failure == FAILURE_READ_ONLY) {
		db->turned = db->session.writable;
		db->session.writable = false;
	}
	if (failure == FAILURE_LEAVE)
		db_leave_host(db);
	if (failure == FAILURE_LOST || failure == FAILURE_AWAY ||
	    failure == FAILURE_LEAVE) {
		db->broken = true;
		db_disconnect(db);
	}
}

enum error
db_fail(
    struct db *db, unsigned number, const char *text, struct problem *reterr)
{
	enum failure failure = db_failure(number);
	enum error error = ERROR_INTERNAL;

	db->last_errno = number;
	if (failure == FAILURE_DUPLICATE)
		error = ERROR_CONFLICT;
	else if (failure != FAILURE_OTHER)
		error = ERROR_UNAVAILABLE;
	problem_log(reterr, error, "database: %u %s", number, text);
	if (failure == FAILURE_ENDED)
		problem_log(reterr, error,
		    "database: %u %s; a read may take %u ms "
		    "(database.read_limit)",
		    number, text, db->settings->read_limit_ms);
	judge_connection(db, failure);
	return error;
}

/* What may be sent: a transaction's statements only on its own connection. */
enum error
db_call_check(struct db *db, struct problem *reterr)
{
	if (db->in_transaction && db->session.mysql == NULL) {
		db->last_errno = CR_SERVER_LOST;
		return problem_log(reterr, ERROR_UNAVAILABLE,
		    "database: the connection of the transaction is gone");
	}
	if (db_left(db) == 0)
		return problem_log(reterr, ERROR_UNAVAILABLE,
		    "database: no time is left (database.request_limit)");
	return OK;
}

/* A transaction stays where it is. */
static enum error
connect_for(struct db *db, struct str text, struct problem *reterr)
{
	static const struct str readers[] = { STR_CONST("SELECT "),
		STR_CONST("SET SESSION "), STR_CONST("DO ") };
	bool writes = true;

	if (db->in_transaction)
		return OK;
	for (size_t i = 0; i < N_ELEMENTS(readers); i++)
		writes = writes && !str_starts_with(text, readers[i]);
	return db_connect(db, writes, reterr);
}

/* Whether the server has ended the transaction: further statements would each
 * be committed alone. */
static bool
is_out_of_transaction(const struct db *db)
{
	return db->in_transaction &&
	       (db->session.mysql->server_status & SERVER_STATUS_IN_TRANS) == 0;
}

/* One run of a statement. */
static enum error
run_once(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	struct prepared *prepared;
	const char *text = "";
	unsigned number = 0;
	uint64_t wait;

	TRY(connect_for(db, statement->text, reterr));
	db->counters.statements++;
	wait = db_wait_begin(db);
	prepared = prepared_get(db, statement->text, &number, &text);
	if (prepared != NULL)
		prepared_run(
		    db, prepared, arena, statement, ret, &number, &text);
	if (deadline_clear())
		return no_answer(db, wait, reterr);
	if (number == 0)
		db_note_answer(db);
	if (number == 0 && is_out_of_transaction(db)) {
		number = ERROR_DEADLOCK;
		text = "the server ended the transaction without a word";
	}
	if (number == 0)
		return OK;
	return db_fail(db, number, arena_copy(arena, str_of(text)).ptr, reterr);
}

bool
db_is_lost(const struct db *db)
{
	enum failure failure = db_failure(db->last_errno);

	return failure == FAILURE_LOST || failure == FAILURE_LEAVE;
}

/* Whether a statement that may be run twice (it may have been done already)
 * should be run again. */
bool
db_should_repeat(struct db *db, enum error error)
{
	bool repeat = error != OK && !db->in_transaction && db_is_lost(db) &&
		      db_left(db) > 0;

	db->counters.retries += repeat;
	return repeat;
}

enum error
db_run(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	enum error error;

	db_call_begin(db);
	error = db_call_check(db, reterr);
	if (error == OK)
		error = run_once(db, arena, statement, ret, reterr);
	if (str_starts_with(statement->text, STR("SELECT ")) &&
	    db_should_repeat(db, error))
		error = run_once(db, arena, statement, ret, reterr);
	db_call_end(db);
	return error;
}

/* Sends a text and reads what comes; false: mysql_error() says why not. */
bool
db_send(MYSQL *mysql, struct str text)
{
	MYSQL_RES *result;
	int more;

	if (mysql_real_query(mysql, text.ptr, (unsigned long)text.len) != 0)
		return false;
	do {
		result = mysql_store_result(mysql);
		if (result != NULL)
			mysql_free_result(result);
		more = mysql_next_result(mysql);
	} while (more == 0);
	return mysql_errno(mysql) == 0;
}

/* The error that the library has for the connection. */
enum error
db_last_failure(struct db *db, struct problem *reterr)
{
	const char *text = mysql_error(db->session.mysql);

	return db_fail(db, mysql_errno(db->session.mysql),
	    arena_copy(reterr->arena, str_of(text)).ptr, reterr);
}

enum error
db_query(struct db *db, struct str text, struct problem *reterr)
{
	uint64_t wait;
	bool done;

	db->counters.statements++;
	wait = db_wait_begin(db);
	done = db_send(db->session.mysql, text);
	if (deadline_clear())
		return no_answer(db, wait, reterr);
	if (!done)
		return db_last_failure(db, reterr);
	db_note_answer(db);
	return OK;
}

enum error
db_execute(struct db *db, struct str text, struct problem *reterr)
{
	enum error error;

	db_call_begin(db);
	error = db_call_check(db, reterr);
	if (error == OK)
		error = connect_for(db, text, reterr);
	if (error == OK)
		error = db_query(db, text, reterr);
	db_call_end(db);
	return error;
}

bool
db_should_retry(const struct db *db)
{
	enum failure failure = db_failure(db->last_errno);

	return (failure == FAILURE_RETRY || failure == FAILURE_REFERENCE ||
		   db_is_lost(db) ||
		   (failure == FAILURE_READ_ONLY && db->turned)) &&
	       db_left(db) > 0;
}

bool
db_reference_failed(const struct db *db)
{
	return db_failure(db->last_errno) == FAILURE_REFERENCE;
}

bool
db_has_peers(const struct db *db)
{
	return db->session.cluster != CLUSTER_NONE;
}

bool
db_was_ended(const struct db *db)
{
	return db_failure(db->last_errno) == FAILURE_ENDED;
}

bool
db_commit_unknown(const struct db *db)
{
	return db->commit_unknown;
}

bool
db_was_lost(const struct db *db)
{
	return db_is_lost(db);
}

/* MySQL has a number of its own for NOWAIT; MariaDB takes that of a lock that
 * was waited for. */
bool
db_is_locked(const struct db *db)
{
	return db->last_errno == 1205 || db->last_errno == 3572;
}

unsigned
db_errno(const struct db *db)
{
	return db->last_errno;
}

uint64_t
db_affected(const struct db *db)
{
	return db->affected;
}

int64_t
db_insert_id(const struct db *db)
{
	return db->insert_id;
}

struct db_counters
db_counters(const struct db *db)
{
	return db->counters;
}

uint64_t
db_connection(const struct db *db)
{
	return db->session.mysql == NULL ? 0
					 : mysql_thread_id(db->session.mysql);
}

unsigned
db_host(const struct db *db)
{
	return db->session.host;
}

int64_t
db_insert_step(const struct db *db)
{
	return db->session.insert_step;
}

bool
db_returns_rows(const struct db *db)
{
	return db->session.returns;
}
