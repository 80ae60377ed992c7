/*
 * The filters of a query as conditions. Prints identifiers of the static tables
 * only; every value is a parameter.
 */
#include <config.h>

#include "engine/sql_filter.h"

#include <assert.h>
#include <string.h>

#include "engine/sql_text.h"

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
	/* Beyond 64 bits no id is left that could match. */
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

void
put_filters(struct writer *w, const struct query *query)
{
	for (const struct query_filter *f = query->filters; f != NULL;
	     f = f->next) {
		put(w, " AND ");
		if (f->filter->path[0] == '\0')
			put_filter_match(w, "t", f);
		else
			put_filter_path(w, query->resource, f);
	}
}
