/*
 * The filters of a query as conditions. Prints identifiers of the static tables
 * only; every value is a parameter.
 */
#include <config.h>

#include "engine/sql_filter.h"

#include <assert.h>
#include <string.h>

#include "engine/sql_text.h"

/* Escapes itself and the two wildcards of LIKE: no backslash, which some SQL
 * modes take as it is. */
#define LIKE_ESCAPE '!'

/* Whether a value is one that the filter compares with this column. */
static bool
value_fits(const struct filter *filter, bool as_digits, struct str value)
{
	bool digits = str_is_digits(value);

	if (value.ptr == NULL)
		return false;
	if (strcmp(filter->digits, filter->text == NULL ? "" : filter->text) ==
	    0)
		return !as_digits;
	return digits == as_digits;
}

static struct value
filter_value(bool as_number, struct str value)
{
	int64_t number;

	if (!as_number)
		return value_text(value);
	/* Beyond 64 bits no id is left that could match. 0 is no id, but false
	 * as a boolean. */
	if (str_equal(value, STR("0")))
		return value_int(0);
	return str_to_id(value, &number) ? value_int(number) : value_null();
}

/* alias.column IN (the values that fit), or FALSE if there is none. */
static void
put_filter_values(struct writer *w, const char *alias,
    const struct query_filter *use, bool as_digits)
{
	const struct filter *filter = use->filter;
	const char *column = as_digits ? filter->digits : filter->text;
	struct value last = value_null();
	size_t n = 0;

	for (size_t i = 0; i < use->n_values; i++)
		n += value_fits(filter, as_digits, use->values[i]);
	if (n == 0 || column == NULL) {
		put(w, "FALSE");
		return;
	}
	put_column(w, alias, column);
	put_marks(w, sql_padded(n));
	for (size_t i = 0; i < use->n_values; i++) {
		if (!value_fits(filter, as_digits, use->values[i]))
			continue;
		last = filter_value(as_digits, use->values[i]);
		put_param(w, last);
	}
	for (size_t i = n; i < sql_padded(n); i++)
		put_param(w, last);
}

static void
put_filter_match(
    struct writer *w, const char *alias, const struct query_filter *use)
{
	put(w, "(");
	put_filter_values(w, alias, use, false);
	put(w, " OR ");
	put_filter_values(w, alias, use, true);
	put(w, ")");
}

static const char *const hop_aliases[] = { "t", "f1", "f2", "f3", "f4" };

/* EXISTS over the relations of the filter's path, each seen in scope. */
static void
put_filter_path(struct writer *w, const struct resource *resource,
    const struct query_filter *use)
{
	struct str rest = str_of(use->filter->path), part;
	const struct relation *hops[N_ELEMENTS(hop_aliases) - 1];
	size_t n = 0;

	while (str_next_part(&rest, '.', &part)) {
		assert(n < N_ELEMENTS(hops));
		hops[n] = schema_relation(resource, part);
		resource = hops[n++]->target;
	}
	put(w, "EXISTS (SELECT 1 FROM ");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			put(w, " JOIN ");
		put_name(w, hops[i]->target->name);
		buf_printf(&w->text, " %s", hop_aliases[i + 1]);
		if (i == 0)
			continue;
		put(w, " ON ");
		put_column(w, hop_aliases[i + 1], hops[i]->foreign);
		put(w, " = ");
		put_column(w, hop_aliases[i], hops[i]->local);
	}
	put(w, " WHERE ");
	put_column(w, "f1", hops[0]->foreign);
	put(w, " = ");
	put_column(w, "t", hops[0]->local);
	for (size_t i = 0; i < n; i++)
		if (hops[i]->target->scope != SCOPE_PARENT)
			put_scope(w, hop_aliases[i + 1], hops[i]->target);
	put(w, " AND ");
	put_filter_match(w, hop_aliases[n], use);
	put(w, ")");
}

static bool
has_value(const struct query_filter *use, const char *value)
{
	for (size_t i = 0; i < use->n_values; i++)
		if (str_equal_text(use->values[i], value))
			return true;
	return false;
}

/* "(SELECT ...)": the highest id of those whose column is that of another row,
 * read at the end of their part of the index. Without FORCE INDEX MySQL
 * searches the whole table from its end; ordered by the id alone, as MAX() and
 * as NOT EXISTS all of the part is read. */
static void
put_newest_of(struct writer *w, const struct resource *resource,
    const struct filter *filter, const char *alias, const char *other)
{
	put(w, "(SELECT n.`id` FROM ");
	put_name(w, resource->name);
	put(w, " n FORCE INDEX (");
	put_name(w, filter->newest_index);
	put(w, ") WHERE ");
	put_visible(w, "n", resource);
	put(w, " AND ");
	put_column(w, "n", filter->newest);
	put(w, " = ");
	put_column(w, alias, other);
	put(w, " ORDER BY ");
	put_column(w, "n", filter->newest);
	put(w, " DESC, n.`id` DESC LIMIT 1)");
}

static void
put_newest(struct writer *w, const struct resource *resource,
    const struct query_filter *use)
{
	bool newest = has_value(use, "1"), others = has_value(use, "0");

	if (newest == others) {
		put(w, newest ? "TRUE" : "FALSE");
		return;
	}
	put(w, newest ? "t.`id` = " : "t.`id` < ");
	put_newest_of(w, resource, use->filter, "t", use->filter->newest);
}

const struct query_filter *
sql_newest_filter(const struct query *query)
{
	const struct query_filter *f = query->filters;

	while (f != NULL && (f->filter->newest == NULL || !has_value(f, "1") ||
				has_value(f, "0")))
		f = f->next;
	return f;
}

void
put_newest_ids(struct writer *w, const struct resource *resource,
    const struct query_filter *use, const struct sql_root *root)
{
	const char *column = use->filter->newest;
	const struct resource *of =
	    schema_column(resource, str_of(column))->refers;

	put(w, "(SELECT ");
	put_newest_of(w, resource, use->filter, "o", "id");
	put(w, " AS id FROM ");
	put_name(w, of->name);
	put(w, " o WHERE ");
	put_visible(w, "o", of);
	if (root->parent != NULL && strcmp(root->parent, column) == 0) {
		put(w, " AND o.`id` = ");
		put_value(w, value_int(root->parent_id));
	}
	put(w, ")");
}

/* What contains the text, in which wildcards are characters like others. */
static struct str
contains(struct arena *arena, struct str text)
{
	struct str pattern;
	struct buf b;

	buf_init(&b, 2 * text.len + 2);
	buf_add_char(&b, '%');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '%' || text.ptr[i] == '_' ||
		    text.ptr[i] == LIKE_ESCAPE)
			buf_add_char(&b, LIKE_ESCAPE);
		buf_add_char(&b, text.ptr[i]);
	}
	buf_add_char(&b, '%');
	pattern = arena_copy(arena, buf_str(&b));
	buf_done(&b);
	return pattern;
}

static void
put_search(struct writer *w, const struct query *query)
{
	struct value pattern;

	if (query->search.ptr == NULL)
		return;
	pattern = value_text(contains(w->arena, query->search));
	put(w, " AND (");
	for (const char *const *p = query->resource->search; *p != NULL; p++) {
		if (p != query->resource->search)
			put(w, " OR ");
		put_column(w, "t", *p);
		put(w, " LIKE ");
		put_value(w, pattern);
		buf_printf(&w->text, " ESCAPE '%c'", LIKE_ESCAPE);
	}
	put(w, ")");
}

void
put_filters(struct writer *w, const struct query *query)
{
	for (const struct query_filter *f = query->filters; f != NULL;
	     f = f->next) {
		put(w, " AND ");
		if (f->filter->newest != NULL)
			put_newest(w, query->resource, f);
		else if (f->filter->path[0] == '\0')
			put_filter_match(w, "t", f);
		else
			put_filter_path(w, query->resource, f);
	}
	put_search(w, query);
}
