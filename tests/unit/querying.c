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

bool
contains(struct str text, const char *part)
{
	for (; text.len > 0; text = str_from(text, 1))
		if (str_starts_with(text, str_of(part)))
			return true;
	return false;
}

size_t
count_marks(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '?';
	return n;
}

bool
has_int_param(const struct statement *s, int64_t number)
{
	for (size_t i = 0; i < s->n_params; i++)
		if (s->params[i].type == VALUE_INT &&
		    s->params[i].integer == number)
			return true;
	return false;
}
