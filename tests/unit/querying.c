/*
 * The fixture of the tests that begin with a query string.
 */
#include <config.h>

#include "querying.h"

#include "schema/tables.h"

static struct querying *
parse(const struct resource *resource, enum query_use use, const char *text)
{
	struct arena *arena = arena_new(16384);
	/* Not moved afterwards: the tree points back into the query. */
	struct querying *q = ARENA_NEW(arena, struct querying, 1);

	q->arena = q->problem.arena = arena;
	q->error = query_parse(
	    arena, resource, use, str_of(text), &q->query, &q->problem);
	return q;
}

struct querying *
querying_as(enum query_use use, const char *text)
{
	return parse(&resource_connectors, use, text);
}

struct querying *
querying(const char *text)
{
	return querying_as(QUERY_ALL, text);
}

struct querying *
querying_about(const struct resource *resource, const char *text)
{
	return parse(resource, QUERY_ALL, text);
}

void
querying_done(struct querying *q)
{
	arena_free(q->arena);
}
