/*
 * Statements and transactions on one connection, which is made when first
 * needed and made anew when lost; how long all of it may take.
 *
 * Reconnects by itself and never by the client library's option (a no-op since
 * MySQL 8.3, and it would hide lost transactions). Must not write SQL for
 * data: it only says what keeps a session and a transaction in order.
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
	db->fd = -1;
	db->allowed = UINT64_MAX;
	db->prepared = calloc(settings->statement_cache, sizeof(*db->prepared));
	if (db->prepared == NULL)
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

static void
begin_call(struct db *db)
{
	db->begun = time_monotonic();
	db->last_errno = 0;
	db->commit_unknown = false;
}

static void
end_call(struct db *db)
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
static uint64_t
begin_wait(struct db *db)
{
	uint64_t most = (uint64_t)db->settings->read_timeout_ms * 1000;
	uint64_t left = db_left(db);

	if (left > most)
		left = most;
	deadline_set(db->fd, time_monotonic() + left);
	return left;
}

/* The error of a wait that lasted too long. Where there are several hosts the
 * next one is asked first from now on. */
static enum error
no_answer(struct db *db, uint64_t us, struct problem *reterr)
{
	char text[64];

	snprintf(text, sizeof(text), "no answer in %llu ms",
	    (unsigned long long)us / 1000);
	db->next_host++;
	return db_fail(db, CR_SERVER_LOST, text, reterr);
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
	if (failure == FAILURE_LOST || failure == FAILURE_AWAY) {
		db->broken = true;
		db_disconnect(db);
	}
	return error;
}

/* What may be sent: a transaction's statements only on its own connection. */
static enum error
check_call(struct db *db, struct problem *reterr)
{
	if (db->in_transaction && db->mysql == NULL) {
		db->last_errno = CR_SERVER_LOST;
		return problem_log(reterr, ERROR_UNAVAILABLE,
		    "database: the connection of the transaction is gone");
	}
	if (db_left(db) == 0)
		return problem_log(reterr, ERROR_UNAVAILABLE,
		    "database: no time is left (database.request_limit)");
	return OK;
}

/* One run of a statement on the present connection. */
static enum error
run_once(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	struct prepared *prepared;
	const char *text = "";
	unsigned number = 0;
	uint64_t wait;

	TRY(db_connect(db, reterr));
	db->counters.statements++;
	wait = begin_wait(db);
	prepared = prepared_get(db, statement->text, &number, &text);
	if (prepared != NULL)
		prepared_run(
		    db, prepared, arena, statement, ret, &number, &text);
	if (deadline_clear())
		return no_answer(db, wait, reterr);
	if (number == 0)
		return OK;
	return db_fail(db, number, arena_copy(arena, str_of(text)).ptr, reterr);
}

/* Whether a statement that does no harm twice should be run again: it may have
 * been done already. */
static bool
should_repeat(struct db *db, enum error error)
{
	bool repeat = error != OK && !db->in_transaction &&
		      db_failure(db->last_errno) == FAILURE_LOST &&
		      db_left(db) > 0;

	db->counters.retries += repeat;
	return repeat;
}

enum error
db_run(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	enum error error;

	begin_call(db);
	error = check_call(db, reterr);
	if (error == OK)
		error = run_once(db, arena, statement, ret, reterr);
	if (str_starts_with(statement->text, STR("SELECT ")) &&
	    should_repeat(db, error))
		error = run_once(db, arena, statement, ret, reterr);
	end_call(db);
	return error;
}

/* Sends a text and reads what comes; false: mysql_error() says why not. */
static bool
send_text(MYSQL *mysql, struct str text)
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

static enum error
query_text(struct db *db, struct str text, struct problem *reterr)
{
	uint64_t wait;
	bool done;

	TRY(db_connect(db, reterr));
	db->counters.statements++;
	wait = begin_wait(db);
	done = send_text(db->mysql, text);
	if (deadline_clear())
		return no_answer(db, wait, reterr);
	if (done)
		return OK;
	return db_fail(db, mysql_errno(db->mysql),
	    arena_copy(reterr->arena, str_of(mysql_error(db->mysql))).ptr,
	    reterr);
}

static enum error
execute(struct db *db, struct str text, bool repeat, struct problem *reterr)
{
	enum error error;

	begin_call(db);
	error = check_call(db, reterr);
	if (error == OK)
		error = query_text(db, text, reterr);
	if (repeat && should_repeat(db, error))
		error = query_text(db, text, reterr);
	end_call(db);
	return error;
}

enum error
db_execute(struct db *db, struct str text, struct problem *reterr)
{
	return execute(db, text, false, reterr);
}

enum error
db_begin(struct db *db, struct problem *reterr)
{
	db->commit_unknown = false;
	TRY(execute(db, STR("START TRANSACTION"), true, reterr));
	db->in_transaction = true;
	return OK;
}

/* A transaction that was not committed must not stay open: the next one would
 * commit it. */
enum error
db_commit(struct db *db, struct problem *reterr)
{
	enum error error = db_execute(db, STR("COMMIT"), reterr);

	if (error != OK)
		db_rollback(db);
	db->in_transaction = false;
	db->commit_unknown =
	    error != OK && db_failure(db->last_errno) == FAILURE_LOST;
	return error;
}

static bool
roll_back(struct db *db)
{
	bool done;

	if (db_left(db) == 0)
		return false;
	begin_wait(db);
	done = mysql_real_query(db->mysql, "ROLLBACK", 8) == 0;
	return !deadline_clear() && done;
}

void
db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	db->begun = time_monotonic();
	db->in_transaction = false;
	if (db->mysql != NULL && !roll_back(db))
		db_disconnect(db);
	end_call(db);
}

bool
db_should_retry(const struct db *db)
{
	enum failure failure = db_failure(db->last_errno);

	return (failure == FAILURE_RETRY || failure == FAILURE_REFERENCE ||
		   failure == FAILURE_LOST) &&
	       db_left(db) > 0;
}

bool
db_reference_failed(const struct db *db)
{
	return db_failure(db->last_errno) == FAILURE_REFERENCE;
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
	return db_failure(db->last_errno) == FAILURE_LOST;
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
	return db->mysql == NULL ? 0 : mysql_thread_id(db->mysql);
}

int64_t
db_insert_step(const struct db *db)
{
	return db->insert_step;
}
