/*
 * Resources as they are answered.
 */
#include <config.h>

#include "openapi/schema.h"

#include <string.h>

#include "openapi/column.h"
#include "openapi/reach.h"

static void
put_column(const struct out *o, const struct resource *resource,
    const struct column *column, bool nullable)
{
	struct column it = *column;

	if (nullable)
		it.flags |= COLUMN_NULLABLE;
	json_key(o->b, it.name);
	openapi_column(o, resource, &it, COLUMN_ANSWERED);
}

/* What has no value where a row is listed because it is needed, and not because
 * it is stored (struct relation: needs_of). */
static bool
is_of_stored(const struct column *column)
{
	return (column->flags & COLUMN_KEY) != 0 || column->type == COLUMN_TIME;
}

static void
put_columns(const struct out *o, const struct resource *resource, bool needed)
{
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (column_is_visible(column))
			put_column(o, resource, column,
			    needed && is_of_stored(column));
	}
}

static const char *
row_name(const struct out *o, const struct resource *resource, bool needed)
{
	return needed ? out_name(o, "needed_%s", resource->one) : resource->one;
}

static bool
is_many(const struct relation *relation)
{
	return relation->kind == RELATION_MANY ||
	       relation->kind == RELATION_HAS_MANY;
}

/* A related row may be missing, or be one that the company may not see. */
static void
put_relation(const struct out *o, const struct relation *relation)
{
	const char *one =
	    row_name(o, relation->target, relation->needs_of != NULL);

	json_key(o->b, relation->member);
	json_object_open(o->b);
	if (is_many(relation)) {
		json_member_text(o->b, "type", "array");
		out_schema(o, "items", one);
	} else {
		out_or_null(o, one);
	}
	json_member_text(o->b, "description",
	    out_name(
		o, "%s Only where `include[]` asks for it.", relation->doc));
	json_object_close(o->b);
}

static void
put_aggregates(const struct out *o, const struct resource *resource,
    const struct relation *relation)
{
	for (size_t i = 0; i < REACH_AGGREGATES; i++) {
		const struct reach_aggregate *a = &reach_aggregates[i];

		if (!reach_has_aggregate(resource, relation, a))
			continue;
		json_key(
		    o->b, out_name(o, "%s%s", relation->member, a->member));
		json_object_open(o->b);
		out_json(o, a->schema);
		json_member_text(o->b, "description",
		    out_name(o, "%s Only where `include[]` has `%s%s`.", a->doc,
			relation->name, a->suffix));
		json_object_close(o->b);
	}
}

static void
put_related(const struct out *o, const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_relations; i++) {
		const struct relation *relation = &resource->relations[i];

		if (reach_is_root(resource))
			put_aggregates(o, resource, relation);
		if (reach_relation(resource, relation))
			put_relation(o, relation);
	}
}

static const char *
pivot_name(const struct out *o, const struct resource *resource, bool needed)
{
	return out_name(o, "%s_pivot", row_name(o, resource, needed));
}

static void
put_pivot(const struct out *o, const struct resource *resource, bool needed)
{
	const struct relation_link *link = reach_pivot(resource);

	if (link == NULL)
		return;
	json_key(o->b, pivot_name(o, resource, needed));
	json_object_open(o->b);
	json_member_text(o->b, "type", "object");
	json_member_text(o->b, "description", link->table->doc);
	out_required(o, link->pivot);
	json_key(o->b, "properties");
	json_object_open(o->b);
	for (const char *const *p = link->pivot; *p != NULL; p++)
		put_column(o, link->table,
		    schema_column(link->table, str_of(*p)),
		    needed && strcmp(*p, link->far) == 0);
	json_object_close(o->b);
	json_object_close(o->b);
}

/* `fields` leaves out all but the id; the pivot stays, too. */
static void
put_always(const struct out *o, const struct resource *resource)
{
	bool has_id = schema_column(resource, STR("id")) != NULL;
	bool has_pivot =
	    reach_pivot(resource) != NULL && !reach_is_root(resource);
	const char *names[] = { has_id      ? "id"
				: has_pivot ? "pivot"
					    : NULL,
		has_id && has_pivot ? "pivot" : NULL, NULL };

	out_required(o, names);
}

static void
put_row(const struct out *o, const struct resource *resource, bool needed)
{
	json_key(o->b, row_name(o, resource, needed));
	json_object_open(o->b);
	json_member_text(o->b, "type", "object");
	json_member_text(o->b, "description",
	    out_name(o,
		"%s Columns are missing where `fields` does not name "
		"them.",
		resource->doc));
	put_always(o, resource);
	json_key(o->b, "properties");
	json_object_open(o->b);
	put_columns(o, resource, needed);
	if (reach_pivot(resource) != NULL)
		out_schema(o, "pivot", pivot_name(o, resource, needed));
	put_related(o, resource);
	json_object_close(o->b);
	json_object_close(o->b);
}

void
schema_resource(const struct out *o, const struct resource *resource)
{
	put_row(o, resource, false);
	json_key(o->b, out_name(o, "%s_column", resource->one));
	openapi_column_names(o, resource);
	put_pivot(o, resource, false);
	for (size_t i = 0; i < resource->n_relations; i++) {
		const struct resource *to = resource->relations[i].target;

		if (resource->relations[i].needs_of == NULL)
			continue;
		put_row(o, to, true);
		put_pivot(o, to, true);
	}
}

static void
put_all_required(
    const struct out *o, const struct resource *resource, const char *relation)
{
	json_key(o->b, "required");
	json_array_open(o->b);
	for (size_t i = 0; i < resource->n_columns; i++)
		if (column_is_visible(&resource->columns[i]))
			json_string(o->b, str_of(resource->columns[i].name));
	if (relation != NULL)
		json_string(o->b,
		    str_of(
			schema_relation(resource, str_of(relation))->member));
	json_array_close(o->b);
}

/* What the server gives by itself has a narrower form than what imports may
 * bring. */
static void
put_made(const struct out *o, const struct resource *resource)
{
	if (resource->key == NULL)
		return;
	json_key(o->b, "properties");
	json_object_open(o->b);
	json_key(o->b, resource->key);
	out_json(o, "{'type':'string','format':'uuid','description':"
		    "'A UUID of version 7, in lower case.'}");
	json_object_close(o->b);
}

void
schema_whole(const struct out *o, const struct resource *resource,
    const char *relation, bool is_new)
{
	json_object_open(o->b);
	json_member_text(o->b, "type", "object");
	json_key(o->b, "allOf");
	json_array_open(o->b);
	out_reference(o, "schemas", resource->one);
	json_array_close(o->b);
	put_all_required(o, resource, relation);
	if (is_new)
		put_made(o, resource);
	json_object_close(o->b);
}
