/*
 * The rows of Idempotency-Keys: finding, taking and finishing one.
 */
#include <config.h>

#include "api/idempotency.h"

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
/* In a rerun the lock may be that of the first run of the same request, which
 * the server is about to roll back because its connection is gone. */
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
request_hash(const struct call *call)
{
	const struct request *request = call->request;
	struct str hash;
	struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	/* The query shapes the answer; without one the hash is the body's. */
	if (request->query.len > 0) {
		buf_add_str(&text, request->query);
		buf_add_char(&text, '\n');
	}
	buf_add_str(&text, request->body);
	hash = secret_keyed_hash_hex(
	    call->arena, principal_key(request->authorization), buf_str(&text));
	buf_done(&text);
	return hash;
}

static void
replay(struct call *call, const struct value *cells)
{
	struct response *response = call->response;

	response->status = (int)cells[1].integer;
	buf_reset(response->body);
	buf_add_str(response->body, cells[4].text);
	if (cells[2].text.len > 0)
		response_header(response, "ETag", cells[2].text);
	if (cells[3].text.len > 0)
		response_header(response, "Content-Location", cells[3].text);
	response_header(response, "Idempotency-Replayed", STR("true"));
}

/* Whether the answer is older than it has to be kept: it counts no more. */
static bool
is_old(const struct rows *rows)
{
	return rows->cells[5].integer != 0;
}

static enum error
still_runs(struct call *call)
{
	return problem_set(&call->problem, ERROR_CONFLICT,
	    "A request with this Idempotency-Key is still running.");
}

static enum error
look_up(struct call *call, struct str text, struct rows *ret)
{
	const struct value params[] = {
		value_int(call->service->limits->idempotency_hours),
		value_int(call->principal.key_id),
		value_text(call->request->idempotency_key),
	};

	return call_query(
	    call, (struct statement){ text, params, N_ELEMENTS(params) }, ret);
}

/* The transaction that holds the row's lock is either that of the first
 * request, or it only looks at the answer as this one does: then the row can be
 * read past the lock. */
static enum error
find(struct call *call, bool again, struct rows *ret)
{
	struct str text = again ? find_row_again : find_row;
	enum error error = look_up(call, text, ret);

	if (error == OK || !db_is_locked(call->service->db))
		return error;
	call->problem = (struct problem){ .arena = call->arena };
	TRY(look_up(call, read_row, ret));
	if (ret->count == 0 || is_old(ret))
		return still_runs(call);
	return OK;
}

static enum error
take(struct call *call, struct str hash)
{
	const struct value params[] = {
		value_int(call->principal.key_id),
		value_text(call->request->idempotency_key),
		value_text(hash),
	};

	return call_run(
	    call, (struct statement){ insert_row, params, N_ELEMENTS(params) });
}

static enum error
drop(struct call *call)
{
	const struct value params[] = {
		value_int(call->principal.key_id),
		value_text(call->request->idempotency_key),
	};

	return call_run(
	    call, (struct statement){ drop_row, params, N_ELEMENTS(params) });
}

/* The row that is there; if there is none, the key is this transaction's from
 * now on, and *ret_taken is true. */
static enum error
find_or_take(struct call *call, bool again, struct str hash, struct rows *ret,
    bool *ret_taken)
{
	enum error error;

	TRY(find(call, again, ret));
	if (ret->count > 0 && !is_old(ret))
		return OK;
	if (ret->count > 0)
		TRY(drop(call));
	error = take(call, hash);
	*ret_taken = error == OK;
	if (error != ERROR_CONFLICT)
		return error;
	/* Another transaction took it between the two, and is done. */
	call->problem = (struct problem){ .arena = call->arena };
	TRY(find(call, again, ret));
	return ret->count == 0 ? still_runs(call) : OK;
}

enum error
idempotency_begin(struct call *call, bool again, struct idempotency *ret)
{
	struct str hash;
	struct rows rows;

	*ret = (struct idempotency){ 0 };
	if (call->request->idempotency_key.len == 0)
		return OK;
	if (!is_printable(call->request->idempotency_key))
		return problem_set(&call->problem, ERROR_BAD_REQUEST,
		    "The Idempotency-Key must be 1 to 255 printable ASCII "
		    "characters.");
	hash = request_hash(call);
	TRY(find_or_take(call, again, hash, &rows, &ret->taken));
	if (ret->taken)
		return OK;
	if (!str_equal(rows.cells[0].text, hash))
		return problem_set(&call->problem, ERROR_INVALID,
		    "The Idempotency-Key was used with another body or another "
		    "query.");
	replay(call, rows.cells);
	ret->replayed = true;
	return OK;
}

enum error
idempotency_end(
    struct call *call, const struct idempotency *key, enum error error)
{
	struct response *response = call->response;
	struct buf problem;
	enum error result;

	if (!key->taken)
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
	result = call_run(
	    call, (struct statement){ finish_row, params, N_ELEMENTS(params) });
	buf_done(&problem);
	return result;
}
