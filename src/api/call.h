/*
 * One request on its way through the pipeline: what serve.c, authenticate.c and
 * the handlers of all routes share.
 */
#ifndef API_CALL_H
#define API_CALL_H

#include "api/authenticate.h"
#include "api/fragments.h"
#include "api/route.h"
#include "api/serve.h"
#include "base/error.h"
#include "engine/input.h"
#include "engine/query.h"
#include "engine/result.h"
#include "engine/sql.h"
#include "engine/sql_key.h"
#include "http/request.h"
#include "http/response.h"

struct call {
	struct service *service;
	const struct request *request;
	struct arena *arena; /* the request's */
	struct routed routed;
	const struct action_facts *facts; /* of the route's action */
	struct principal principal;
	struct str name;  /* of the answer in the cache; ptr NULL: not kept */
	struct node body; /* of store and update */
	/* Of the route's resource even before it is parsed. */
	struct query query;
	bool query_parsed;            /* see call_parse_query() */
	enum error query_error;       /* what came of it ... */
	struct problem query_problem; /* ... and what to say of that */
	/* What came with the key: one row, or none. */
	struct rows first;
	struct response *response;
	struct problem problem;
};

/* Handlers: the query is parsed, key and ability are checked, where the action
 * has them. */
enum error serve_index(struct call *);
enum error serve_show(struct call *);
enum error serve_store(struct call *);
enum error serve_update(struct call *);
enum error serve_destroy(struct call *);
enum error serve_test(struct call *);
enum error serve_document(struct call *);

/* Sets what is known of the call by its route, also the name of its answer;
 * errors are those of route_find(). */
enum error call_find_route(struct call *);

/* Runs a statement: one without rows, and one that reads them. What is wrong
 * goes to call->problem; errors are those of db_run(). */
enum error call_run(struct call *, struct statement);
enum error call_query(struct call *, struct statement, struct rows *ret);

/* Runs an INSERT of n rows that returns them. */
enum error call_insert(
    struct call *, struct statement, size_t n, struct rows *ret);

/*
 * Parses the query string into call->query, once: further calls return what
 * the first did. Says nothing to the client; check_query() in serve.c does when
 * it is the query's turn.
 */
enum error call_parse_query(struct call *);

/* The row that the path names, by id or else by the resource's key; all that
 * the company may see when the path names none. */
struct sql_root call_root(const struct call *);

/* The id of the row that the path names; ERROR_NOT_FOUND. */
enum error call_find_id(struct call *, int64_t *ret);

/* ERROR_NOT_FOUND with the reference's text for what the path names. */
enum error call_not_found(struct call *);

/* Loads the row that the path names, with what the query includes;
 * ERROR_NOT_FOUND when the company has none (or a filter excludes it). */
enum error call_find(struct call *, struct result *ret);

/* What the request reads with. */
struct reader call_reader(const struct call *);

/* What came with the key, for execute_list() and execute_show(); NULL: none. */
const struct rows *call_first(const struct call *);

/* Keeps what was encoded of the catalogue: right after the body is encoded. */
void call_keep_fragments(struct call *, const struct result *);

/* Answers with the row 0 of result: body and ETag, which is returned. The tag
 * begins with the version where the resource has one. */
struct str call_answer(struct call *, const struct result *);

/* Turns the answer into a 304 when the request's If-None-Match has its ETag
 * (weak comparison, RFC 9110 section 13.1.2). */
void call_not_modified(struct call *, struct str etag);

#endif
