/*
 * The query string as columns: page, include, sort and search. Filters are read
 * in query_filter.c, fields in query_fields.c, lists of names in query_names.c.
 */
#include <config.h>

#include "engine/query.h"

#include "base/buf.h"
#include "engine/number.h"
#include "engine/query_names.h"
#include "http/uri.h"

/* One of page and per_page. */
struct number_rule {
	const char *param;
	const char *title; /* in messages */
	int64_t fallback;
	int64_t max;
};

static const struct number_rule page_rule = { "page", "page", 1,
	QUERY_PAGE_MAX };
static const struct number_rule per_page_rule = { "per_page", "per page",
	QUERY_PER_PAGE, QUERY_PER_PAGE_MAX };

static void
add_message(struct problem *problem, const struct number_rule *rule,
    const char *format, int64_t number)
{
	struct arena *arena = problem->arena;
	struct str text = arena_printf(arena, "The %s field ", rule->title);
	struct buf line;

	buf_init(&line, 256);
	buf_add_str(&line, text);
	buf_add_text(&line, format);
	if (number >= 0)
		buf_add_int(&line, number);
	buf_add_char(&line, '.');
	problem_add(problem, str_of(rule->param), buf_str(&line));
	buf_done(&line);
}

/* A value that is no integer still meets the limits if it is numeric, as in
 * the reference; but for page, whose upper limit is ours alone. */
static void
check_not_integer(
    const struct number_rule *rule, struct str value, struct problem *problem)
{
	double number;

	add_message(problem, rule, "must be an integer", -1);
	if (!number_is_numeric(value, &number))
		return;
	if (number < 1)
		add_message(problem, rule, "must be at least ", 1);
	if (rule->max < QUERY_PAGE_MAX && number > (double)rule->max)
		add_message(
		    problem, rule, "must not be greater than ", rule->max);
}

static int64_t
parse_number(const struct number_rule *rule, const struct param *params,
    struct problem *problem)
{
	const struct param *param = uri_param(params, rule->param);
	int64_t number;

	if (param == NULL || (!param->is_list && param->value.ptr == NULL))
		return rule->fallback;
	if (param->is_list)
		add_message(problem, rule, "must be an integer", -1);
	else if (!number_is_integer(param->value, &number))
		check_not_integer(rule, param->value, problem);
	else if (number < 1)
		add_message(problem, rule, "must be at least ", 1);
	else if (number > rule->max)
		add_message(
		    problem, rule, "must not be greater than ", rule->max);
	else
		return number;
	return rule->fallback;
}

/* Any other resource ignores the parameter, as it does every unknown one. */
static const struct param *
search_param(const struct param *params, const struct query *query)
{
	return query->resource->search == NULL ? NULL
					       : uri_param(params, "search");
}

/* What is no text at all is told by parse_search(), when it is its turn. */
static void
check_search_length(const struct param *param, struct problem *problem)
{
	if (param == NULL || param->is_list || !str_is_utf8(param->value) ||
	    str_utf8_length(param->value) <= QUERY_SEARCH_MAX)
		return;
	problem_add(problem, STR("search"),
	    arena_printf(problem->arena,
		"The search field must not be greater than %d characters.",
		QUERY_SEARCH_MAX));
}

static enum error
parse_page(
    const struct param *params, struct query *query, struct problem *reterr)
{
	query->page = parse_number(&page_rule, params, reterr);
	query->per_page = parse_number(&per_page_rule, params, reterr);
	check_search_length(search_param(params, query), reterr);
	return reterr->fields == NULL ? OK : ERROR_INVALID;
}

static struct include *
find_child(struct include *parent, const struct relation *relation)
{
	struct include *child = parent->children;

	while (child != NULL && child->relation != relation)
		child = child->next;
	return child;
}

static struct include *
add_child(struct arena *arena, struct include *parent,
    const struct relation *relation)
{
	struct include *child = find_child(parent, relation);
	struct include **end = &parent->children;

	if (child != NULL)
		return child;
	child = ARENA_NEW(arena, struct include, 1);
	child->relation = relation;
	child->resource = relation->target;
	child->parent = parent;
	while (*end != NULL)
		end = &(*end)->next;
	*end = child;
	return child;
}

const struct include *
query_add_include(struct arena *arena, struct query *query, struct str path)
{
	struct include *at = &query->root;
	struct str rest = path, part;

	while (str_next_part(&rest, '.', &part)) {
		const struct relation *relation =
		    schema_relation(at->resource, part);

		if (relation == NULL)
			return NULL;
		at = add_child(arena, at, relation);
	}
	return at;
}

static const struct {
	struct str suffix;
	enum aggregate_kind kind;
} aggregate_suffixes[] = {
	{ { "_count", 6 }, AGGREGATE_COUNT },
	{ { "Exists", 6 }, AGGREGATE_EXISTS },
};

static void
add_aggregate(struct arena *arena, struct query *query,
    const struct relation *relation, enum aggregate_kind kind)
{
	struct aggregate **end = &query->aggregates;

	for (; *end != NULL; end = &(*end)->next)
		if ((*end)->relation == relation && (*end)->kind == kind)
			return;
	*end = ARENA_NEW(arena, struct aggregate, 1);
	(*end)->relation = relation;
	(*end)->kind = kind;
}

/* A name of the allow-list: a count or exists of a relation, or a path. */
static void
use_include(struct arena *arena, struct query *query, struct str name)
{
	for (size_t i = 0; i < N_ELEMENTS(aggregate_suffixes); i++) {
		struct str suffix = aggregate_suffixes[i].suffix;
		struct str head = { name.ptr, name.len - suffix.len };
		const struct relation *relation;

		if (!str_ends_with(name, suffix))
			continue;
		relation = schema_relation(query->resource, head);
		if (relation != NULL) {
			add_aggregate(
			    arena, query, relation, aggregate_suffixes[i].kind);
			return;
		}
	}
	query_add_include(arena, query, name);
}

static bool
is_allowed_include(const struct resource *resource, struct str name)
{
	for (const char *const *p = schema_includes(resource); *p != NULL; p++)
		if (str_equal_text(name, *p))
			return true;
	return false;
}

static enum error
parse_include(struct arena *arena, const struct param *params,
    struct query *query, struct problem *reterr)
{
	struct names names, unknown = { 0 };

	TRY(names_read(
	    arena, uri_param(params, "include"), "include", &names, reterr));
	for (size_t i = 0; i < names.n; i++)
		if (!is_allowed_include(query->resource, names.items[i]))
			names_add(arena, &unknown, names.items[i]);
	if (unknown.n > 0) {
		struct names allowed = { 0 };

		for (const char *const *p = schema_includes(query->resource);
		     *p != NULL; p++)
			names_add(arena, &allowed, str_of(*p));
		return names_refuse(
		    "include", "are", &unknown, &allowed, reterr);
	}
	for (size_t i = 0; i < names.n; i++)
		use_include(arena, query, names.items[i]);
	return OK;
}

static struct str
without_dashes(struct str name)
{
	while (name.len > 0 && name.ptr[0] == '-')
		name = str_from(name, 1);
	return name;
}

static const struct column *
sort_column(const struct resource *resource, struct str name)
{
	const struct column *column = schema_column(resource, name);

	if (column == NULL || (column->flags & COLUMN_SORT) == 0)
		return NULL;
	return column;
}

static enum error
refuse_sorts(struct arena *arena, const struct query *query,
    const struct names *unknown, struct problem *reterr)
{
	struct names allowed = { 0 };

	for (size_t i = 0; i < query->resource->n_columns; i++)
		if ((query->resource->columns[i].flags & COLUMN_SORT) != 0)
			names_add(arena, &allowed,
			    str_of(query->resource->columns[i].name));
	return names_refuse("sort", "is", unknown, &allowed, reterr);
}

static void
add_sort(struct arena *arena, struct query *query, const struct column *column,
    bool descending)
{
	struct query_sort **end = &query->sorts;

	/* A column that is sorted by already cannot order any more. */
	for (; *end != NULL; end = &(*end)->next)
		if ((*end)->column == column)
			return;
	*end = ARENA_NEW(arena, struct query_sort, 1);
	(*end)->column = column;
	(*end)->descending = descending;
}

/* sort[a]=b is no list of names: it would say something of a. */
static bool
is_map(const struct param *param)
{
	if (param == NULL)
		return false;
	for (const struct param *p = param->children; p != NULL; p = p->next)
		if (!str_is_digits(p->name))
			return true;
	return false;
}

static enum error
parse_sort(struct arena *arena, const struct param *params, struct query *query,
    struct problem *reterr)
{
	struct names names, unknown = { 0 };

	if (is_map(uri_param(params, "sort")))
		return problem_set(reterr, ERROR_BAD_REQUEST,
		    "The sort parameter must be a text or a plain list.");
	TRY(names_read(
	    arena, uri_param(params, "sort"), "sort", &names, reterr));
	for (size_t i = 0; i < names.n; i++) {
		struct str name = without_dashes(names.items[i]);
		const struct column *column =
		    sort_column(query->resource, name);

		if (column == NULL)
			names_add(arena, &unknown, name);
		else
			add_sort(
			    arena, query, column, names.items[i].ptr[0] == '-');
	}
	if (unknown.n > 0)
		return refuse_sorts(arena, query, &unknown, reterr);
	return OK;
}

static enum error
parse_search(
    const struct param *params, struct query *query, struct problem *reterr)
{
	const struct param *param = search_param(params, query);

	if (param == NULL)
		return OK;
	if (param->is_list)
		return problem_set(reterr, ERROR_BAD_REQUEST,
		    "The search parameter must be a text.");
	if (!str_is_utf8(param->value))
		return problem_set(reterr, ERROR_BAD_REQUEST,
		    "The search parameter is not valid UTF-8.");
	query->search = param->value;
	return OK;
}

enum error
query_parse(struct arena *arena, const struct resource *resource,
    enum query_use use, struct str query_string, struct query *ret,
    struct problem *reterr)
{
	const struct param *params = NULL;

	*ret = (struct query){ .resource = resource,
		.root = { .resource = resource },
		.page = 1,
		.per_page = QUERY_PER_PAGE };
	if (use == QUERY_NOTHING)
		return OK;
	params = uri_query(arena, query_string);
	ret->params = params;
	if (use == QUERY_ALL)
		TRY(parse_page(params, ret, reterr));
	TRY(parse_include(arena, params, ret, reterr));
	if (use != QUERY_ALL)
		return OK;
	TRY(query_parse_filter(arena, params, ret, reterr));
	TRY(parse_sort(arena, params, ret, reterr));
	TRY(query_parse_fields(arena, params, ret, reterr));
	return parse_search(params, ret, reterr);
}

bool
query_narrows(const struct query *query)
{
	return query->filters != NULL || query->search.ptr != NULL;
}

int64_t
query_offset(const struct query *query)
{
	return (query->page - 1) * query->per_page;
}

bool
query_keeps(
    const struct query *query, const struct resource *resource, size_t column)
{
	const struct query_fields *fields = query->fields;

	while (fields != NULL && fields->resource != resource)
		fields = fields->next;
	return fields == NULL || fields->keep[column];
}
