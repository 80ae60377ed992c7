/*
 * The fixture of the tests that begin with a query string.
 */
#include <config.h>

#include "querying.h"

#include "schema/tables.h"

struct querying *
querying_as(enum query_use use, const char *text)
{
	struct arena *arena = arena_new(16384);
	/* Not moved afterwards: the tree points back into the query. */
	struct querying *q = ARENA_NEW(arena, struct querying, 1);

	q->arena = q->problem.arena = arena;
	q->error = query_parse(arena, &resource_connectors, use, str_of(text),
	    &q->query, &q->problem);
	return q;
}

struct querying *
querying(const char *text)
{
	return querying_as(QUERY_ALL, text);
}

void
querying_done(struct querying *q)
{
	arena_free(q->arena);
}
