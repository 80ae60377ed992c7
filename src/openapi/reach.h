/*
 * What of the tables a client can meet: resources that a route is about, and
 * those that its includes lead to. Part of openapi.c. Pure.
 */
#ifndef OPENAPI_REACH_H
#define OPENAPI_REACH_H

#include <stdbool.h>

#include "schema/schema.h"

/* Whether answers hold rows of it. */
bool reach_resource(const struct resource *);

/* Whether a route is about it. */
bool reach_is_root(const struct resource *);

/* Whether rows of that resource can be answered with that relation. */
bool reach_relation(const struct resource *, const struct relation *);

/* Whether an answer about the first may hold rows of the second. */
bool reach_from(const struct resource *root, const struct resource *);

/* The link whose columns stand in `pivot` beside rows of the resource; NULL:
 * they have no pivot. */
const struct relation_link *reach_pivot(const struct resource *);

/* "_count" and "Exists" behind the name of a relation, as `include` names
 * them, and what they are called in the answer. */
struct reach_aggregate {
	const char *suffix;
	const char *member; /* behind the relation's member */
	const char *schema; /* JSON, see out_json() */
	const char *doc;
};
#define REACH_AGGREGATES 2
extern const struct reach_aggregate reach_aggregates[REACH_AGGREGATES];

/* Whether the resource's includes have that of the relation. */
bool reach_has_aggregate(const struct resource *, const struct relation *,
    const struct reach_aggregate *);

#endif
