/*
 * One transaction for one key, never run again by itself: a statement that an
 * administrator kills because others wait for it must not come back.
 */
#include <config.h>

#include "api/key_use.h"

#include "base/time.h"
#include "base/value.h"
#include "db/db.h"
#include "engine/sql_write.h"

#define LIMIT_MS 1000     /* for all of it */
#define REST     60000000 /* microseconds, after a failure */

/* Of several workers one writes; the others do not wait for it. */
static const struct str lock_key = STR_CONST(
    "SELECT id FROM api_keys WHERE id = ? AND (last_used_at IS NULL OR "
    "last_used_at < UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE) FOR UPDATE NOWAIT");
static const struct str store_use =
    STR_CONST("UPDATE " SQL_KEEPS_REFERENCES "api_keys "
	      "SET last_used_at = UTC_TIMESTAMP(6) WHERE id = ?");

void
key_use_note(struct key_uses *uses, int64_t key_id)
{
	uses->wanted = key_id;
}

static enum error
store(struct arena *arena, struct db *db, int64_t key_id)
{
	struct value id = value_int(key_id);
	struct statement lock = { lock_key, &id, 1 };
	struct statement note = { store_use, &id, 1 };
	struct problem unsaid = { .arena = arena };
	struct rows rows;

	TRY(db_begin(db, &unsaid));
	TRY(db_run(db, arena, &lock, &rows, &unsaid));
	if (rows.count == 0)
		return OK;
	TRY(db_run(db, arena, &note, NULL, &unsaid));
	return db_commit(db, &unsaid);
}

static bool
rests(const struct key_uses *uses)
{
	return time_monotonic() < uses->until &&
	       (uses->resting == 0 || uses->resting == uses->wanted);
}

void
key_use_store(struct key_uses *uses, struct arena *arena, struct db *db)
{
	int64_t key_id = uses->wanted;
	enum error error;

	if (key_id == 0 || rests(uses)) {
		uses->wanted = 0;
		return;
	}
	uses->wanted = 0;
	db_limit(db, LIMIT_MS);
	error = store(arena, db, key_id);
	if (error != OK) {
		uses->resting = db_is_locked(db) ? key_id : 0;
		uses->until = time_monotonic() + REST;
	}
	db_rollback(db);
}
