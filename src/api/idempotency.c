/*
 * Idempotency-Key: the first answer to a key is kept for a day and given again.
 *
 * The row is written in the transaction of the write itself, so key and effect
 * are there together or not at all, on every worker and after every crash.
 */
#include <config.h>

#include "api/write.h"
#include "base/problem_json.h"
#include "db/db.h"
#include "secret/secret.h"

#define KEY_BYTES_MAX 255

#define READ_ROW                                             \
	"SELECT body_hash, status, etag, location, answer, " \
	"created_at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR "   \
	"FROM idempotency_keys WHERE api_key_id = ? AND idempotency_key = ?"
static const struct str read_row = STR_CONST(READ_ROW);
static const struct str find_row = STR_CONST(READ_ROW " FOR UPDATE NOWAIT");
/* In a rerun the lock may be that of our own first run, which the server is
 * about to take back because its connection is gone. */
static const struct str find_row_again = STR_CONST(READ_ROW " FOR UPDATE");
static const struct str drop_row =
    STR_CONST("DELETE FROM idempotency_keys "
	      "WHERE api_key_id = ? AND idempotency_key = ?");
static const struct str insert_row = STR_CONST(
    "INSERT INTO idempotency_keys (api_key_id, idempotency_key, body_hash, "
    "status, etag, location, answer, created_at) "
    "VALUES (?, ?, ?, 0, '', '', '', UTC_TIMESTAMP(6))");
static const struct str finish_row =
    STR_CONST("UPDATE idempotency_keys SET status = ?, etag = ?, location = ?, "
	      "answer = ? WHERE api_key_id = ? AND idempotency_key = ?");

static bool
is_printable(struct str key)
{
	if (key.len > KEY_BYTES_MAX)
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (key.ptr[i] < 0x20 || key.ptr[i] > 0x7E)
			return false;
	return true;
}

/* Under the caller's own API key, which the database does not have: a body
 * holds secrets, and a bare hash of a short one could be guessed. */
static struct str
request_hash(const struct write *w)
{
	const struct request *request = w->call->request;
	struct str hash;
	struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	/* The query shapes the answer; without one the hash is the body's. */
	if (request->query.len > 0) {
		buf_add_str(&text, request->query);
		buf_add_char(&text, '\n');
	}
	buf_add_str(&text, request->body);
	hash = secret_keyed_hash_hex(w->call->arena,
	    principal_key(request->authorization), buf_str(&text));
	buf_done(&text);
	return hash;
}

static void
replay(struct write *w, const struct value *cells)
{
	struct response *response = w->call->response;

	response->status = (int)cells[1].integer;
	buf_reset(response->body);
	buf_add_str(response->body, cells[4].text);
	if (cells[2].text.len > 0)
		response_header(response, "ETag", cells[2].text);
	if (cells[3].text.len > 0)
		response_header(response, "Content-Location", cells[3].text);
	response_header(response, "Idempotency-Replayed", STR("true"));
}

/* The answer is kept for longer than it need be, and counts no more. */
static bool
is_old(const struct rows *rows)
{
	return rows->cells[5].integer != 0;
}

static enum error
still_runs(struct write *w)
{
	return problem_set(&w->call->problem, ERROR_CONFLICT,
	    "A request with this Idempotency-Key is still running.");
}

static enum error
look_up(struct write *w, struct str text, struct rows *ret)
{
	struct call *call = w->call;
	const struct value params[] = {
		value_int(call->service->limits->idempotency_hours),
		value_int(call->principal.key_id),
		value_text(call->request->idempotency_key),
	};
	struct statement statement = { text, params, N_ELEMENTS(params) };

	return db_run(
	    call->service->db, call->arena, &statement, ret, &call->problem);
}

/* Who holds the row either is the first request, or only looks at the answer
 * as we do: that can be read past the lock. */
static enum error
find(struct write *w, struct rows *ret)
{
	struct str text = w->again ? find_row_again : find_row;
	enum error error = look_up(w, text, ret);

	if (error == OK || !db_is_locked(w->call->service->db))
		return error;
	w->call->problem = (struct problem){ .arena = w->call->arena };
	TRY(look_up(w, read_row, ret));
	if (ret->count == 0 || is_old(ret))
		return still_runs(w);
	return OK;
}

static enum error
take(struct write *w, struct str hash)
{
	const struct value params[] = {
		value_int(w->call->principal.key_id),
		value_text(w->call->request->idempotency_key),
		value_text(hash),
	};

	TRY(write_run(
	    w, (struct statement){ insert_row, params, N_ELEMENTS(params) }));
	w->keyed = true;
	return OK;
}

static enum error
drop(struct write *w)
{
	const struct value params[] = {
		value_int(w->call->principal.key_id),
		value_text(w->call->request->idempotency_key),
	};

	return write_run(
	    w, (struct statement){ drop_row, params, N_ELEMENTS(params) });
}

/* The row that is there; if there is none, the key is this write's from now
 * on. */
static enum error
find_or_take(struct write *w, struct str hash, struct rows *ret)
{
	enum error error;

	TRY(find(w, ret));
	if (ret->count > 0 && !is_old(ret))
		return OK;
	if (ret->count > 0)
		TRY(drop(w));
	error = take(w, hash);
	if (error != ERROR_CONFLICT)
		return error;
	/* Another took it between the two, and is done. */
	w->call->problem = (struct problem){ .arena = w->call->arena };
	TRY(find(w, ret));
	return ret->count == 0 ? still_runs(w) : OK;
}

enum error
idempotency_begin(struct write *w, bool *ret_done)
{
	struct call *call = w->call;
	struct str hash;
	struct rows rows;

	*ret_done = false;
	if (call->request->idempotency_key.len == 0)
		return OK;
	if (!is_printable(call->request->idempotency_key))
		return problem_set(&call->problem, ERROR_BAD_REQUEST,
		    "The Idempotency-Key must be 1 to 255 printable ASCII "
		    "characters.");
	hash = request_hash(w);
	TRY(find_or_take(w, hash, &rows));
	if (w->keyed)
		return OK;
	if (!str_equal(rows.cells[0].text, hash))
		return problem_set(&call->problem, ERROR_INVALID,
		    "The Idempotency-Key was used with another body or another "
		    "query.");
	replay(w, rows.cells);
	*ret_done = true;
	return OK;
}

enum error
idempotency_end(struct write *w, enum error error)
{
	struct call *call = w->call;
	struct response *response = call->response;
	struct buf problem;
	enum error result;

	if (!w->keyed)
		return OK;
	buf_init(&problem, response->body->max);
	if (error != OK)
		problem_json(&problem, error, &call->problem);
	const struct value params[] = {
		value_int(error_status(error)),
		value_text(response_header_value(response, "ETag")),
		value_text(response_header_value(response, "Content-Location")),
		value_text(buf_str(error == OK ? response->body : &problem)),
		value_int(call->principal.key_id),
		value_text(call->request->idempotency_key),
	};
	result = write_run(
	    w, (struct statement){ finish_row, params, N_ELEMENTS(params) });
	buf_done(&problem);
	return result;
}
