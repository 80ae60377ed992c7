/*
 * The routes of the API as a table, and how method and path of a request find
 * their row. Pure; knows no handler.
 *
 * Here and not in http/ because a row names the resource it is about, which
 * http/ must not know.
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "api/action.h"
#include "base/error.h"
#include "http/request.h"
#include "schema/schema.h"

/* What every path begins with. */
#define ROUTE_BASE   "/api/v1"
#define ROUTE_PREFIX ROUTE_BASE "/"

/* At least as many as the table has rows. */
#define ROUTES_MAX 32

/* One row: an action of some methods on one path. */
struct route {
	/* For the log and the measures, and operationId of the OpenAPI
	 * document: "connectors.index". */
	const char *name;
	/* "/api/v1/connectors/ * /test" without the blanks: the star is one
	 * part that names a row, by id or by the resource's key. NULL for
	 * ACTION_OPTIONS, which is on every path. */
	const char *path;
	unsigned methods; /* bits: 1 << enum method */
	enum action action;
	/* That the query is about; NULL for the actions about no rows. */
	const struct resource *resource;
	/* For the list of what belongs to one row: the resource of that row,
	 * which the path names, and the column that holds its id. */
	const struct resource *parent;
	const char *parent_column;
	const char *summary; /* of the OpenAPI document */
};

/* What was asked for. */
struct routed {
	const struct route *route;
	struct str named; /* the star of the path, decoded; ptr NULL: none */
	unsigned methods; /* of the path, as in struct route */
};

/* The table; routes of one path follow each other. */
const struct route *route_table(size_t *ret_n);

/* The resource whose row the path of a route names, if it names one. */
const struct resource *route_named(const struct route *);

/* The methods as in Allow: "GET, HEAD, POST". */
const char *route_allow(struct arena *, unsigned methods);

/*
 * The route of a request, in the request's arena. ERROR_NOT_FOUND for no such
 * path, ERROR_METHOD (and reterr->allow) for a method it has not, both with the
 * reference's texts.
 */
enum error route_find(
    const struct request *, struct routed *ret, struct problem *reterr);

#endif
