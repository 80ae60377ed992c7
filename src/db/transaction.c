/*
 * Transactions: their begin on a host that takes writes, their end, and whether
 * COMMIT was done. Must not write SQL for data.
 */
#include <config.h>

#include "base/time.h"
#include "db/deadline.h"
#include "db/internal.h"

/* The server broke a transaction off while it committed. */
#define ERROR_DURING_COMMIT 1180
#define NO_SAVEPOINT        1305

enum begin {
	BEGIN_READ,
	BEGIN_WRITE,
	BEGIN_CURRENT, /* sees all that any member committed before */
};

/*
 * Session settings that only a transaction on a member of a cluster has. Its
 * begin waits for what the other members committed; reads outside a transaction
 * do not wait. In a group that takes a tenth of a second and more under load,
 * so there only a transaction waits that has to (db_begin_current()).
 *
 * Galera rolls a transaction back when another member was first. MariaDB 10.11
 * was seen not to report that to a SELECT that runs at that moment: with
 * autocommit the rest would be committed statement by statement, so it is off.
 */
static const struct {
	struct str change;
	struct str restore;
} clusters[] = {
	[CLUSTER_GALERA] = { STR_CONST(
				 "SET autocommit = 0, wsrep_sync_wait = 1"),
	    STR_CONST("SET autocommit = 1, wsrep_sync_wait = DEFAULT") },
	[CLUSTER_GROUP] = { STR_CONST(
				"SET group_replication_consistency = 'BEFORE'"),
	    STR_CONST("SET group_replication_consistency = 'EVENTUAL'") },
};

static bool
change_session(struct db *db, bool in_transaction)
{
	enum cluster cluster = db->session.cluster;
	bool done;

	db->counters.statements++;
	db_wait_begin(db);
	done = db_send(db->session.mysql, in_transaction
					      ? clusters[cluster].change
					      : clusters[cluster].restore);
	db->is_changed = in_transaction;
	return !deadline_clear() && done;
}

static void
end_transaction(struct db *db)
{
	db->in_transaction = false;
	if (db->is_changed && db->session.mysql != NULL &&
	    !change_session(db, false))
		db_disconnect(db);
	db->is_changed = false;
}

/* Sets the savepoint that tells at the end whether the transaction is still the
 * one that began. */
static enum error
mark(struct db *db, struct problem *reterr)
{
	if (db->session.cluster != CLUSTER_GALERA)
		return OK;
	return db_query(db, STR("SAVEPOINT begun"), reterr);
}

static enum error
check_mark(struct db *db, struct problem *reterr)
{
	enum error error;

	if (db->session.cluster != CLUSTER_GALERA || !db->is_changed)
		return OK;
	error = db_query(db, STR("RELEASE SAVEPOINT begun"), reterr);
	if (error == OK || db->last_errno != NO_SAVEPOINT)
		return error;
	return db_fail(db, ERROR_DEADLOCK,
	    "the server took the transaction back without a word", reterr);
}

static bool
is_to_change(const struct db *db, enum begin how)
{
	return db->session.cluster == CLUSTER_GALERA ||
	       (db->session.cluster == CLUSTER_GROUP && how == BEGIN_CURRENT);
}

static enum error
begin_once(struct db *db, enum begin how, struct problem *reterr)
{
	TRY(db_call_check(db, reterr));
	TRY(db_connect(db, how != BEGIN_READ, reterr));
	if (how == BEGIN_READ)
		return db_query(db, STR("START TRANSACTION READ ONLY"), reterr);
	if (is_to_change(db, how) && !change_session(db, true))
		return db_last_failure(db, reterr);
	TRY(db_query(db, STR("START TRANSACTION"), reterr));
	return mark(db, reterr);
}

static enum error
begin(struct db *db, enum begin how, struct problem *reterr)
{
	enum error error;

	db_call_begin(db);
	error = begin_once(db, how, reterr);
	if (db_should_repeat(db, error))
		error = begin_once(db, how, reterr);
	if (error == OK)
		db->in_transaction = true;
	else
		end_transaction(db);
	db_call_end(db);
	return error;
}

enum error
db_begin(struct db *db, struct problem *reterr)
{
	return begin(db, BEGIN_WRITE, reterr);
}

enum error
db_begin_current(struct db *db, struct problem *reterr)
{
	return begin(db, BEGIN_CURRENT, reterr);
}

enum error
db_begin_read(struct db *db, struct problem *reterr)
{
	return begin(db, BEGIN_READ, reterr);
}

static void
roll_back(struct db *db)
{
	bool done = false;

	if (db->session.mysql == NULL)
		return;
	if (db_left(db) > 0) {
		db_wait_begin(db);
		done = db_send(db->session.mysql, STR("ROLLBACK"));
		done = !deadline_clear() && done;
	}
	if (!done)
		db_disconnect(db);
}

/* Whether a COMMIT that failed may have been done: the server broke it off. */
static bool
may_be_done(const struct db *db)
{
	return db_is_lost(db) || db->last_errno == ERROR_DURING_COMMIT;
}

/* A transaction that was not committed must not stay open: the next one would
 * commit it. */
enum error
db_commit(struct db *db, struct problem *reterr)
{
	enum error error;
	bool unknown = false;

	db_call_begin(db);
	error = db_call_check(db, reterr);
	if (error == OK)
		error = check_mark(db, reterr);
	if (error == OK) {
		error = db_query(db, STR("COMMIT"), reterr);
		unknown = error != OK && may_be_done(db);
	}
	if (error != OK)
		roll_back(db);
	end_transaction(db);
	db_call_end(db);
	db->commit_unknown = unknown;
	return error;
}

void
db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	db->begun = time_monotonic();
	roll_back(db);
	end_transaction(db);
	db_call_end(db);
}
