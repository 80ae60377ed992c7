/*
 * API keys: look-up by SHA-256, abilities, and what is read with them. The key
 * itself is never stored and never logged.
 */
#include <config.h>

#include "api/authenticate.h"

#include "api/ahead.h"
#include "api/call.h"
#include "db/db.h"
#include "secret/secret.h"

#define KEY_PREFIX "cak_"
#define KEY_MIN    40  /* characters behind the prefix */
#define KEY_MAX    200 /* longer ones are not looked up */

static bool
is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static bool
is_key(struct str text)
{
	if (!str_starts_with(text, STR(KEY_PREFIX)))
		return false;
	text = str_from(text, sizeof(KEY_PREFIX) - 1);
	if (text.len < KEY_MIN || text.len > KEY_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!is_alphanumeric(text.ptr[i]))
			return false;
	return true;
}

struct str
principal_key(struct str authorization)
{
	static const struct str scheme = STR_CONST("Bearer ");
	struct str head = authorization;

	if (head.len <= scheme.len)
		return authorization;
	head.len = scheme.len;
	if (!str_equal_nocase(head, scheme))
		return authorization;
	return str_trim_start(str_from(authorization, scheme.len), " ");
}

struct principal
principal_read(const struct value *cells)
{
	int64_t company_id = cells[KEY_CELL_COMPANY_ID].integer;

	return (struct principal){
		.key_id = cells[KEY_CELL_ID].integer,
		.company_id = company_id,
		.user_id = cells[KEY_CELL_USER_ID].integer,
		.abilities =
		    (cells[KEY_CELL_CAN_READ].integer ? ABILITY_READ : 0) |
		    (cells[KEY_CELL_CAN_WRITE].integer ? ABILITY_WRITE : 0) |
		    (cells[KEY_CELL_CAN_TEST].integer ? ABILITY_TEST : 0),
		/* NULL: it was never used. */
		.unnoted = cells[KEY_CELL_USE_IS_NOTED].integer == 0,
		.version = { .company_id = company_id,
		    .company = cells[KEY_CELL_VERSION].integer,
		    .common = cells[KEY_CELL_COMMON].integer },
	};
}

enum error
principal_hash(struct arena *arena, struct str authorization, struct str *ret)
{
	struct str key = principal_key(authorization);

	if (!is_key(key))
		return ERROR_UNAUTHENTICATED;
	*ret = secret_sha256_hex(arena, key);
	return OK;
}

enum version_read
authenticate_versions(const struct service *service)
{
	return service->many_nodes ? VERSION_SUM : VERSION_OF_NODE_1;
}

/*
 * What to read together with the key. Nothing for a key that was never good:
 * who has none does not get queries parsed nor statements of their kind
 * prepared. When the cache may have the answer only what costs nothing: of a
 * show nothing (if the data did change, it costs one statement more). Nothing
 * when the query has a fault, which is told when its turn comes: the errors of
 * key and ability are before it.
 */
enum first_read
authenticate_first(struct call *call, struct str hash)
{
	const struct service *service = call->service;
	const struct route *route = call->routed.route;
	int64_t company_id = key_hint_company(service->key_hints, hash);
	struct sql_root root;

	if (call->facts->first == FIRST_NONE || route->parent != NULL ||
	    company_id == 0)
		return FIRST_NONE;
	if (answer_cache_may_have(service->cache, company_id, call->name))
		return sql_first_read_at_hand(call->facts->first,
		    authenticate_versions(service), route->resource);
	if (call_parse_query(call) != OK)
		return FIRST_NONE;
	root = call_root(call);
	return sql_first_read(call->facts->first, &call->query, &root);
}

bool
authenticate_has_all(struct service *service, const struct value *key)
{
	if (service->many_nodes || key[KEY_CELL_ONE_NODE].integer != 0)
		return true;
	service->many_nodes = true;
	return false;
}

static enum error
run(struct call *call, struct str hash, enum first_read first, struct rows *ret)
{
	struct sql_root root = call_root(call);
	enum version_read read = authenticate_versions(call->service);

	return call_query(call,
	    sql_key(call->arena, hash, read, first, &call->query, &root), ret);
}

static bool
is_valid(const struct value *key)
{
	return key != NULL && key[KEY_CELL_IS_VALID].integer != 0;
}

/* The key's row and the first read, or ERROR_UNAUTHENTICATED. When versions
 * turn out to be in several rows all is read again, now and from now on added
 * up. */
static enum error
look_up(
    struct call *call, struct str hash, enum first_read first, struct rows *ret)
{
	TRY(run(call, hash, first, ret));
	if (ret->count == 0)
		return ERROR_UNAUTHENTICATED;
	if (!authenticate_has_all(call->service, ret->cells))
		TRY(run(call, hash, first, ret));
	return ret->count > 0 && is_valid(ret->cells) ? OK
						      : ERROR_UNAUTHENTICATED;
}

/* What stands behind the key's cells of its one row. */
static struct rows
behind_key(const struct rows *rows)
{
	return (struct rows){ .count = rows->count,
		.width = rows->width - KEY_CELL__MAX,
		.cells = rows->cells + KEY_CELL__MAX };
}

/* When the first read took too long the key is looked up alone after all, so
 * that what is wrong with the key is said first. */
static enum error
find_alone(struct call *call, struct str hash, enum first_read first)
{
	struct rows rows;
	enum error error = look_up(call, hash, first, &rows);

	if (error == OK && first != FIRST_NONE)
		call->first = behind_key(&rows);
	if (error != OK &&
	    (first == FIRST_NONE || !db_was_ended(call->service->db)))
		return error;
	if (error != OK)
		TRY(look_up(call, hash, FIRST_NONE, &rows));
	call->principal = principal_read(rows.cells);
	return error;
}

static enum error
find(struct call *call, struct str hash)
{
	enum first_read first = authenticate_first(call, hash);
	struct ahead_read read;

	if (!ahead_find(call, hash, first, &read))
		return find_alone(call, hash, first);
	if (!is_valid(read.key))
		return ERROR_UNAUTHENTICATED;
	call->first = read.first;
	call->principal = principal_read(read.key);
	return OK;
}

/* Notes whose the key is: for what is read first next time, for the use of the
 * key, for the log. */
static void
note_principal(struct call *call, struct str hash)
{
	struct service *service = call->service;
	const struct principal *principal = &call->principal;

	key_hint_keep(service->key_hints, hash, principal->company_id);
	if (principal->unnoted)
		key_use_note(&service->key_uses, principal->key_id);
	call->response->key_id = principal->key_id;
	call->response->company_id = principal->company_id;
}

enum error
authenticate(struct call *call)
{
	struct str hash;
	enum error error;

	TRY(principal_hash(call->arena, call->request->authorization, &hash));
	error = find(call, hash);
	if (call->principal.key_id == 0)
		return error;
	note_principal(call, hash);
	if ((call->principal.abilities & call->facts->ability) == 0)
		return ERROR_FORBIDDEN;
	return error; /* of the first read */
}
