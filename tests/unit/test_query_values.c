/*
 * src/engine/query*.c: filters, sorts and fields
 */
#include <config.h>

#include "engine/query.h"

#include <criterion/criterion.h>

#include "base/buf.h"
#include "querying.h"
#include "schema/tables.h"

static void
show_filters(struct buf *b, const struct query *query)
{
	for (const struct query_filter *f = query->filters; f != NULL;
	     f = f->next) {
		buf_printf(b, "%s:", f->filter->name);
		for (size_t i = 0; i < f->n_values; i++)
			buf_printf(b, "<%.*s>", STR_FMT(f->values[i]));
	}
}

static const struct {
	const char *text, *filters;
} filter_cases[] = {
	{ "filter=abc", "" },
	{ "filter", "" },
	{ "filter[system]=", "" },
	{ "filter[system]=%20", "" },
	{ "filter[system]=24", "system:<24>" },
	{ "filter[system]=24,Zalando", "system:<24><Zalando>" },
	{ "filter[system]=41,%20BigCommerce", "system:<41>< BigCommerce>" },
	{ "filter[system]=%20Plytix%20", "system:<Plytix>" },
	{ "filter[system]=a,,b,", "system:<a><><b><>" },
	{ "filter[system]=true", "system:<1>" },
	{ "filter[system]=false", "system:<0>" },
	{ "filter[system]=True", "system:<True>" },
	{ "filter[system]=true,false", "system:<true><false>" },
	{ "filter[system]=0", "system:<0>" },
	{ "filter[system][]=a&filter[system][]=b", "system:<a><b>" },
	{ "filter[system][x]=a", "system:<a>" },
	{ "filter[forSession]=s&filter[system]=1", "forSession:<s>system:<1>" },
	{ "filter[system]=' or 1=1 --", "system:<' or 1=1 -->" },
};

Test(query, reads_filters_as_lists_of_values)
{
	for (size_t i = 0; i < N_ELEMENTS(filter_cases); i++) {
		struct querying *f = querying(filter_cases[i].text);
		struct buf b;

		buf_init(&b, 1000);
		cr_expect_eq(f->error, OK, "%s", filter_cases[i].text);
		show_filters(&b, &f->query);
		cr_expect(str_equal_text(buf_str(&b), filter_cases[i].filters),
		    "%s: %.*s", filter_cases[i].text, STR_FMT(buf_str(&b)));
		buf_done(&b);
		querying_done(f);
	}
}

static const struct {
	const char *text;
	size_t n;
	bool descending;
} sort_cases[] = {
	{ "", 0, false },
	{ "sort=", 0, false },
	{ "sort=,", 0, false },
	{ "sort=0", 0, false },
	{ "sort=name", 1, false },
	{ "sort=-name", 1, true },
	{ "sort=--name", 1, true },
	{ "sort=name,-name", 1, false },
	{ "sort=-name,name", 1, true },
	{ "sort[]=-name", 1, true },
};

Test(query, sorts_by_a_column_once)
{
	for (size_t i = 0; i < N_ELEMENTS(sort_cases); i++) {
		struct querying *f = querying(sort_cases[i].text);
		size_t n = 0;

		cr_expect_eq(f->error, OK, "%s", sort_cases[i].text);
		for (struct query_sort *s = f->query.sorts; s != NULL;
		     s = s->next)
			n++;
		cr_assert_eq(n, sort_cases[i].n, "%s", sort_cases[i].text);
		if (n > 0) {
			cr_expect_str_eq(f->query.sorts->column->name, "name");
			cr_expect_eq(f->query.sorts->descending,
			    sort_cases[i].descending, "%s", sort_cases[i].text);
		}
		querying_done(f);
	}
}

/* The columns that an answer keeps, all of them as "*". */
static void
show_kept(struct buf *b, const struct query *query, const struct resource *r)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < r->n_columns; i++)
		n_kept += query_keeps(query, r, i) ? 1 : 0;
	if (n_kept == r->n_columns) {
		buf_add_char(b, '*');
		return;
	}
	for (size_t i = 0; i < r->n_columns; i++)
		if (query_keeps(query, r, i))
			buf_printf(b, "%s ", r->columns[i].name);
}

static const struct {
	const char *text, *connectors, *users;
} field_cases[] = {
	{ "", "*", "*" },
	{ "fields=", "*", "*" },
	{ "fields[connectors]=", "*", "*" },
	{ "fields[connectors]=,", "*", "*" },
	{ "fields=id,name", "id name ", "*" },
	{ "fields[connectors]=id,name", "id name ", "*" },
	{ "fields[connectors]=name,id,name", "id name ", "*" },
	{ "fields[connectors]=name", "id name ", "*" },
	{ "fields[connectors]=timezone", "id timezone ", "*" },
	{ "fields[connectors][]=name&fields[connectors][]=type",
	    "id name type ", "*" },
	{ "fields[users]=email", "*", "id email " },
	{ "fields[users]=name&fields[connectors]=type", "id type ",
	    "id name " },
	{ "fields[endpoints]=name", "*", "*" },
};

Test(query, keeps_the_fields_asked_for)
{
	for (size_t i = 0; i < N_ELEMENTS(field_cases); i++) {
		struct querying *f = querying(field_cases[i].text);
		struct buf b;

		buf_init(&b, 1000);
		cr_expect_eq(f->error, OK, "%s: %.*s", field_cases[i].text,
		    STR_FMT(f->problem.message));
		show_kept(&b, &f->query, &resource_connectors);
		cr_expect(
		    str_equal_text(buf_str(&b), field_cases[i].connectors),
		    "%s: %.*s", field_cases[i].text, STR_FMT(buf_str(&b)));
		buf_reset(&b);
		show_kept(&b, &f->query, &resource_users);
		cr_expect(str_equal_text(buf_str(&b), field_cases[i].users),
		    "%s: %.*s", field_cases[i].text, STR_FMT(buf_str(&b)));
		buf_done(&b);
		querying_done(f);
	}
}
