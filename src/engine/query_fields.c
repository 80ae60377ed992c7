/*
 * fields[table]=a,b: the columns of a resource that an answer keeps.
 */
#include <config.h>

#include <string.h>

#include "engine/query_names.h"
#include "http/uri.h"

/* The resources that an answer about the root may hold: the root and all that
 * the allow-list of includes reaches. */
struct reachable {
	const struct resource *items[32];
	size_t n;
};

static void
reach(struct reachable *reachable, const struct resource *resource)
{
	for (size_t i = 0; i < reachable->n; i++)
		if (reachable->items[i] == resource)
			return;
	if (reachable->n < N_ELEMENTS(reachable->items))
		reachable->items[reachable->n++] = resource;
}

static void
reach_path(struct reachable *reachable, const struct resource *resource,
    struct str path)
{
	struct str rest = path, part;

	while (str_next_part(&rest, '.', &part)) {
		const struct relation *relation =
		    schema_relation(resource, part);

		if (relation == NULL)
			return;
		resource = relation->target;
		reach(reachable, resource);
	}
}

static struct reachable
reachable_from(const struct resource *resource)
{
	struct reachable reachable = { 0 };

	reach(&reachable, resource);
	for (const char *const *p = schema_includes(resource); *p != NULL; p++)
		reach_path(&reachable, resource, str_of(*p));
	return reachable;
}

static const struct resource *
find_table(const struct reachable *reachable, struct str name)
{
	for (size_t i = 0; i < reachable->n; i++)
		if (str_equal_text(name, reachable->items[i]->name))
			return reachable->items[i];
	return NULL;
}

static bool
find_column(const struct resource *resource, struct str name, size_t *ret)
{
	const struct column *column =
	    resource == NULL ? NULL : schema_column(resource, name);

	if (column == NULL || !column_is_visible(column))
		return false;
	*ret = (size_t)(column - resource->columns);
	return true;
}

static enum error
refuse(struct arena *arena, const struct reachable *reachable,
    const struct names *unknown, struct problem *reterr)
{
	struct names allowed = { 0 };

	for (size_t i = 0; i < reachable->n; i++) {
		const struct resource *r = reachable->items[i];

		for (size_t j = 0; j < r->n_columns; j++)
			if (column_is_visible(&r->columns[j]))
				names_add(arena, &allowed,
				    arena_printf(arena, "%s.%s", r->name,
					r->columns[j].name));
	}
	return names_refuse("field", "are", unknown, &allowed, reterr);
}

static struct query_fields *
new_fields(struct arena *arena, const struct resource *resource)
{
	struct query_fields *fields = ARENA_NEW(arena, struct query_fields, 1);

	fields->resource = resource;
	fields->keep = ARENA_NEW(arena, bool, resource->n_columns);
	for (size_t i = 0; i < resource->n_columns; i++)
		fields->keep[i] = strcmp(resource->columns[i].name, "id") == 0;
	return fields;
}

static enum error
read_table(struct arena *arena, const struct reachable *reachable,
    struct str table, const struct param *param, struct names *unknown,
    struct query *query, struct problem *reterr)
{
	const struct resource *resource = find_table(reachable, table);
	struct query_fields *fields = NULL;
	struct names names;
	size_t column;

	TRY(names_read(arena, param, "fields", &names, reterr));
	if (resource != NULL)
		fields = new_fields(arena, resource);
	for (size_t i = 0; i < names.n; i++) {
		if (find_column(resource, names.items[i], &column))
			fields->keep[column] = true;
		else
			names_add(arena, unknown,
			    arena_printf(arena, "%.*s.%.*s", STR_FMT(table),
				STR_FMT(names.items[i])));
	}
	if (fields != NULL && names.n > 0) {
		fields->next = query->fields;
		query->fields = fields;
	}
	return OK;
}

enum error
query_parse_fields(struct arena *arena, const struct param *params,
    struct query *query, struct problem *reterr)
{
	const struct param *param = uri_param(params, "fields");
	struct reachable reachable;
	struct names unknown = { 0 };

	if (param == NULL)
		return OK;
	reachable = reachable_from(query->resource);
	if (!param->is_list)
		TRY(read_table(arena, &reachable, str_of(query->resource->name),
		    param, &unknown, query, reterr));
	for (const struct param *p = param->children; p != NULL; p = p->next) {
		if (!str_is_utf8(p->name))
			return problem_set(reterr, ERROR_BAD_REQUEST,
			    "The name of a table in fields is not valid "
			    "UTF-8.");
		TRY(read_table(
		    arena, &reachable, p->name, p, &unknown, query, reterr));
	}
	if (unknown.n > 0)
		return refuse(arena, &reachable, &unknown, reterr);
	return OK;
}
