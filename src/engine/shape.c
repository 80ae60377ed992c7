/*
 * The shape of an include: relations by their number in the table of the
 * resource, with those below in brackets. Pure.
 */
#include <config.h>

#include "engine/shape.h"

#include "base/buf.h"

/* Of a shape: no query names more includes and fields than this. */
#define SHAPE_MAX (64u << 10)

static const struct query_fields *
find_fields(const struct query *query, const struct resource *resource)
{
	const struct query_fields *f = query->fields;

	while (f != NULL && f->resource != resource)
		f = f->next;
	return f;
}

/* One digit a column, where not all are kept. */
static void
put_fields(
    struct buf *b, const struct query *query, const struct resource *resource)
{
	if (find_fields(query, resource) == NULL)
		return;
	buf_add_char(b, ':');
	for (size_t i = 0; i < resource->n_columns; i++)
		buf_add_char(b, query_keeps(query, resource, i) ? '1' : '0');
}

static void
put_include(
    struct buf *b, const struct query *query, const struct include *include)
{
	buf_add_int(
	    b, include->relation - include->parent->resource->relations);
	put_fields(b, query, include->resource);
	if (include->children == NULL)
		return;
	buf_add_char(b, '(');
	for (const struct include *i = include->children; i != NULL;
	     i = i->next) {
		put_include(b, query, i);
		buf_add_char(b, ' ');
	}
	buf_add_char(b, ')');
}

struct str
query_shape(struct arena *arena, const struct query *query,
    const struct include *include)
{
	struct buf b;
	struct str shape;

	buf_init(&b, SHAPE_MAX);
	buf_add_text(&b, include->parent->resource->name);
	buf_add_char(&b, ' ');
	put_include(&b, query, include);
	shape = arena_copy(arena, buf_str(&b));
	buf_done(&b);
	return shape;
}
