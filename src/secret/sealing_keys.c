/*
 * The table of keys in use: one row a key id, never a key.
 */
#include <config.h>

#include "secret/sealing_keys.h"

#include "db/db.h"
#include "secret/secret.h"

static const struct str remember =
    STR_CONST("INSERT IGNORE INTO sealing_keys (key_id, created_at) "
	      "VALUES (?, UTC_TIMESTAMP(6))");
static const struct str all_keys = STR_CONST("SELECT key_id FROM sealing_keys");
static const struct str forget_others =
    STR_CONST("DELETE FROM sealing_keys WHERE key_id <> ?");

static enum error
run(struct arena *arena, struct db *db, struct str text,
    const struct keyring *ring, struct problem *reterr)
{
	struct value id = value_text(str_of(keyring_sealing_id(ring)));

	return db_run(
	    db, arena, &(struct statement){ text, &id, 1 }, NULL, reterr);
}

enum error
sealing_keys_find(struct arena *arena, struct db *db,
    const struct keyring *ring, struct problem *reterr)
{
	struct statement statement = { all_keys, NULL, 0 };
	struct rows rows;

	TRY(db_run(db, arena, &statement, &rows, reterr));
	for (size_t i = 0; i < rows.count; i++)
		if (ring == NULL || !keyring_has(ring, rows.cells[i].text))
			return problem_log(reterr, ERROR_CONFLICT,
			    "secrets are sealed with the key %.*s, which is "
			    "not in the key ring",
			    STR_FMT(rows.cells[i].text));
	return OK;
}

enum error
sealing_keys_check(struct arena *arena, struct db *db,
    const struct keyring *ring, struct problem *reterr)
{
	TRY(run(arena, db, remember, ring, reterr));
	return sealing_keys_find(arena, db, ring, reterr);
}

enum error
sealing_keys_forget(struct arena *arena, struct db *db,
    const struct keyring *ring, struct problem *reterr)
{
	return run(arena, db, forget_others, ring, reterr);
}
