/*
 * What the handlers share: statements on behalf of a request, the row that a
 * path names, and the answer about one row.
 */
#include <config.h>

#include "api/call.h"

#include "api/execute.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "db/db.h"
#include "engine/encode.h"
#include "http/etag.h"

/* All of a request that its answer depends on, beside the data. */
static struct str
answer_name(const struct call *call)
{
	const struct request *request = call->request;

	return arena_printf(call->arena, "%.*s%.*s?%.*s",
	    STR_FMT(request->base_url), STR_FMT(request->path),
	    STR_FMT(request->query));
}

enum error
call_find_route(struct call *call)
{
	const struct route *route;

	TRY(route_find(call->request, &call->routed, &call->problem));
	route = call->routed.route;
	call->response->route = route->name;
	call->facts = action_facts(route->action);
	call->query.resource = route->resource;
	if (call->facts->keep && !route->resource->unversioned)
		call->name = answer_name(call);
	return OK;
}

enum error
call_run(struct call *call, struct statement statement)
{
	return call_query(call, statement, NULL);
}

enum error
call_query(struct call *call, struct statement statement, struct rows *ret)
{
	return db_run(
	    call->service->db, call->arena, &statement, ret, &call->problem);
}

enum error
call_insert(
    struct call *call, struct statement statement, size_t n, struct rows *ret)
{
	TRY(call_query(call, statement, ret));
	if (ret->count == n)
		return OK;
	return problem_log(&call->problem, ERROR_INTERNAL,
	    "the server returns %zu rows of the %zu that it inserted",
	    ret->count, n);
}

enum error
call_parse_query(struct call *call)
{
	if (call->query_parsed)
		return call->query_error;
	call->query_parsed = true;
	call->query_problem = (struct problem){ .arena = call->arena };
	call->query_error = query_parse(call->arena,
	    call->routed.route->resource, call->facts->query,
	    call->request->query, &call->query, &call->query_problem);
	return call->query_error;
}

struct sql_root
call_root(const struct call *call)
{
	struct str named = call->routed.named;
	struct sql_root root = { .company_id = call->principal.company_id };

	if (named.ptr == NULL)
		return root;
	root.by_id = str_to_id(named, &root.id);
	root.by_key = !root.by_id;
	root.key = named;
	return root;
}

enum error
call_not_found(struct call *call)
{
	return problem_set(&call->problem, ERROR_NOT_FOUND,
	    "No query results for model [%s] %.*s",
	    route_named(call->routed.route)->model,
	    STR_FMT(call->routed.named));
}

struct reader
call_reader(const struct call *call)
{
	return (struct reader){ .db = call->service->db,
		.fragments = call->service->fragments,
		.version = &call->principal.version,
		.keeps_own = call->facts->keep &&
			     answer_cache_is_on(call->service->cache) };
}

void
call_keep_fragments(struct call *call, const struct result *result)
{
	fragments_keep(call->arena, call->service->fragments,
	    &call->principal.version, result, call->response->body);
}

/* Reads the row that the path names for any query about its resource. */
static enum error
find(struct call *call, const struct query *query, const struct rows *first,
    struct result *ret)
{
	struct sql_root root = call_root(call);
	struct reader reader = call_reader(call);

	if (!sql_root_can_exist(query->resource, &root))
		return call_not_found(call);
	TRY(execute_show(call->arena, &reader, query, &root,
	    (struct at_hand){ .root = first }, ret, &call->problem));
	return ret->rows.count == 0 ? call_not_found(call) : OK;
}

const struct rows *
call_first(const struct call *call)
{
	return call->first.count > 0 ? &call->first : NULL;
}

enum error
call_find(struct call *call, struct result *ret)
{
	return find(call, &call->query, call_first(call), ret);
}

enum error
call_find_id(struct call *call, int64_t *ret)
{
	const struct resource *resource = route_named(call->routed.route);
	struct query query = { .resource = resource,
		.root = { .resource = resource } };
	struct result result;

	TRY(find(call, &query, NULL, &result));
	*ret =
	    rows_cell(&result.rows, 0, sql_position(resource, "id"))->integer;
	return OK;
}

void
call_not_modified(struct call *call, struct str etag)
{
	struct response *response = call->response;
	struct str field = call->request->if_none_match;

	if (field.len == 0 || !etag_matches(field, etag))
		return;
	response->status = 304;
	response->no_body = true;
}

/* A hash of the body; before it what If-Match compares, where there is that. */
static struct str
make_etag(struct call *call, const struct result *result)
{
	const struct resource *resource = result->include->resource;
	struct str hash =
	    hash_tag_hex(call->arena, buf_str(call->response->body));
	size_t at;

	if (resource->version == NULL)
		return arena_printf(call->arena, "\"%.*s\"", STR_FMT(hash));
	at = sql_position(resource, resource->version);
	return arena_printf(call->arena, "\"%lld-%.*s\"",
	    (long long)rows_cell(&result->rows, 0, at)->integer, STR_FMT(hash));
}

struct str
call_answer(struct call *call, const struct result *result)
{
	struct buf *body = call->response->body;
	uint64_t begun = time_monotonic();
	struct str etag;

	json_object_open(body);
	json_key(body, "data");
	encode_root(call->arena, body, &call->query, result, 0);
	json_object_close(body);
	call_keep_fragments(call, result);
	etag = make_etag(call, result);
	call->response->encoding = time_monotonic() - begun;
	response_header(call->response, "ETag", etag);
	return etag;
}
