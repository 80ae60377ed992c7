/*
 * Handlers that read: list and show, and the answer about one connector that
 * store and update share.
 */
#include <config.h>

#include "api/call.h"
#include "api/execute.h"
#include "base/json.h"
#include "base/time.h"
#include "engine/encode.h"
#include "engine/page.h"
#include "http/etag.h"
#include "http/uri.h"
#include "schema/tables.h"
#include "secret/secret.h"

void
call_not_modified(struct call *call, struct str etag)
{
	struct response *response = call->response;
	struct str field = call->request->if_none_match;

	if (field.len == 0 || !etag_matches(field, etag))
		return;
	response->status = 304;
	response->no_body = true;
	buf_reset(response->body);
}

/* What the first read gave, when it is done already. */
static const struct rows *
first_rows(const struct call *call)
{
	return call->first.count > 0 ? &call->first : NULL;
}

/* Answers with the page of the roots that the query asks for. */
static enum error
answer_list(struct call *call, const struct sql_root *root)
{
	struct buf *body = call->response->body;
	struct page page = { .params = call->query.params,
		.number = call->query.page,
		.per_page = call->query.per_page };
	struct result result;
	struct str etag;
	uint64_t begun;

	TRY(execute_list(call->arena, call->service->db, &call->query, root,
	    first_rows(call), &page.total, &result, &call->problem));
	page.rows = (int64_t)result.rows.count;
	page.url = arena_printf(call->arena, "%.*s%.*s",
	    STR_FMT(call->request->base_url),
	    STR_FMT(uri_without_end_slashes(call->request->path)));
	begun = time_monotonic();
	json_object_open(body);
	json_key(body, "data");
	json_array_open(body);
	for (size_t i = 0; i < result.rows.count; i++)
		encode_root(call->arena, body, &call->query, &result, i);
	json_array_close(body);
	page_encode(call->arena, body, &page);
	json_object_close(body);
	etag = arena_printf(call->arena, "\"%.*s\"",
	    STR_FMT(secret_tag_hex(call->arena, buf_str(body))));
	call->response->encoding = time_monotonic() - begun;
	response_header(call->response, "ETag", etag);
	call_not_modified(call, etag);
	return OK;
}

/* With filters the server chooses better indexes for a company that it knows
 * than for one that it joins. */
bool
serve_index_first(const struct call *call, const struct sql_caller *caller,
    struct statement *ret)
{
	struct sql_root all = { 0 };

	if (call->query.filters != NULL)
		return false;
	*ret = sql_count_of(call->arena, caller, &call->query, &all);
	return true;
}

enum error
serve_index(struct call *call)
{
	struct sql_root root = { .company_id = call->principal.company_id };

	return answer_list(call, &root);
}

/* The tests of one connector, newest first. */
enum error
serve_tests(struct call *call)
{
	struct sql_root root = { .company_id = call->principal.company_id,
		.parent = "connector_id",
		.newest_first = true };

	TRY(call_find_id(call, &root.parent_id));
	return answer_list(call, &root);
}

struct sql_root
call_root(const struct call *call)
{
	struct sql_root root = { .company_id = call->principal.company_id };

	if (str_to_id(call->route.connector, &root.id)) {
		root.by_id = true;
	} else {
		root.by_key = true;
		root.key = call->route.connector;
	}
	return root;
}

enum error
call_not_found(struct call *call)
{
	return problem_set(&call->problem, ERROR_NOT_FOUND,
	    "No query results for model [%s] %.*s", call->query.resource->model,
	    STR_FMT(call->route.connector));
}

/* No key is broken UTF-8, and the server would refuse to compare. */
static bool
can_exist(const struct sql_root *root)
{
	return !root->by_key || str_is_utf8(root->key);
}

enum error
call_find(struct call *call, struct result *ret)
{
	struct sql_root root = call_root(call);

	if (!can_exist(&root))
		return call_not_found(call);
	TRY(execute_show(call->arena, call->service->db, &call->query, &root,
	    first_rows(call), ret, &call->problem));
	return ret->rows.count == 0 ? call_not_found(call) : OK;
}

enum error
call_find_id(struct call *call, int64_t *ret)
{
	struct query query = { .resource = &resource_connectors,
		.root = { .resource = &resource_connectors } };
	struct sql_root root = call_root(call);
	struct result result;

	if (!can_exist(&root))
		return call_not_found(call);
	TRY(execute_show(call->arena, call->service->db, &query, &root, NULL,
	    &result, &call->problem));
	if (result.rows.count == 0)
		return call_not_found(call);
	*ret = rows_cell(&result.rows, 0, 0)->integer;
	return OK;
}

int64_t
call_version(const struct result *result)
{
	const struct resource *resource = result->include->resource;

	return rows_cell(&result->rows, 0, sql_position(resource, "version"))
	    ->integer;
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
	etag = arena_printf(call->arena, "\"%lld-%.*s\"",
	    (long long)call_version(result),
	    STR_FMT(secret_tag_hex(call->arena, buf_str(body))));
	call->response->encoding = time_monotonic() - begun;
	response_header(call->response, "ETag", etag);
	return etag;
}

bool
serve_show_first(const struct call *call, const struct sql_caller *caller,
    struct statement *ret)
{
	struct sql_root root = call_root(call);

	if (!can_exist(&root))
		return false;
	*ret = sql_root_of(call->arena, caller, &call->query, &root);
	return true;
}

enum error
serve_show(struct call *call)
{
	struct result result;

	TRY(call_find(call, &result));
	call_not_modified(call, call_answer(call, &result));
	return OK;
}
