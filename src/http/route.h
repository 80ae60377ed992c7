/*
 * Method and path to a route: which action on which connector.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "base/error.h"
#include "http/request.h"

enum action {
	ACTION_INDEX,
	ACTION_STORE,
	ACTION_SHOW,
	ACTION_UPDATE,
	ACTION_DESTROY,
	ACTION_TEST,
	ACTION_TESTS,
	ACTION_OPTIONS,
	ACTION__MAX
};

struct route {
	enum action action;
	const char *name;     /* for the log: "connectors.index" */
	const char *allow;    /* methods of the path, for Allow */
	struct str connector; /* decoded id or canonical_key; or empty */
};

#define ROUTE_SEGMENTS 5

/* A path, and the action of each method on it; ACTION__MAX: not allowed. */
struct route_path {
	const char *segments[ROUTE_SEGMENTS]; /* "*" is the connector */
	size_t n;
	const char *allow;
	enum action actions[METHOD__MAX];
};

/* The table of all paths. */
const struct route_path *route_paths(size_t *ret_n);

/* The name of an action: "connectors.index". */
const char *route_action_name(enum action);

/* ERROR_NOT_FOUND for no such path, ERROR_METHOD (and reterr->allow) for a
 * method it has not, both with the reference's texts. */
enum error route_find(
    const struct request *, struct route *ret, struct problem *reterr);

#endif
