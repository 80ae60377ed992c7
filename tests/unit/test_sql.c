/*
 * src/engine/sql.c
 */
#include <config.h>

#include "engine/sql.h"
#include "engine/sql_write.h"

#include <criterion/criterion.h>

#include "querying.h"
#include "schema/tables.h"

#define COMPANY 42

static struct querying *
parse(const char *text)
{
	struct querying *f = querying(text);

	cr_assert_eq(f->error, OK, "%s", text);
	return f;
}

static bool
contains(struct str text, const char *part)
{
	for (; text.len > 0; text = str_from(text, 1))
		if (str_starts_with(text, str_of(part)))
			return true;
	return false;
}

static size_t
count_marks(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '?';
	return n;
}

static struct statement
roots(struct querying *f, int64_t offset)
{
	struct sql_root root = { .company_id = COMPANY };

	return sql_roots(f->arena, &f->query, &root, 15, offset);
}

static bool
has_text_param(const struct statement *s, const char *text)
{
	for (size_t i = 0; i < s->n_params; i++)
		if (s->params[i].type == VALUE_TEXT &&
		    str_equal_text(s->params[i].text, text))
			return true;
	return false;
}

static bool
has_int_param(const struct statement *s, int64_t number)
{
	for (size_t i = 0; i < s->n_params; i++)
		if (s->params[i].type == VALUE_INT &&
		    s->params[i].integer == number)
			return true;
	return false;
}

static const struct sql_caller caller = { .columns = "k.id, k.company_id",
	.tables = " FROM api_keys k",
	.valid = " WHERE k.key_hash = ?",
	.param = { .type = VALUE_TEXT, .text = STR_CONST("the hash") },
	.company = "k.company_id" };

static struct statement
root_of_caller(struct querying *f)
{
	/* A company that must not be looked at. */
	struct sql_root root = {
		.company_id = COMPANY, .by_id = true, .id = 1009
	};

	return sql_root_of(f->arena, &caller, &f->query, &root);
}

static const char *const queries[] = {
	"",
	"sort=name",
	"sort=-name&page=9&per_page=50",
	"include=variables_count,variablesExists,certificate_count",
	"include=authenticationImplementation_count",
	"filter[canonical_key]=a,b,c",
	"filter[canonical_key][]=&filter[canonical_key][]=x",
	"filter[system]=1,2,x,y,z&filter[forSession]=s",
	"filter[system_template_id]=1,x",
	"filter[forSystemTemplate]=8,Back&filter[platformSession]=p",
	"filter[system]=99999999999999999999,0,007",
	"filter[system]=true",
};

Test(sql, has_one_value_a_mark)
{
	for (size_t i = 0; i < N_ELEMENTS(queries); i++) {
		struct querying *f = parse(queries[i]);
		struct sql_root root = { .company_id = COMPANY };
		struct statement s = sql_count(f->arena, &f->query, &root);

		cr_expect_eq(count_marks(s.text), s.n_params, "%s: %.*s",
		    queries[i], STR_FMT(s.text));
		s = roots(f, 0);
		cr_expect_eq(count_marks(s.text), s.n_params, "%s: %.*s",
		    queries[i], STR_FMT(s.text));
		s = roots(f, 5000);
		cr_expect_eq(count_marks(s.text), s.n_params, "%s: %.*s",
		    queries[i], STR_FMT(s.text));
		querying_done(f);
	}
}

Test(sql, every_statement_is_bound_to_the_company)
{
	for (size_t i = 0; i < N_ELEMENTS(queries); i++) {
		struct querying *f = parse(queries[i]);
		struct statement s = roots(f, 0);

		cr_expect(
		    contains(s.text, "t.`company_id` = ?"), "%s", queries[i]);
		cr_expect(has_int_param(&s, COMPANY), "%s", queries[i]);
		s = roots(f, 5000);
		cr_expect(
		    contains(s.text, "t.`company_id` = ?"), "%s", queries[i]);
		querying_done(f);
	}
}

Test(sql, what_comes_with_the_caller_is_bound_to_its_company)
{
	for (size_t i = 0; i < N_ELEMENTS(queries); i++) {
		struct querying *f = parse(queries[i]);
		struct sql_root all = { .company_id = COMPANY };
		struct statement both[] = { root_of_caller(f),
			sql_count_of(f->arena, &caller, &f->query, &all) };

		for (size_t k = 0; k < N_ELEMENTS(both); k++) {
			struct statement s = both[k];

			cr_expect_eq(count_marks(s.text), s.n_params,
			    "%s: %.*s", queries[i], STR_FMT(s.text));
			cr_expect(
			    contains(s.text, "t.`company_id` = k.company_id"),
			    "%s", queries[i]);
			cr_expect_not(has_int_param(&s, COMPANY));
			cr_expect(str_starts_with(
			    s.text, STR("SELECT k.id, k.company_id, ")));
			cr_expect(str_equal_text(
			    s.params[s.n_params - 1].text, "the hash"));
		}
		querying_done(f);
	}
}

/* From the first column of the table on, up to its FROM. */
static struct str
select_list(struct str text)
{
	struct str list = text;

	while (!str_starts_with(list, STR("t.`id`")))
		list = str_from(list, 1);
	for (size_t len = 0; len < list.len; len++)
		if (str_starts_with(
			str_from(list, len), STR(" FROM api_keys")) ||
		    str_starts_with(
			str_from(list, len), STR(" FROM `connectors`"))) {
			list.len = len;
			break;
		}
	return list;
}

/* Whether with says the caller's company where without has a `?`. */
static bool
is_same_for_caller(struct str with, struct str without)
{
	struct str company = STR("k.company_id");

	for (; without.len > 0; without = str_from(without, 1)) {
		size_t len = 1;

		if (without.ptr[0] == '?' && str_starts_with(with, company))
			len = company.len;
		else if (with.len == 0 || with.ptr[0] != without.ptr[0])
			return false;
		with = str_from(with, len);
	}
	return with.len == 0;
}

Test(sql, a_root_with_the_caller_has_the_columns_of_one_without)
{
	struct querying *f = parse("include=variables_count,variablesExists");
	struct statement with = root_of_caller(f), without = roots(f, 0);

	cr_expect(has_int_param(&with, 1009));
	cr_expect(is_same_for_caller(
		      select_list(with.text), select_list(without.text)),
	    "%.*s", STR_FMT(with.text));
	querying_done(f);
}

Test(sql, values_of_clients_are_parameters_only)
{
	struct querying *f = parse("filter[system]=evil`'\";--&"
				   "filter[canonical_key]=bad%5C'%00x&"
				   "filter[forSession]=worse");
	struct statement s = roots(f, 0);

	cr_expect_not(contains(s.text, "evil"));
	cr_expect_not(contains(s.text, "bad"));
	cr_expect_not(contains(s.text, "worse"));
	cr_expect(has_text_param(&s, "evil`'\";--"));
	cr_expect(has_text_param(&s, "worse"));
	querying_done(f);
}

Test(sql, hidden_columns_are_not_selected)
{
	struct querying *f = parse("");
	struct statement s = roots(f, 0);
	struct str list = { s.text.ptr, 0 };

	while (list.len < s.text.len &&
	       !str_starts_with(
		   str_from(s.text, list.len), STR(" FROM `connectors`")))
		list.len++;
	cr_expect(contains(list, "t.`name`"));
	cr_expect(contains(list, "t.`version`"));
	cr_expect_not(contains(list, "company_id"));
	cr_expect_not(contains(s.text, "sealed"));
	querying_done(f);
}

Test(sql, counts_by_digits_and_text_apart)
{
	struct querying *f = parse("filter[system]=24,Zalando");
	struct statement s = roots(f, 0);

	cr_expect(has_int_param(&s, 24));
	cr_expect(has_text_param(&s, "Zalando"));
	cr_expect_not(has_text_param(&s, "24"));
	querying_done(f);
	/* A key of digits is still a text. */
	f = parse("filter[canonical_key]=24&filter[forSession]=25");
	s = roots(f, 0);
	cr_expect(has_text_param(&s, "24"));
	cr_expect(has_text_param(&s, "25"));
	querying_done(f);
}

Test(sql, lists_of_values_are_padded_to_few_texts)
{
	struct querying *a = parse("filter[canonical_key]=a,b,c");
	struct querying *b = parse("filter[canonical_key]=a,b,c,d");
	struct querying *c = parse("filter[canonical_key]=a,b,c,d,e");

	cr_expect(str_equal(roots(a, 0).text, roots(b, 0).text));
	cr_expect_not(str_equal(roots(b, 0).text, roots(c, 0).text));
	querying_done(a);
	querying_done(b);
	querying_done(c);
}

static const struct {
	const char *text, *order;
} order_cases[] = {
	{ "", " ORDER BY t.`id` LIMIT ? OFFSET ?" },
	{ "sort=name", " ORDER BY t.`name`, t.`id` LIMIT ? OFFSET ?" },
	{ "sort=-name", " ORDER BY t.`name` DESC, t.`id` LIMIT ? OFFSET ?" },
};

Test(sql, every_order_ends_in_the_id)
{
	for (size_t i = 0; i < N_ELEMENTS(order_cases); i++) {
		struct querying *f = parse(order_cases[i].text);
		struct statement s = roots(f, 30);

		cr_expect(str_ends_with(s.text, str_of(order_cases[i].order)),
		    "%.*s", STR_FMT(s.text));
		cr_assert_geq(s.n_params, 2);
		cr_expect_eq(s.params[s.n_params - 2].integer, 15);
		cr_expect_eq(s.params[s.n_params - 1].integer, 30);
		querying_done(f);
	}
}

Test(sql, show_names_the_row)
{
	struct querying *f = parse("");
	struct sql_root root = {
		.company_id = COMPANY, .by_id = true, .id = 1009
	};
	struct statement s = sql_roots(f->arena, &f->query, &root, 1, 0);

	cr_expect(contains(s.text, "t.`id` = ?"));
	cr_expect(has_int_param(&s, 1009));
	root = (struct sql_root){
		.company_id = COMPANY, .by_key = true, .key = STR("key")
	};
	s = sql_roots(f->arena, &f->query, &root, 1, 0);
	cr_expect(contains(s.text, "t.`canonical_key` = ?"));
	cr_expect(has_text_param(&s, "key"));
	querying_done(f);
}

/* All relations of all resources, for as many keys as there may be. */
Test(sql, related_rows_come_by_key_then_id)
{
	static int64_t keys[300];
	struct arena *arena = arena_new(65536);

	for (size_t i = 0; i < N_ELEMENTS(keys); i++)
		keys[i] = (int64_t)i + 1;
	for (size_t i = 0; i < n_resources; i++)
		for (size_t k = 0; k < resources[i]->n_relations; k++) {
			const struct relation *r = &resources[i]->relations[k];
			struct statement s = sql_related(
			    arena, r, COMPANY, keys, N_ELEMENTS(keys));

			cr_expect_eq(count_marks(s.text), s.n_params, "%s.%s",
			    resources[i]->name, r->name);
			cr_expect_geq(s.n_params, 512, "%s.%s",
			    resources[i]->name, r->name);
			cr_expect(contains(s.text, " ORDER BY "), "%s.%s",
			    resources[i]->name, r->name);
		}
	arena_free(arena);
}

Test(sql, a_root_comes_with_any_of_its_relations)
{
	struct querying *f = parse("include=variables_count,certificateExists");
	struct sql_root root = {
		.company_id = COMPANY, .by_id = true, .id = 1009
	};
	size_t own = sql_position(&resource_connectors, "updated_at") + 1;

	cr_expect_eq(sql_root_width(&f->query), own + 2);
	for (size_t k = 0; k < resource_connectors.n_relations; k++) {
		const struct relation *r = &resource_connectors.relations[k];
		struct statement s =
		    sql_root_with(f->arena, &f->query, &root, r);

		cr_expect_eq(count_marks(s.text), s.n_params, "%s", r->name);
		cr_expect(has_int_param(&s, COMPANY), "%s", r->name);
		cr_expect(has_int_param(&s, 1009), "%s", r->name);
		cr_expect(contains(s.text, " ORDER BY r.`id`"), "%s", r->name);
	}
	querying_done(f);
}

Test(sql, positions_count_the_selected_columns)
{
	cr_expect_eq(sql_position(&resource_connectors, "id"), 0);
	cr_expect_eq(sql_position(&resource_connectors, "name"), 1);
	cr_expect_eq(sql_position(&resource_connectors, "type"), 2);
}

/* In a group the rows that a changed row refers to count as changed too. */
Test(sql, an_update_keeps_references_out_of_a_groups_conflicts)
{
	static const struct {
		const char *column;
		bool keeps;
	} cases[] = {
		{ "name", true }, { "rate_limit_duration", true },
		{ "connection_pool_id", false }, { "certificate_id", false },
		{ "session_id", false }, /* not a number */
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct arena *arena = arena_new(65536);
		struct assignments values = { .n = 0 };
		struct statement s;

		assign(&values, &resource_connectors, "timezone",
		    value_text(STR("UTC")));
		assign(&values, &resource_connectors, cases[i].column,
		    value_null());
		s = sql_update(
		    arena, &resource_connectors, &values, "id", 1, true);
		cr_assert_eq(contains(s.text, "foreign_key_checks = OFF"),
		    cases[i].keeps, "%s", cases[i].column);
		arena_free(arena);
	}
}
