/*
 * One request on its way through the pipeline: what the handlers of all routes
 * share. Included by api/serve.c and the serve_*.c handlers only.
 */
#ifndef API_CALL_H
#define API_CALL_H

#include "api/authenticate.h"
#include "api/serve.h"
#include "base/error.h"
#include "engine/input.h"
#include "engine/query.h"
#include "engine/result.h"
#include "engine/sql.h"
#include "http/request.h"
#include "http/response.h"
#include "http/route.h"

struct call {
	struct service *service;
	const struct request *request;
	struct arena *arena; /* the request's */
	struct route route;
	struct principal principal;
	struct node body; /* of store and update */
	struct str name;  /* of the answer in the cache */
	struct query query;
	bool query_parsed;
	struct rows first; /* what the key's statement took along; or no row */
	struct response *response;
	struct problem problem;
};

/* Handlers: the query is parsed, key and ability are checked. */
enum error serve_index(struct call *);
enum error serve_show(struct call *);
enum error serve_store(struct call *);
enum error serve_update(struct call *);
enum error serve_destroy(struct call *);
enum error serve_test(struct call *);
enum error serve_tests(struct call *);

/*
 * The first read of a handler, for the statement that finds the key: the query
 * is parsed, nothing is checked. False: it is better run by itself.
 */
bool serve_index_first(
    const struct call *, const struct sql_caller *, struct statement *ret);
bool serve_show_first(
    const struct call *, const struct sql_caller *, struct statement *ret);

/* The connector that the route names: by id, or else by canonical_key. */
struct sql_root call_root(const struct call *);

/* The id of the connector that the route names, whatever the query is about. */
enum error call_find_id(struct call *, int64_t *ret);

/* ERROR_NOT_FOUND with the reference's text for that connector. */
enum error call_not_found(struct call *);

/* Loads the connector that the route names; ERROR_NOT_FOUND with the
 * reference's text when the company has none (or a filter excludes it). */
enum error call_find(struct call *, struct result *ret);

/* Answers with the connector in row 0 of result: body and ETag, which is
 * returned. */
struct str call_answer(struct call *, const struct result *);

/* The version in row 0 of a result about connectors. */
int64_t call_version(const struct result *);

/* Turns the answer into a 304 when the request's If-None-Match has its ETag
 * (weak comparison, RFC 9110 section 13.1.2). */
void call_not_modified(struct call *, struct str etag);

#endif
