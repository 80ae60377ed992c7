/*
 * src/engine/sql_key.c
 */
#include <config.h>

#include "engine/sql_key.h"

#include <criterion/criterion.h>

#include "querying.h"
#include "schema/tables.h"

#define COMPANY 42 /* must not be looked at */
#define HASH    STR("the hash")
#define READ    VERSION_OF_NODE_1

static const struct sql_root all = { .company_id = COMPANY };
static const struct sql_root by_id = {
	.company_id = COMPANY, .by_id = true, .id = 1009
};

static const char *const queries[] = {
	"",
	"sort=-name&page=9&per_page=50",
	"include=variables_count,variablesExists,certificate_count",
	"filter[canonical_key]=a,b,c",
	"filter[system]=1,2,x,y,z&filter[forSession]=s",
	"filter[forSystemTemplate]=8,Back&filter[platformSession]=p",
};

static const struct resource *const about[] = {
	&resource_connectors,
	&resource_connection_pools,
	&resource_systems,
	&resource_authentication_implementations,
	&resource_system_types,
};

static void
expect_statement(const struct statement *s, const char *company)
{
	cr_expect_eq(
	    count_marks(s->text), s->n_params, "%.*s", STR_FMT(s->text));
	cr_expect(str_starts_with(s->text, STR("SELECT k.id, k.company_id, ")),
	    "%.*s", STR_FMT(s->text));
	cr_expect_not(has_int_param(s, COMPANY), "%.*s", STR_FMT(s->text));
	cr_expect(str_equal(s->params[s->n_params - 1].text, HASH));
	if (company != NULL)
		cr_expect(contains(s->text, company), "%.*s", STR_FMT(s->text));
}

Test(sql_key, first_reads_are_bound_to_the_company_of_the_key)
{
	for (size_t i = 0; i < N_ELEMENTS(queries); i++) {
		struct querying *f = querying(queries[i]);
		struct statement s;

		cr_assert_eq(f->error, OK, "%s", queries[i]);
		s = sql_key(
		    f->arena, HASH, VERSION_SUM, FIRST_COUNT, &f->query, &all);
		expect_statement(&s, ".`company_id` = k.company_id");
		s = sql_key(
		    f->arena, HASH, READ, FIRST_ROOT, &f->query, &by_id);
		expect_statement(&s, "t.`company_id` = k.company_id");
		cr_expect(has_int_param(&s, 1009));
		querying_done(f);
	}
}

Test(sql_key, any_resource_can_come_along)
{
	for (size_t i = 0; i < N_ELEMENTS(about); i++) {
		struct querying *f = querying_about(about[i], "");
		const char *company = about[i]->scope == SCOPE_GLOBAL
					  ? NULL
					  : ".`company_id` = k.company_id";
		struct statement s;

		s = sql_key(
		    f->arena, HASH, VERSION_SUM, FIRST_COUNT, &f->query, &all);
		expect_statement(&s, company);
		s = sql_key(
		    f->arena, HASH, READ, FIRST_ROOT, &f->query, &by_id);
		expect_statement(&s, company);
		querying_done(f);
	}
}

/* With filters, a search or a parent rows are counted, and so are those of
 * resources whose number is nowhere. */
Test(sql_key, number_that_is_stored_is_read)
{
	static const struct {
		const struct resource *resource;
		const char *query;
		bool stored;
	} cases[] = {
		{ &resource_connectors, "", true },
		{ &resource_connectors, "sort=-name&page=9&include=variables",
		    true },
		{ &resource_connectors, "filter[system]=1", false },
		{ &resource_connectors, "search=x", false },
		{ &resource_connection_pools, "", false },
		{ &resource_systems, "", false },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct querying *f =
		    querying_about(cases[i].resource, cases[i].query);
		struct statement s = sql_count(f->arena, &f->query, &all);

		cr_expect_eq(contains(s.text, "SUM(v.`connectors`)"),
		    cases[i].stored, "%s", cases[i].query);
		cr_expect_neq(contains(s.text, "COUNT(*)"), cases[i].stored,
		    "%s", cases[i].query);
		querying_done(f);
	}
}

static const enum version_read reads[] = { VERSION_OF_NODE_1, VERSION_SUM };

Test(sql_key, alone_it_asks_for_the_key_only)
{
	struct arena *arena = arena_new(1024);

	for (size_t i = 0; i < N_ELEMENTS(reads); i++) {
		struct statement s =
		    sql_key(arena, HASH, reads[i], FIRST_NONE, NULL, NULL);

		expect_statement(&s, NULL);
		cr_expect_eq(s.n_params, 1);
	}
	arena_free(arena);
}

/* What is added up has a SELECT of its own, which costs more than a join. */
Test(sql_key, adds_up_only_where_several_nodes_write)
{
	struct querying *f = querying("");

	for (size_t i = 0; i < N_ELEMENTS(reads); i++) {
		struct statement s = sql_key(
		    f->arena, HASH, reads[i], FIRST_COUNT, &f->query, &all);
		bool adds = reads[i] == VERSION_SUM;

		expect_statement(&s, NULL);
		cr_expect_eq(contains(s.text, "SUM(v.version)"), adds);
		cr_expect_eq(contains(s.text, "SUM(v.`connectors`)"), adds);
		cr_expect_neq(contains(s.text, "own.`connectors`"), adds);
		cr_expect_neq(contains(s.text, "one_node"), adds);
	}
	querying_done(f);
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

/* Whether with says the key's company where without has a `?`. */
static bool
is_same_for_key(struct str with, struct str without)
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

Test(sql_key, a_root_has_the_columns_of_one_that_is_read_alone)
{
	struct querying *f =
	    querying("include=variables_count,variablesExists");
	struct statement with =
	    sql_key(f->arena, HASH, READ, FIRST_ROOT, &f->query, &by_id);
	struct statement without = sql_roots(
	    f->arena, &f->query, &all, (struct sql_page){ .limit = 15 });

	cr_expect(
	    is_same_for_key(select_list(with.text), select_list(without.text)),
	    "%.*s", STR_FMT(with.text));
	querying_done(f);
}

/* Commas that are in no brackets: they stand between cells. */
static size_t
count_cells(struct str list)
{
	size_t n = 1, depth = 0;

	for (size_t i = 0; i < list.len; i++) {
		depth += list.ptr[i] == '(';
		depth -= list.ptr[i] == ')';
		n += depth == 0 && list.ptr[i] == ',';
	}
	return n;
}

Test(sql_key, selects_one_value_a_cell)
{
	struct arena *arena = arena_new(1024);
	struct str from = STR(" FROM api_keys");

	for (size_t i = 0; i < N_ELEMENTS(reads); i++) {
		struct str list =
		    sql_key(arena, HASH, reads[i], FIRST_NONE, NULL, NULL).text;
		size_t len = 0;

		while (!str_starts_with(str_from(list, len), from))
			len++;
		list.len = len;
		cr_expect_eq(count_cells(list), KEY_CELL__MAX);
	}
	arena_free(arena);
}

static const struct {
	enum first_read wanted;
	const char *query;
	const struct sql_root root;
	enum first_read chosen;
} choices[] = {
	{ FIRST_NONE, "", { 0 }, FIRST_NONE },
	{ FIRST_COUNT, "", { 0 }, FIRST_COUNT },
	{ FIRST_COUNT, "sort=name&page=7", { 0 }, FIRST_COUNT },
	{ FIRST_COUNT, "filter[system]=1", { 0 }, FIRST_NONE },
	{ FIRST_COUNT, "search=x", { 0 }, FIRST_NONE },
	{ FIRST_COUNT, "search=%20", { 0 }, FIRST_COUNT },
	{ FIRST_ROOT, "search=x", { .by_id = true, .id = 7 }, FIRST_ROOT },
	/* An empty value is no filter. */
	{ FIRST_COUNT, "filter[system]=", { 0 }, FIRST_COUNT },
	{ FIRST_ROOT, "", { .by_id = true, .id = 7 }, FIRST_ROOT },
	{ FIRST_ROOT, "filter[system]=1", { .by_id = true, .id = 7 },
	    FIRST_ROOT },
	{ FIRST_ROOT, "", { .by_key = true, .key = STR_CONST("key") },
	    FIRST_ROOT },
	{ FIRST_ROOT, "", { .by_key = true, .key = STR_CONST("\xff") },
	    FIRST_NONE },
};

Test(sql_key, chooses_what_is_worth_reading_with_the_key)
{
	for (size_t i = 0; i < N_ELEMENTS(choices); i++) {
		struct querying *f = querying(choices[i].query);

		cr_expect_eq(sql_first_read(choices[i].wanted, &f->query,
				 &choices[i].root),
		    choices[i].chosen, "%zu", i);
		querying_done(f);
	}
}

Test(sql_key, a_stored_number_is_at_hand_where_versions_are_in_one_row)
{
	const struct resource *connectors = &resource_connectors;
	const struct resource *systems = &resource_systems;

	cr_expect_eq(
	    sql_first_read_at_hand(FIRST_COUNT, VERSION_OF_NODE_1, connectors),
	    FIRST_STORED);
	cr_expect_eq(
	    sql_first_read_at_hand(FIRST_COUNT, VERSION_SUM, connectors),
	    FIRST_NONE);
	cr_expect_eq(
	    sql_first_read_at_hand(FIRST_COUNT, VERSION_OF_NODE_1, systems),
	    FIRST_NONE);
	cr_expect_eq(
	    sql_first_read_at_hand(FIRST_ROOT, VERSION_OF_NODE_1, connectors),
	    FIRST_NONE);
}

/* It is that of all rows, whatever the request asks for. */
Test(sql_key, a_stored_number_does_not_look_at_the_query)
{
	struct querying *plain = querying("");
	struct querying *narrow = querying("search=x&include=variables_count");
	struct str text = sql_key(plain->arena, HASH, VERSION_OF_NODE_1,
	    FIRST_COUNT, &plain->query, &all)
			      .text;

	cr_expect(str_equal(sql_key(narrow->arena, HASH, VERSION_OF_NODE_1,
				FIRST_STORED, &narrow->query, &all)
				.text,
	    text));
	querying_done(plain);
	querying_done(narrow);
}

/* Of what is asked for together: the company, the index, and which row is
 * whose. */
static const struct sql_asked asked[] = {
	{ STR_CONST("a"), FIRST_ROOT, 1009 },
	{ STR_CONST("b"), FIRST_COUNT, 0 },
	{ STR_CONST("c"), FIRST_NONE, 0 },
};

Test(sql_key, several_keys_are_asked_for_by_name_and_company)
{
	struct querying *f = querying("");

	for (size_t i = 0; i < N_ELEMENTS(reads); i++)
		for (size_t n = 1; n <= N_ELEMENTS(asked); n++) {
			struct statement s = sql_keys(
			    f->arena, reads[i], f->query.resource, asked, n);

			cr_expect_eq(count_marks(s.text), s.n_params);
			cr_expect_eq(s.n_params, 2 * (n < 3 ? n : 4));
			cr_expect(has_int_param(&s, 1009));
			cr_expect(
			    contains(s.text, "t.`company_id` = k.company_id"));
			cr_expect(contains(s.text, "t.`id` = q.id"));
			cr_expect(contains(s.text, "k.key_hash = q.hash"));
		}
	querying_done(f);
}

Test(sql_key, several_keys_alone_ask_for_nothing_else)
{
	struct arena *arena = arena_new(4096);
	struct statement s = sql_keys(arena, READ, NULL, &asked[2], 1);

	cr_expect_not(contains(s.text, "connectors"), "%.*s", STR_FMT(s.text));
	arena_free(arena);
}

Test(sql_key, each_gets_its_own_first_read)
{
	struct querying *f = querying("");
	struct value cells[3 * 60] = { { 0 } };
	const struct rows rows = { .count = 3, .width = 60, .cells = cells };
	const size_t behind = KEYS_CELL_KEY + KEY_CELL__MAX;

	for (size_t row = 0; row < 3; row++) {
		struct rows first;

		/* In another order than they were asked for. */
		cells[row * 60] = value_int(2 - (int64_t)row);
		first = sql_keys_first(&rows, row, f->query.resource, asked, 3);
		if (row == 0)
			cr_expect_eq(first.count, 0);
		if (row == 1)
			cr_expect_eq(first.cells, &cells[60 + behind]);
		if (row == 2)
			cr_expect_eq(first.cells, &cells[120 + behind + 1]);
	}
	querying_done(f);
}

Test(sql_key, a_first_read_is_shared_where_one_column_names_it)
{
	static const struct sql_root by_key = { .by_key = true };
	static const struct {
		const char *query;
		enum first_read first;
		const struct sql_root *root;
		bool shared;
	} cases[] = {
		{ "", FIRST_NONE, &by_key, true },
		{ "", FIRST_ROOT, &by_id, true },
		{ "include=variables&fields=id", FIRST_ROOT, &by_id, true },
		{ "", FIRST_ROOT, &by_key, false },
		{ "filter[system]=1", FIRST_ROOT, &by_id, false },
		{ "include=variables_count", FIRST_ROOT, &by_id, false },
		{ "", FIRST_COUNT, &all, true },
		{ "filter[system]=1", FIRST_COUNT, &all, false },
		{ "search=x", FIRST_COUNT, &all, false },
		{ "search=x", FIRST_STORED, &all, true },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct querying *f = querying(cases[i].query);

		cr_expect_eq(
		    sql_can_share(cases[i].first, &f->query, cases[i].root),
		    cases[i].shared, "%s", cases[i].query);
		querying_done(f);
	}
}
