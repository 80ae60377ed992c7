/*
 * filter[name]=value: names to rows of the filter table, values to lists.
 */
#include <config.h>

#include "engine/query_names.h"
#include "http/uri.h"

/* The words that the reference turns into booleans where one of them is the
 * whole value; a column of text meets them as 1 and 0. A filter that takes
 * nothing else knows them in lists, too. */
static struct str
boolean_as_text(struct str value)
{
	if (str_equal(value, STR("true")))
		return STR("1");
	if (str_equal(value, STR("false")))
		return STR("0");
	return value;
}

static enum error
refuse_form(const struct filter *filter, struct problem *reterr)
{
	return problem_set(reterr, ERROR_BAD_REQUEST,
	    "The filter `%s` takes a text or a plain list.", filter->name);
}

/* Each value is compared with each row. */
static enum error
check_number(const struct filter *filter, const struct names *values,
    struct problem *reterr)
{
	if (values->n <= QUERY_VALUES_MAX)
		return OK;
	return problem_set(reterr, ERROR_BAD_REQUEST,
	    "The filter `%s` takes at most %d values.", filter->name,
	    QUERY_VALUES_MAX);
}

static enum error
check_value(
    const struct filter *filter, struct str value, struct problem *reterr)
{
	if (str_is_utf8(value))
		return OK;
	return problem_set(reterr, ERROR_BAD_REQUEST,
	    "The value of the filter `%s` is not valid UTF-8.", filter->name);
}

/* filter[k][]=a&filter[k][]=b */
static enum error
read_list(struct arena *arena, const struct filter *filter, bool boolean,
    const struct param *param, struct names *values, struct problem *reterr)
{
	for (const struct param *p = param->children; p != NULL; p = p->next) {
		if (p->is_list || str_find(p->value, ',') < p->value.len)
			return refuse_form(filter, reterr);
		TRY(check_value(filter, p->value, reterr));
		names_add(arena, values,
		    boolean ? boolean_as_text(p->value) : p->value);
	}
	return OK;
}

static enum error
read_values(struct arena *arena, const struct filter *filter, bool boolean,
    const struct param *param, struct names *values, struct problem *reterr)
{
	struct str rest = param->value, part;

	if (param->is_list)
		return read_list(arena, filter, boolean, param, values, reterr);
	TRY(check_value(filter, param->value, reterr));
	if (str_find(rest, ',') == rest.len) {
		names_add(arena, values, boolean_as_text(rest));
		return OK;
	}
	while (str_next_part(&rest, ',', &part))
		names_add(
		    arena, values, boolean ? boolean_as_text(part) : part);
	return OK;
}

static enum error
refuse_names(struct arena *arena, const struct resource *resource,
    const struct names *unknown, struct problem *reterr)
{
	struct names allowed = { 0 };

	for (size_t i = 0; i < resource->n_filters; i++)
		names_add(arena, &allowed, str_of(resource->filters[i].name));
	return names_refuse("filter", "are", unknown, &allowed, reterr);
}

static enum error
check_names(struct arena *arena, const struct resource *resource,
    const struct param *filters, struct problem *reterr)
{
	struct names unknown = { 0 };
	size_t n = 0;

	for (const struct param *p = filters; p != NULL; p = p->next)
		n++;
	if (n > QUERY_FILTERS_MAX)
		return problem_set(reterr, ERROR_BAD_REQUEST,
		    "A query takes at most %d filters.", QUERY_FILTERS_MAX);
	for (const struct param *p = filters; p != NULL; p = p->next) {
		if (!str_is_utf8(p->name))
			return problem_set(reterr, ERROR_BAD_REQUEST,
			    "The name of a filter is not valid UTF-8.");
		if (schema_filter(resource, p->name) == NULL)
			names_add(arena, &unknown, p->name);
	}
	if (unknown.n > 0)
		return refuse_names(arena, resource, &unknown, reterr);
	return OK;
}

/* An empty value is no filter. */
static bool
is_empty(const struct param *param)
{
	return param->is_list ? param->children == NULL
			      : param->value.ptr == NULL;
}

enum error
query_parse_filter(struct arena *arena, const struct param *params,
    struct query *query, struct problem *reterr)
{
	const struct param *param = uri_param(params, "filter");
	struct query_filter **end = &query->filters;

	if (param == NULL || !param->is_list)
		return OK;
	TRY(check_names(arena, query->resource, param->children, reterr));
	for (const struct param *p = param->children; p != NULL; p = p->next) {
		const struct filter *filter =
		    schema_filter(query->resource, p->name);
		struct names values = { 0 };

		if (is_empty(p))
			continue;
		TRY(read_values(arena, filter,
		    schema_is_boolean(query->resource, filter), p, &values,
		    reterr));
		TRY(check_number(filter, &values, reterr));
		*end = ARENA_NEW(arena, struct query_filter, 1);
		(*end)->filter = filter;
		(*end)->values = values.items;
		(*end)->n_values = values.n;
		end = &(*end)->next;
	}
	return OK;
}
