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

/* On members of a group a session says whether it waits for what the others
 * committed; single reads do not. */
static bool
set_waiting(struct db *db, bool waits)
{
	bool done;

	db->counters.statements++;
	db_wait_begin(db);
	done = db_send(db->session.mysql,
	    waits ? STR("SET group_replication_consistency = 'BEFORE'")
		  : STR("SET group_replication_consistency = 'EVENTUAL'"));
	db->waits_for_others = waits;
	return !deadline_clear() && done;
}

static void
end_transaction(struct db *db)
{
	db->in_transaction = false;
	if (db->waits_for_others && db->session.mysql != NULL &&
	    !set_waiting(db, false))
		db_disconnect(db);
	db->waits_for_others = false;
}

static enum error
begin_once(struct db *db, bool writes, struct problem *reterr)
{
	TRY(db_call_check(db, reterr));
	TRY(db_connect(db, writes, reterr));
	if (writes && db->session.cluster == CLUSTER_GROUP &&
	    !set_waiting(db, true))
		return db_last_failure(db, reterr);
	return db_query(db,
	    writes ? session_begin_text(&db->session)
		   : STR("START TRANSACTION READ ONLY"),
	    reterr);
}

static enum error
begin(struct db *db, bool writes, struct problem *reterr)
{
	enum error error;

	db_call_begin(db);
	error = begin_once(db, writes, reterr);
	if (db_should_repeat(db, error))
		error = begin_once(db, writes, reterr);
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
	return begin(db, true, reterr);
}

enum error
db_begin_read(struct db *db, struct problem *reterr)
{
	return begin(db, false, reterr);
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

/* Whether COMMIT may have been done although it failed: the server broke off
 * in the middle of it. */
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
	enum error error = db_execute(db, STR("COMMIT"), reterr);
	bool unknown = error != OK && may_be_done(db);

	db->begun = time_monotonic();
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
