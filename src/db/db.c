/*
 * Statements and transactions on one connection, which is made when first
 * needed and made anew when lost.
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

#include "db/internal.h"

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct db *
db_new(const struct db_settings *settings)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		abort();
	db->settings = settings;
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

/* One run of a statement on the present connection. */
static enum error
run_once(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	struct prepared *prepared;
	const char *text = "";
	unsigned number = 0;

	TRY(db_connect(db, reterr));
	db->counters.statements++;
	prepared = prepared_get(db, statement->text, &number, &text);
	if (prepared != NULL)
		prepared_run(
		    db, prepared, arena, statement, ret, &number, &text);
	if (number == 0)
		return OK;
	return db_fail(db, number, arena_copy(arena, str_of(text)).ptr, reterr);
}

/* What belongs to a transaction must not run on another connection. */
static enum error
check_transaction(struct db *db, struct problem *reterr)
{
	if (!db->in_transaction || db->mysql != NULL)
		return OK;
	db->last_errno = CR_SERVER_LOST;
	return problem_log(reterr, ERROR_UNAVAILABLE,
	    "database: the connection of the transaction is gone");
}

enum error
db_run(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	int64_t begin = now_ns();
	enum error error;

	db->last_errno = 0;
	db->commit_unknown = false;
	TRY(check_transaction(db, reterr));
	error = run_once(db, arena, statement, ret, reterr);
	if (error != OK && !db->in_transaction &&
	    db_failure(db->last_errno) == FAILURE_LOST) {
		db->counters.retries++;
		error = run_once(db, arena, statement, ret, reterr);
	}
	db->counters.nanoseconds += (uint64_t)(now_ns() - begin);
	return error;
}

static enum error
query_text(struct db *db, struct str text, struct problem *reterr)
{
	MYSQL_RES *result;
	int more;

	db->last_errno = 0;
	TRY(db_connect(db, reterr));
	db->counters.statements++;
	if (mysql_real_query(db->mysql, text.ptr, (unsigned long)text.len) != 0)
		return db_fail(db, mysql_errno(db->mysql),
		    arena_copy(reterr->arena, str_of(mysql_error(db->mysql)))
			.ptr,
		    reterr);
	do {
		result = mysql_store_result(db->mysql);
		if (result != NULL)
			mysql_free_result(result);
		more = mysql_next_result(db->mysql);
	} while (more == 0);
	return OK;
}

enum error
db_execute(struct db *db, struct str text, struct problem *reterr)
{
	int64_t begin = now_ns();
	enum error error;

	TRY(check_transaction(db, reterr));
	error = query_text(db, text, reterr);
	if (error != OK && !db->in_transaction &&
	    db_failure(db->last_errno) == FAILURE_LOST) {
		db->counters.retries++;
		error = query_text(db, text, reterr);
	}
	db->counters.nanoseconds += (uint64_t)(now_ns() - begin);
	return error;
}

enum error
db_begin(struct db *db, struct problem *reterr)
{
	db->commit_unknown = false;
	TRY(db_execute(db, STR("START TRANSACTION"), reterr));
	db->in_transaction = true;
	return OK;
}

enum error
db_commit(struct db *db, struct problem *reterr)
{
	enum error error = db_execute(db, STR("COMMIT"), reterr);

	db->in_transaction = false;
	db->commit_unknown =
	    error != OK && db_failure(db->last_errno) == FAILURE_LOST;
	return error;
}

void
db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	db->in_transaction = false;
	if (db->mysql != NULL &&
	    mysql_real_query(db->mysql, "ROLLBACK", 8) != 0)
		db_disconnect(db);
}

bool
db_should_retry(const struct db *db)
{
	enum failure failure = db_failure(db->last_errno);

	return failure == FAILURE_RETRY || failure == FAILURE_REFERENCE ||
	       failure == FAILURE_LOST;
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

int64_t
db_insert_step(const struct db *db)
{
	return db->insert_step;
}
