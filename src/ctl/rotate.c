/*
 * `secrets rotate`: seals with the first key of the ring what another key
 * sealed, while the service runs.
 *
 * Rows are read in batches, each a short transaction. A row is only written if
 * it still holds the ciphertext that was read, so a value that a client stores
 * meanwhile is never overwritten; another pass finds it. A run that was stopped
 * can simply be started again: it looks only for values of other keys.
 */
#include <config.h>

#include "ctl/progress.h"
#include "ctl/sealed.h"
#include "secret/sealing_keys.h"

#define BATCH       500
#define PASSES      5
#define TRIES       5
#define ARENA_CHUNK (256 * 1024)

/* The rotation of one column. */
struct rotation {
	struct ctl *ctl;
	const struct sealed_column *column;
	struct arena *arena; /* of one batch */
	struct str head;     /* how a value of the first key begins */
	size_t sealed;       /* anew */
	size_t missed;       /* changed by a client meanwhile */
	size_t broken;       /* did not open */
	size_t seen;         /* in the present pass */
	size_t all;          /* to be sealed anew, at the start */
};

enum cell {
	CELL_ID,
	CELL_COMPANY,
	CELL_SEALED
};

/* The beginning of the envelopes of the first key: see secret.c. */
static struct str
sealed_head(struct arena *arena, const struct keyring *ring)
{
	const char *id = keyring_sealing_id(ring);

	return arena_printf(arena, "\x01%c%s", (int)str_of(id).len, id);
}

static enum error
read_batch(
    struct rotation *r, int64_t after, struct rows *ret, struct problem *reterr)
{
	const struct sealed_column *c = r->column;
	const struct value params[] = {
		value_int(after),
		value_int((int64_t)r->head.len),
		value_bytes(r->head),
	};
	const struct statement select = {
		.text = arena_printf(r->arena,
		    "SELECT id, company_id, %s FROM %s WHERE id > ? AND "
		    "%s IS NOT NULL AND SUBSTRING(%s, 1, ?) <> ? "
		    "ORDER BY id LIMIT %d",
		    c->column, c->table, c->column, c->column, BATCH),
		.params = params,
		.n_params = N_ELEMENTS(params),
	};

	return db_run(r->ctl->db, r->arena, &select, ret, reterr);
}

/* A value that does not open is reported and left as it is. */
static bool
open_value(struct rotation *r, const struct seal_context *context,
    const struct value *row, struct str *ret)
{
	struct problem problem = { .arena = r->arena };

	if (secret_open(r->arena, r->ctl->keyring, context,
		row[CELL_SEALED].text, ret, &problem) == OK)
		return true;
	ctl_say("connectorsctl: %.*s", STR_FMT(problem.log));
	r->broken++;
	return false;
}

static enum error
seal_row(struct rotation *r, const struct value *row, struct problem *reterr)
{
	const struct sealed_column *c = r->column;
	const struct seal_context context = {
		.table = c->table,
		.column = c->name,
		.row_id = row[CELL_ID].integer,
		.company_id = row[CELL_COMPANY].integer,
	};
	struct value params[3];
	struct str plain;

	if (!open_value(r, &context, row, &plain))
		return OK;
	params[0] = value_bytes(
	    secret_seal(r->arena, r->ctl->keyring, &context, plain));
	params[1] = row[CELL_ID];
	params[2] = row[CELL_SEALED];
	TRY(db_run(r->ctl->db, r->arena,
	    &(struct statement){
		arena_printf(r->arena,
		    "UPDATE %s SET %s = ? WHERE id = ? AND %s = ?", c->table,
		    c->column, c->column),
		params, N_ELEMENTS(params) },
	    NULL, reterr));
	if (db_affected(r->ctl->db) == 1)
		r->sealed++;
	else
		r->missed++;
	return OK;
}

static enum error
seal_rows(struct rotation *r, const struct rows *rows, struct problem *reterr)
{
	enum error error;

	TRY(db_begin(r->ctl->db, reterr));
	for (size_t i = 0; i < rows->count; i++) {
		error = seal_row(r, rows_cell(rows, i, 0), reterr);
		if (error != OK) {
			db_rollback(r->ctl->db);
			return error;
		}
	}
	return db_commit(r->ctl->db, reterr);
}

/* Seals a batch; again after a deadlock or a lost connection. What the first
 * run has sealed counts as missed then, and is counted once. */
static enum error
seal_batch(struct rotation *r, const struct rows *rows, struct problem *reterr)
{
	const struct rotation before = *r;
	enum error error = OK;

	for (unsigned i = 0; i < TRIES; i++) {
		r->sealed = before.sealed;
		r->missed = before.missed;
		r->broken = before.broken;
		error = seal_rows(r, rows, reterr);
		if (error == OK || !db_should_retry(r->ctl->db))
			return error;
	}
	return error;
}

/* What other keys sealed, for the line of progress. */
static enum error
count_all(struct rotation *r, struct problem *reterr)
{
	const char *id = keyring_sealing_id(r->ctl->keyring);
	struct rows rows = { 0 };

	progress_step("counts %s.%s", r->column->table, r->column->name);
	TRY(sealed_count(r->ctl, r->column, &rows, reterr));
	for (size_t i = 0; i < rows.count; i++)
		if (!str_equal_text(rows_cell(&rows, i, 0)->text, id))
			r->all += (size_t)rows_cell(&rows, i, 1)->integer;
	return OK;
}

/* Goes through the whole column once. */
static enum error
run_pass(struct rotation *r, struct problem *reterr)
{
	struct rows rows = { 0 };
	int64_t after = 0;

	r->missed = 0;
	r->broken = 0;
	r->seen = 0;
	do {
		arena_reset(r->arena);
		TRY(read_batch(r, after, &rows, reterr));
		if (rows.count == 0)
			break;
		after = rows_cell(&rows, rows.count - 1, CELL_ID)->integer;
		TRY(seal_batch(r, &rows, reterr));
		r->seen += rows.count;
		progress_share(r->seen, r->all, r->column->table);
	} while (rows.count == BATCH);
	return OK;
}

static enum error
run_passes(struct rotation *r, struct problem *reterr)
{
	TRY(count_all(r, reterr));
	for (unsigned i = 0; i < PASSES; i++) {
		TRY(run_pass(r, reterr));
		if (r->missed == 0)
			break;
	}
	progress_end();
	ctl_print("%s.%s: %zu sealed anew with %s", r->column->table,
	    r->column->name, r->sealed, keyring_sealing_id(r->ctl->keyring));
	if (r->broken > 0)
		ctl_print(", %zu do not open", r->broken);
	if (r->missed > 0)
		ctl_print(", %zu changed meanwhile (run it again)", r->missed);
	ctl_print("\n");
	if (r->broken + r->missed > 0)
		r->ctl->has_failed = true;
	return OK;
}

enum error
secrets_rotate_command(struct ctl *ctl, struct problem *reterr)
{
	struct arena *arena;
	enum error error = OK;

	TRY(ctl_ring(ctl, reterr));
	TRY(ctl_database(ctl, reterr));
	arena = arena_new(ARENA_CHUNK);
	for (size_t i = 0; i < n_sealed_columns && error == OK; i++) {
		struct rotation r = {
			.ctl = ctl,
			.column = &sealed_columns[i],
			.arena = arena,
			.head = sealed_head(ctl->arena, ctl->keyring),
		};

		error = run_passes(&r, reterr);
	}
	arena_free(arena);
	TRY(error);
	if (!ctl->has_failed)
		TRY(sealing_keys_forget(
		    ctl->arena, ctl->db, ctl->keyring, reterr));
	return secrets_status_command(ctl, reterr);
}
