/*
 * Whether anything that hangs on a row belongs to a company: one condition for
 * the whole tree of includes, made from the tables, so that a new include or a
 * new scope is in it by itself. Aliases are numbered by depth: r0 is the row.
 */
#include <config.h>

#include "engine/sql_owners.h"

#include <assert.h>
#include <string.h>

#include "engine/sql_key.h"
#include "engine/sql_parts.h"
#include "engine/sql_text.h"

static struct str
alias_of(struct arena *arena, const char *letter, unsigned depth)
{
	return arena_printf(arena, "%s%u", letter, depth);
}

/* That a row belongs to a company; as put_visible(), with no company that might
 * see it. */
static void
put_owned_row(
    struct writer *w, const char *alias, const struct resource *resource)
{
	const struct relation *up;

	switch (resource->scope) {
	case SCOPE_GLOBAL:
		put(w, "FALSE");
		return;
	case SCOPE_OWN:
		put(w, "TRUE");
		return;
	case SCOPE_SHARED:
		put_column(w, alias, "company_id");
		put(w, " IS NOT NULL");
		return;
	case SCOPE_PARENT:
		up =
		    schema_relation(resource, str_of(resource->scope_relation));
		assert(up->target->scope != SCOPE_PARENT);
		put(w, "EXISTS (SELECT 1 FROM ");
		put_name(w, up->target->name);
		put(w, " p WHERE ");
		put_column(w, "p", up->foreign);
		put(w, " = ");
		put_column(w, alias, up->local);
		put(w, " AND ");
		put_owned_row(w, "p", up->target);
		put(w, ")");
		return;
	}
}

static bool
can_be_owned(const struct include *include)
{
	if (include->resource->scope != SCOPE_GLOBAL)
		return true;
	for (const struct include *i = include->children; i != NULL;
	     i = i->next)
		if (can_be_owned(i))
			return true;
	return false;
}

/* " FROM ..." of the rows of an include below the row of the depth before. */
static void
put_below(struct writer *w, const struct include *include, unsigned depth)
{
	const struct relation *relation = include->relation;
	struct owner owner = owner_of(relation);
	const char *row = alias_of(w->arena, "r", depth).ptr;
	const char *link = alias_of(w->arena, "l", depth).ptr;

	owner.alias = relation->link == NULL ? row : link;
	put(w, " FROM ");
	put_owned(w, &owner);
	if (relation->link != NULL)
		put_linked(w, relation, row, link);
	put(w, " WHERE ");
	put_of_row(w, relation, &owner, alias_of(w->arena, "r", depth - 1).ptr);
}

/* That a row of the include, or one below it, belongs to a company. */
static void
put_owned_tree(struct writer *w, const struct include *include, unsigned depth)
{
	put(w, "(");
	put_owned_row(w, alias_of(w->arena, "r", depth).ptr, include->resource);
	for (const struct include *i = include->children; i != NULL;
	     i = i->next) {
		if (!can_be_owned(i))
			continue;
		put(w, " OR EXISTS (SELECT 1");
		put_below(w, i, depth + 1);
		put(w, " AND ");
		put_owned_tree(w, i, depth + 1);
		put(w, ")");
	}
	put(w, ")");
}

/* All that may be included from a relation on. */
static const struct include *
whole_tree(struct arena *arena, const struct resource *resource,
    const struct relation *relation)
{
	size_t len = strlen(relation->name);
	struct query *whole = ARENA_NEW(arena, struct query, 1);

	whole->resource = whole->root.resource = resource;
	for (const char *const *p = schema_includes(resource); *p != NULL; p++)
		if (strncmp(*p, relation->name, len) == 0 &&
		    ((*p)[len] == '\0' || (*p)[len] == '.'))
			query_add_include(arena, whole, str_of(*p));
	return whole->root.children;
}

struct statement
sql_owners(struct arena *arena, const struct resource *resource,
    const struct relation *relation, const int64_t *keys, size_t n)
{
	struct writer w = writer_open(arena, 0);
	size_t padded = sql_padded(n);

	put(&w, "SELECT ");
	put_column(&w, "r0", relation->foreign);
	put(&w, ", ");
	put_owned_tree(&w, whole_tree(arena, resource, relation), 0);
	put(&w, ", " SQL_COMMON_VERSION " FROM ");
	put_name(&w, relation->target->name);
	put(&w, " r0 WHERE ");
	put_column(&w, "r0", relation->foreign);
	put_marks(&w, padded);
	for (size_t i = 0; i < padded; i++)
		put_param(&w, value_int(keys[i < n ? i : n - 1]));
	return writer_close(&w);
}
