/*
 * Handlers that read: list and show, of whatever resource the route is about.
 */
#include <config.h>

#include "api/call.h"
#include "api/execute.h"
#include "base/json.h"
#include "base/time.h"
#include "engine/encode.h"
#include "engine/page.h"
#include "http/uri.h"
#include "secret/secret.h"

/* The rows of the page, its links, its numbers. */
static void
encode_list(struct call *call, const struct result *result, struct page *page)
{
	struct buf *body = call->response->body;

	page->rows = (int64_t)result->rows.count;
	page->url = arena_printf(call->arena, "%.*s%.*s",
	    STR_FMT(call->request->base_url),
	    STR_FMT(uri_without_end_slashes(call->request->path)));
	json_object_open(body);
	json_key(body, "data");
	json_array_open(body);
	for (size_t i = 0; i < result->rows.count; i++)
		encode_root(call->arena, body, &call->query, result, i);
	json_array_close(body);
	page_encode(call->arena, body, page);
	json_object_close(body);
}

/* All rows, or those that belong to the row that the path names. */
static enum error
list_root(struct call *call, struct sql_root *ret)
{
	const struct route *route = call->routed.route;

	*ret = (struct sql_root){ .company_id = call->principal.company_id,
		.parent = route->parent_column };
	if (route->parent == NULL)
		return OK;
	return call_find_id(call, &ret->parent_id);
}

enum error
serve_index(struct call *call)
{
	struct page page = { .params = call->query.params,
		.number = call->query.page,
		.per_page = call->query.per_page };
	struct sql_root root;
	struct result result;
	struct str etag;
	uint64_t begun;

	TRY(list_root(call, &root));
	TRY(execute_list(call->arena, call->service->db, &call->query, &root,
	    call_first(call), &page.total, &result, &call->problem));
	begun = time_monotonic();
	encode_list(call, &result, &page);
	etag = arena_printf(call->arena, "\"%.*s\"",
	    STR_FMT(
		secret_tag_hex(call->arena, buf_str(call->response->body))));
	call->response->encoding = time_monotonic() - begun;
	response_header(call->response, "ETag", etag);
	call_not_modified(call, etag);
	return OK;
}

enum error
serve_document(struct call *call)
{
	const struct document *document = call->service->openapi;

	buf_add_str(call->response->body, document->text);
	response_header(call->response, "ETag", document->etag);
	call_not_modified(call, document->etag);
	return OK;
}

enum error
serve_show(struct call *call)
{
	struct result result;

	TRY(call_find(call, &result));
	call_not_modified(call, call_answer(call, &result));
	return OK;
}
