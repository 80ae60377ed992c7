/*
 * Walks over the routes and the paths of their includes.
 */
#include <config.h>

#include "openapi/reach.h"

#include <string.h>

#include "api/route.h"

const struct reach_aggregate reach_aggregates[REACH_AGGREGATES] = {
	{ "_count", "_count", "'type':'integer','format':'int64','minimum':0",
	    "How many rows the relation has." },
	{ "Exists", "_exists", "'type':'boolean'",
	    "Whether the relation has a row." },
};

/* One step of a path: whether it is what is looked for. */
typedef bool step_fn(const struct resource *from,
    const struct relation *relation, const void *what);

static bool
any_of_path(const struct resource *resource, struct str path, step_fn *is,
    const void *what)
{
	struct str part;

	while (str_next_part(&path, '.', &part)) {
		const struct relation *relation =
		    schema_relation(resource, part);

		if (relation == NULL)
			return false; /* a count or exists */
		if (is(resource, relation, what))
			return true;
		resource = relation->target;
	}
	return false;
}

static bool
any_from(const struct resource *root, step_fn *is, const void *what)
{
	for (const char *const *p = schema_includes(root); *p != NULL; p++)
		if (any_of_path(root, str_of(*p), is, what))
			return true;
	return false;
}

static bool
any_step(step_fn *is, const void *what)
{
	size_t n;
	const struct route *routes = route_table(&n);

	for (size_t i = 0; i < n; i++)
		if (routes[i].resource != NULL &&
		    any_from(routes[i].resource, is, what))
			return true;
	return false;
}

static bool
leads_to(const struct resource *from, const struct relation *relation,
    const void *what)
{
	(void)from;
	return relation->target == what;
}

bool
reach_is_root(const struct resource *resource)
{
	size_t n;
	const struct route *routes = route_table(&n);

	for (size_t i = 0; i < n; i++)
		if (routes[i].resource == resource)
			return true;
	return false;
}

bool
reach_resource(const struct resource *resource)
{
	return reach_is_root(resource) || any_step(leads_to, resource);
}

bool
reach_from(const struct resource *root, const struct resource *resource)
{
	return root == resource || any_from(root, leads_to, resource);
}

struct wanted {
	const struct resource *from;
	const struct relation *relation;
};

static bool
is_wanted(const struct resource *from, const struct relation *relation,
    const void *what)
{
	const struct wanted *wanted = what;

	return from == wanted->from && relation == wanted->relation;
}

bool
reach_relation(const struct resource *resource, const struct relation *relation)
{
	const struct wanted wanted = { resource, relation };

	return any_step(is_wanted, &wanted);
}

const struct relation_link *
reach_pivot(const struct resource *resource)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *from = resources[i];

		for (size_t k = 0; k < from->n_relations; k++) {
			const struct relation *relation = &from->relations[k];

			if (relation->target == resource &&
			    relation->link != NULL &&
			    relation->link->pivot != NULL &&
			    reach_relation(from, relation))
				return relation->link;
		}
	}
	return NULL;
}

bool
reach_has_aggregate(const struct resource *resource,
    const struct relation *relation, const struct reach_aggregate *aggregate)
{
	size_t len = strlen(relation->name);

	for (const char *const *p = schema_includes(resource); *p != NULL; p++)
		if (strncmp(*p, relation->name, len) == 0 &&
		    strcmp(*p + len, aggregate->suffix) == 0)
			return true;
	return false;
}
