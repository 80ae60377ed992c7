/*
 * src/api/execute.c on recorded rows: which statements a query costs, and the
 * tree that comes of their rows.
 *
 * A program of its own, since db_run() here stands for that of src/db/db.c.
 */
#include <config.h>

#include "api/execute.h"

#include <criterion/criterion.h>

#include "querying.h"
#include "schema/tables.h"

#define COMPANY       42
#define STATEMENTS    8
#define MOST_CELLS    64
#define WIDTH         sql_root_width(&q->query)
#define FIRST_ROW_KEY 1000 /* of the connector in row 0 */

/* What the database answers, in order, and what it was asked. */
static struct {
	struct rows answers[STATEMENTS];
	struct statement asked[STATEMENTS];
	size_t n;
	size_t fails_at; /* ERROR_UNAVAILABLE; 0: never */
} tape;

/* struct db is opaque, and nothing here looks into one. */
static struct db *const no_db = NULL;

enum error
db_run(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	(void)db, (void)arena, (void)reterr;
	cr_assert_lt(tape.n, STATEMENTS);
	tape.asked[tape.n] = *statement;
	*ret = tape.answers[tape.n++];
	return tape.n == tape.fails_at ? ERROR_UNAVAILABLE : OK;
}

static struct rows
numbers(struct arena *arena, size_t count, size_t width)
{
	struct rows rows = { .count = count,
		.width = width,
		.cells = ARENA_NEW(arena, struct value, count * width) };

	for (size_t i = 0; i < count * width; i++)
		rows.cells[i] = value_int(FIRST_ROW_KEY + (int64_t)i);
	return rows;
}

/* Connectors whose implementations are these; 0: null. */
static struct rows
connectors(const struct querying *q, const int64_t *implementations, size_t n)
{
	struct rows rows = numbers(q->arena, n, WIDTH);
	size_t at = sql_position(
	    &resource_connectors, "authentication_implementation_id");

	for (size_t i = 0; i < n; i++)
		rows.cells[i * rows.width + at] =
		    implementations[i] == 0 ? value_null()
					    : value_int(implementations[i]);
	return rows;
}

static struct rows
one_number(struct arena *arena, int64_t number)
{
	struct rows rows = numbers(arena, 1, 1);

	rows.cells[0] = value_int(number);
	return rows;
}

static const struct sql_root all = { .company_id = COMPANY };
static const struct sql_root by_id = {
	.company_id = COMPANY, .by_id = true, .id = 7
};

static const struct {
	const char *query;
	int64_t total;
	bool known; /* the count came with the key */
	size_t statements;
	size_t rows;
} lists[] = {
	{ "", 3, false, 2, 3 },
	{ "", 3, true, 1, 3 },
	{ "", 0, false, 1, 0 },
	{ "", 0, true, 0, 0 },
	{ "page=2&per_page=3", 3, false, 1, 0 },
	{ "page=2&per_page=2", 3, false, 2, 3 },
	{ "include=variables", 3, false, 3, 3 },
	{ "include=variables_count,variablesExists", 3, true, 1, 3 },
	{ "include=variables,certificate", 3, true, 3, 3 },
	{ "include=authenticationImplementation.system.logo", 3, true, 4, 3 },
};

Test(execute, a_page_costs_a_statement_each_include)
{
	static const int64_t implementations[] = { 5, 5, 6 };

	for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
		struct querying *q = querying(lists[i].query);
		struct rows count = one_number(q->arena, lists[i].total);
		struct result result;
		size_t at = 0;
		int64_t total;

		tape.n = 0;
		if (!lists[i].known)
			tape.answers[at++] = count;
		tape.answers[at++] = connectors(q, implementations, 3);
		while (at < STATEMENTS)
			tape.answers[at++] = numbers(q->arena, 2, MOST_CELLS);
		cr_assert_eq(execute_list(q->arena, no_db, &q->query, &all,
				 lists[i].known ? &count : NULL, &total,
				 &result, &q->problem),
		    OK);
		cr_expect_eq(total, lists[i].total);
		cr_expect_eq(tape.n, lists[i].statements, "%s: %zu",
		    lists[i].query, tape.n);
		cr_expect_eq(
		    result.rows.count, lists[i].rows, "%s", lists[i].query);
		querying_done(q);
	}
}

static const struct {
	int64_t parents[4]; /* 0: null */
	int64_t keys[4];
	size_t n_keys;
} key_cases[] = {
	{ { 5, 6, 7, 8 }, { 5, 6, 7, 8 }, 4 },
	{ { 8, 5, 8, 5 }, { 5, 8 }, 2 },
	{ { 9, 9, 9, 9 }, { 9 }, 1 },
	{ { 0, 3, 0, 2 }, { 2, 3 }, 2 },
	{ { 0, 0, 0, 0 }, { 0 }, 0 },
};

/* Each key once, ascending; none, no statement. */
Test(execute, related_rows_are_asked_for_once_each)
{
	for (size_t i = 0; i < N_ELEMENTS(key_cases); i++) {
		struct querying *q =
		    querying("include=authenticationImplementation");
		struct rows count = one_number(q->arena, 4);
		struct result result;
		int64_t total;

		tape.n = 0;
		tape.answers[0] = connectors(q, key_cases[i].parents, 4);
		tape.answers[1] = numbers(q->arena, 2, MOST_CELLS);
		cr_assert_eq(execute_list(q->arena, no_db, &q->query, &all,
				 &count, &total, &result, &q->problem),
		    OK);
		cr_assert_not_null(result.children);
		cr_assert_eq(
		    tape.n, key_cases[i].n_keys == 0 ? 1 : 2, "%zu", i);
		for (size_t k = 0; k < key_cases[i].n_keys; k++)
			cr_expect_eq(tape.asked[1].params[k].integer,
			    key_cases[i].keys[k], "%zu", i);
		querying_done(q);
	}
}

static const struct {
	const char *query;
	enum {
		NOT_READ,
		READ,
		READ_AND_NONE
	} first;
	size_t statements;
	size_t rows;
} shows[] = {
	{ "", NOT_READ, 1, 1 },
	{ "", READ, 0, 1 },
	{ "", READ_AND_NONE, 0, 0 },
	{ "include=variables", NOT_READ, 2, 1 },
	{ "include=variables", READ, 1, 1 },
	/* Nothing belongs to a row that is not there. */
	{ "include=variables,authenticationImplementation.system",
	    READ_AND_NONE, 0, 0 },
};

Test(execute, a_row_that_came_with_the_key_is_not_read_again)
{
	static const int64_t implementation = 5;

	for (size_t i = 0; i < N_ELEMENTS(shows); i++) {
		struct querying *q = querying(shows[i].query);
		struct rows row = connectors(q, &implementation, 1);
		struct result result;

		tape.n = 0;
		tape.answers[0] = tape.answers[1] =
		    numbers(q->arena, 1, MOST_CELLS);
		if (shows[i].first == NOT_READ)
			tape.answers[0] = row;
		if (shows[i].first == READ_AND_NONE)
			for (size_t k = 0; k < row.width; k++)
				row.cells[k] = value_null();
		cr_assert_eq(execute_show(q->arena, no_db, &q->query, &by_id,
				 shows[i].first == NOT_READ ? NULL : &row,
				 &result, &q->problem),
		    OK);
		cr_expect_eq(
		    tape.n, shows[i].statements, "%zu: %zu", i, tape.n);
		cr_expect_eq(result.rows.count, shows[i].rows, "%zu", i);
		querying_done(q);
	}
}

/* Two rows that each have the root and one of its variables. */
Test(execute, a_root_and_its_rows_come_apart_again)
{
	struct querying *q = querying("include=variables");
	const struct include *with = q->query.root.children;
	size_t root = WIDTH, more = 3;
	struct result result;

	tape.n = 0;
	tape.answers[0] = numbers(q->arena, 2, root + more);
	cr_assert_eq(execute_show_with(q->arena, no_db, &q->query, &by_id, with,
			 &result, &q->problem),
	    OK);
	cr_expect_eq(tape.n, 1);
	cr_expect_eq(result.rows.count, 1);
	cr_assert_not_null(result.children);
	cr_assert_eq(result.children->rows.count, 2);
	cr_assert_eq(result.children->rows.width, more);
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < more; k++)
			cr_expect_eq(
			    rows_cell(&result.children->rows, i, k)->integer,
			    FIRST_ROW_KEY +
				(int64_t)(i * (root + more) + root + k));
	querying_done(q);
}

/* It may be there without such rows. */
Test(execute, a_root_without_rows_is_asked_for_by_itself)
{
	struct querying *q = querying("include=variables");
	static const int64_t implementation = 5;
	struct result result;

	tape.n = 0;
	tape.answers[0] = numbers(q->arena, 0, 1);
	tape.answers[1] = connectors(q, &implementation, 1);
	tape.answers[2] = numbers(q->arena, 0, 1);
	cr_assert_eq(execute_show_with(q->arena, no_db, &q->query, &by_id,
			 q->query.root.children, &result, &q->problem),
	    OK);
	cr_expect_eq(tape.n, 3);
	cr_expect_eq(result.rows.count, 1);
	cr_expect_eq(result.children->rows.count, 0);
	querying_done(q);
}

Test(execute, an_error_of_any_statement_ends_it)
{
	static const int64_t implementation = 5;

	for (size_t fails_at = 1; fails_at <= 4; fails_at++) {
		struct querying *q =
		    querying("include=authenticationImplementation.system");
		struct result result;
		int64_t total;

		tape.n = 0;
		tape.fails_at = fails_at;
		tape.answers[0] = one_number(q->arena, 1);
		tape.answers[1] = connectors(q, &implementation, 1);
		tape.answers[2] = numbers(q->arena, 1, MOST_CELLS);
		tape.answers[3] = numbers(q->arena, 1, MOST_CELLS);
		cr_expect_eq(execute_list(q->arena, no_db, &q->query, &all,
				 NULL, &total, &result, &q->problem),
		    ERROR_UNAVAILABLE);
		cr_expect_eq(tape.n, fails_at);
		querying_done(q);
	}
}
