/*
 * Handlers that read: list and show, of whatever resource the route is about.
 */
#include <config.h>

#include "api/answer_cache.h"
#include "api/call.h"
#include "api/execute.h"
#include "api/page_start.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "engine/encode.h"
#include "engine/page.h"
#include "http/uri.h"

/* The answer is to be kept, also where it becomes a 304: who asks again and
 * again sends the ETag each time. */
static void
finish(struct call *call, struct str etag)
{
	if (call->name.ptr != NULL && !call->response->body->overflow &&
	    answer_cache_is_on(call->service->cache))
		call->service->unkept =
		    (struct unkept_answer){ call->principal.version, call->name,
			    etag, buf_str(call->response->body) };
	call_not_modified(call, etag);
}

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
	call_keep_fragments(call, result);
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

/* Of all pages of a list with the same filters, whatever they include. */
static struct str
count_name(const struct call *call, const struct sql_root *root)
{
	const struct query *query = &call->query;
	struct str name =
	    arena_printf(call->arena, "count %s %lld", query->resource->name,
		root->parent == NULL ? 0 : (long long)root->parent_id);

	for (const struct query_filter *f = query->filters; f != NULL;
	     f = f->next) {
		name = arena_printf(
		    call->arena, "%.*s&%s", STR_FMT(name), f->filter->name);
		for (size_t i = 0; i < f->n_values; i++)
			name = arena_printf(call->arena, "%.*s=%zu:%.*s",
			    STR_FMT(name), f->values[i].len,
			    STR_FMT(f->values[i]));
	}
	return query->search.ptr == NULL
		   ? name
		   : arena_printf(call->arena, "%.*s search %.*s",
			 STR_FMT(name), STR_FMT(query->search));
}

/* Whether the cache has the number of rows of the list. */
static bool
find_count(struct call *call, struct str name, int64_t *ret)
{
	struct cached_answer kept;
	uint64_t n = 0;

	if (!answer_cache_get(call->service->cache, call->arena,
		&call->principal.version, name, &kept))
		return false;
	str_to_u64(kept.stored, &n);
	*ret = (int64_t)n;
	return true;
}

static void
keep_count(struct call *call, struct str name, int64_t total)
{
	answer_cache_put(call->service->cache, &call->principal.version, name,
	    arena_printf(call->arena, "%lld", (long long)total), STR(""));
}

/* One page; the number of all rows is counted once a version of the data. */
static enum error
read_page(struct call *call, const struct sql_root *root, int64_t *ret_total,
    struct result *ret)
{
	const struct rows *first = call_first(call);
	struct reader reader = call_reader(call);
	bool keeps = call->name.ptr != NULL;
	struct str name = STR("");
	/* One that came in case it is of use is that of all rows. */
	struct known known = { .is_counted = first != NULL &&
					     !query_narrows(&call->query) };
	bool counts;

	if (known.is_counted) {
		known.total = first->cells[0].integer;
	} else if (keeps) {
		name = count_name(call, root);
		known.is_counted = find_count(call, name, &known.total);
	}
	counts = keeps && !known.is_counted;
	if (keeps)
		known.start =
		    page_start_find(call->arena, &reader, &call->query, root);
	TRY(execute_list(call->arena, &reader, &call->query, root, &known, ret,
	    &call->problem));
	*ret_total = known.total;
	if (counts)
		keep_count(call, name, known.total);
	if (keeps)
		page_start_keep(
		    call->arena, &reader, &call->query, root, &ret->rows);
	return OK;
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
	TRY(read_page(call, &root, &page.total, &result));
	begun = time_monotonic();
	encode_list(call, &result, &page);
	etag = arena_printf(call->arena, "\"%.*s\"",
	    STR_FMT(hash_tag_hex(call->arena, buf_str(call->response->body))));
	call->response->encoding = time_monotonic() - begun;
	response_header(call->response, "ETag", etag);
	finish(call, etag);
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
	finish(call, call_answer(call, &result));
	return OK;
}
