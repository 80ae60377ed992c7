/*
 * src/engine/sql.c
 */
#include <config.h>

#include "engine/sql.h"
#include "engine/sql_write.h"

#include <criterion/criterion.h>

#include "querying.h"
#include "schema/tables.h"

#define COMPANY    42
#define CONNECTORS (&resource_connectors)
#define SYSTEMS    (&resource_systems)
#define TESTS      (&resource_connector_tests)

static struct querying *
parse(const char *text)
{
	struct querying *f = querying(text);

	cr_assert_eq(f->error, OK, "%s", text);
	return f;
}

static struct statement
roots(struct querying *f, int64_t offset)
{
	struct sql_root root = { .company_id = COMPANY };

	return sql_roots(f->arena, &f->query, &root,
	    (struct sql_page){ .limit = 15, .offset = offset });
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

/* Whose rows a list reads is a matter of the resource's row in the schema. */
static const struct {
	const struct resource *resource;
	const char *condition;
	size_t n_companies; /* parameters that are the company */
} scope_cases[] = {
	{ &resource_connectors, " WHERE t.`company_id` = ?", 1 },
	{ &resource_connection_pools, " WHERE t.`company_id` = ?", 1 },
	{ &resource_systems,
	    " WHERE (t.`company_id` IS NULL OR t.`company_id` = ?)", 1 },
	{ &resource_system_types, " WHERE TRUE", 0 },
	{ &resource_endpoints,
	    " WHERE EXISTS (SELECT 1 FROM `systems` p WHERE "
	    "p.`id` = t.`system_id` AND (p.`company_id` IS NULL OR "
	    "p.`company_id` = ?))",
	    1 },
};

Test(sql, roots_of_any_resource_are_in_its_scope)
{
	for (size_t i = 0; i < N_ELEMENTS(scope_cases); i++) {
		struct querying *f =
		    querying_about(scope_cases[i].resource, "");
		struct sql_root root = { .company_id = COMPANY };
		struct statement both[] = { roots(f, 0),
			sql_count(f->arena, &f->query, &root) };

		for (size_t k = 0; k < N_ELEMENTS(both); k++) {
			const char *condition = scope_cases[i].condition;

			if (k == 1 && scope_cases[i].resource->counted)
				condition = "v.`company_id` = ?";
			cr_expect(contains(both[k].text, condition), "%.*s",
			    STR_FMT(both[k].text));
			cr_expect_eq(has_int_param(&both[k], COMPANY),
			    scope_cases[i].n_companies > 0, "%.*s",
			    STR_FMT(both[k].text));
		}
		querying_done(f);
	}
}

static const struct {
	const struct resource *about;
	const char *text, *condition;
} narrowed[] = {
	{ CONNECTORS, "search=50%25_!",
	    " AND (t.`name` LIKE ? ESCAPE '!') ORDER BY " },
	{ SYSTEMS, "search=x",
	    " AND (t.`name` LIKE ? ESCAPE '!' OR "
	    "t.`label` LIKE ? ESCAPE '!') ORDER BY " },
	{ CONNECTORS, "search=", " WHERE t.`company_id` = ? ORDER BY " },
	{ TESTS, "filter[ok]=true", " AND (FALSE OR t.`ok` IN (?)) ORDER" },
	{ TESTS, "filter[ok]=true,false", "t.`ok` IN (?,?)" },
	{ TESTS, "filter[ok]=yes", " AND (FALSE OR FALSE) ORDER" },
	{ TESTS, "filter[latest]=true",
	    " FROM (SELECT (SELECT n.`id` FROM `connector_tests` n FORCE "
	    "INDEX (`connector_tests_newest`) WHERE "
	    "n.`company_id` = ? AND n.`connector_id` = o.`id` ORDER BY "
	    "n.`connector_id` DESC, n.`id` DESC LIMIT 1) AS id FROM "
	    "`connectors` o WHERE o.`company_id` = ?) "
	    "newest STRAIGHT_JOIN `connector_tests` t ON t.`id` = newest.id" },
	{ TESTS, "filter[latest]=1,x",
	    " AND t.`id` = (SELECT n.`id` FROM `connector_tests` n FORCE "
	    "INDEX (`connector_tests_newest`) WHERE "
	    "n.`company_id` = ? AND n.`connector_id` = t.`connector_id` "
	    "ORDER BY n.`connector_id` DESC, n.`id` DESC LIMIT 1) ORDER" },
	{ TESTS, "filter[latest]=false",
	    " t WHERE t.`company_id` = ? AND t.`id` < (SELECT n.`id` FROM" },
	{ TESTS, "filter[latest]=false,true", " AND TRUE ORDER" },
	{ TESTS, "filter[latest]=x", " AND FALSE ORDER" },
};

Test(sql, narrows_to_what_is_searched_and_filtered)
{
	for (size_t i = 0; i < N_ELEMENTS(narrowed); i++) {
		struct querying *f =
		    querying_about(narrowed[i].about, narrowed[i].text);
		struct statement s = roots(f, 0);

		cr_assert_eq(f->error, OK);
		cr_expect(contains(s.text, narrowed[i].condition), "%s: %.*s",
		    narrowed[i].text, STR_FMT(s.text));
		cr_expect_eq(count_marks(s.text), s.n_params);
		querying_done(f);
	}
}

Test(sql, a_search_takes_wildcards_as_characters)
{
	struct querying *f = parse("search=50%25_!%5C");
	struct statement s = roots(f, 0);

	cr_expect(has_text_param(&s, "%50!%!_!!\\%"));
	querying_done(f);
}

Test(sql, the_newest_come_first_where_the_resource_says_so)
{
	struct querying *f = querying_about(&resource_connector_tests, "");

	cr_expect(contains(roots(f, 0).text, " ORDER BY t.`id` DESC LIMIT"));
	querying_done(f);
	f = querying_about(&resource_connection_pools, "");
	cr_expect(contains(roots(f, 0).text, " ORDER BY t.`id` LIMIT"));
	querying_done(f);
}

static const struct {
	const struct resource *resource;
	bool by_key;
	const char *key;
	bool can;
} exist_cases[] = {
	{ &resource_connectors, false, "7", true },
	{ &resource_connectors, true, "a-key", true },
	{ &resource_connectors, true, "", true },
	{ &resource_connectors, true, "\xff", false },
	{ &resource_systems, false, "7", true },
	{ &resource_systems, true, "a-key", false },
};

Test(sql, knows_what_no_row_can_be_named)
{
	for (size_t i = 0; i < N_ELEMENTS(exist_cases); i++) {
		struct sql_root root = { .by_id = !exist_cases[i].by_key,
			.by_key = exist_cases[i].by_key,
			.key = str_of(exist_cases[i].key) };

		cr_expect_eq(sql_root_can_exist(exist_cases[i].resource, &root),
		    exist_cases[i].can, "%s %s", exist_cases[i].resource->name,
		    exist_cases[i].key);
	}
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
	const struct resource *about;
	const char *text, *order; /* behind ORDER BY */
} order_cases[] = {
	{ CONNECTORS, "", "t.`id`" },
	{ CONNECTORS, "sort=name", "t.`name`, t.`id`" },
	{ CONNECTORS, "sort=-name", "t.`name` DESC, t.`id`" },
	{ TESTS, "", "t.`id` DESC" },
	{ TESTS, "sort=id", "t.`id`" },
	{ TESTS, "sort=-id", "t.`id` DESC" },
	{ TESTS, "sort=-id,created_at", "t.`id` DESC" },
	{ TESTS, "sort=created_at", "t.`created_at`, t.`id`" },
	{ TESTS, "sort=-created_at", "t.`created_at` DESC, t.`id` DESC" },
	{ TESTS, "sort=-created_at,id", "t.`created_at` DESC, t.`id`" },
};

Test(sql, every_order_ends_in_the_id)
{
	for (size_t i = 0; i < N_ELEMENTS(order_cases); i++) {
		struct querying *f =
		    querying_about(order_cases[i].about, order_cases[i].text);
		struct statement s = roots(f, 30);
		struct str order = arena_printf(f->arena,
		    " ORDER BY %s LIMIT ? OFFSET ?", order_cases[i].order);

		cr_expect(
		    str_ends_with(s.text, order), "%.*s", STR_FMT(s.text));
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
	struct statement s = sql_roots(
	    f->arena, &f->query, &root, (struct sql_page){ .limit = 1 });

	cr_expect(contains(s.text, "t.`id` = ?"));
	cr_expect(has_int_param(&s, 1009));
	root = (struct sql_root){
		.company_id = COMPANY, .by_key = true, .key = STR("key")
	};
	s = sql_roots(
	    f->arena, &f->query, &root, (struct sql_page){ .limit = 1 });
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
		    arena, &resource_connectors, &values, "id", 1, COUNTED);
		cr_assert_eq(contains(s.text, "foreign_key_checks = OFF"),
		    cases[i].keeps, "%s", cases[i].column);
		arena_free(arena);
	}
}

Test(sql, counts_a_change_as_it_is_told_to)
{
	static const struct {
		enum counted counted;
		bool version, own;
	} cases[] = {
		{ COUNTED_NOT, false, false },
		{ COUNTED, true, false },
		{ COUNTED_OWN, true, true },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct arena *arena = arena_new(65536);
		const struct assignments none = { .n = 0 };
		struct str text = sql_update(arena, &resource_connectors, &none,
		    "id", 1, cases[i].counted)
				      .text;

		cr_expect_eq(contains(text, "`version` = `version` + 1"),
		    cases[i].version);
		cr_expect_eq(
		    contains(text, "`own_changes` = `own_changes` + 1"),
		    cases[i].own);
		arena_free(arena);
	}
}

/* Cells as a list of the resource has them; nothing can be joined. */
Test(sql, returns_what_it_inserts)
{
	struct arena *arena = arena_new(65536);
	struct assignments row = { .n = 0 };
	const struct relation_link *link =
	    schema_relation(&resource_connectors, STR("variables"))->link;
	struct str text;

	assign(&row, &resource_variables, "key", value_text(STR("k")));
	text = sql_insert_returning(arena, &resource_variables, &row, 1).text;
	cr_expect(contains(text,
		      "UTC_TIMESTAMP(6)) RETURNING variables.`id`, "
		      "variables.`key`, variables.`label`, "
		      "IF(variables.`secret`, IF(variables.`value_sealed` IS "
		      "NULL, NULL, '********'), variables.`value`), "),
	    "%.*s", STR_FMT(text));
	text = sql_insert_returning(arena, &resource_connectors, &row, 1).text;
	cr_expect(contains(text,
		      ", (SELECT x.`key` FROM `platform_apps` x WHERE x.`id` "
		      "= connectors.`platform_app_id`), "),
	    "%.*s", STR_FMT(text));
	text = sql_link_returning(arena, link, &row, 1).text;
	cr_expect(
	    str_ends_with(text,
		STR(" RETURNING model_variables.`model_id`, "
		    "model_variables.`model_type`, model_variables.`model_id`, "
		    "model_variables.`variable_id`, model_variables.`alias`, "
		    "model_variables.`configurable`, "
		    "model_variables.`required`, model_variables.`advanced`")),
	    "%.*s", STR_FMT(text));
	arena_free(arena);
}
