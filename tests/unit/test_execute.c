/*
 * src/api/execute.c on recorded rows.
 */
#include <config.h>

#include "api/execute.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/encode.h"
#include "querying.h"
#include "recorded.h"
#include "schema/tables.h"

#define ANSWERS_MAX 8

/* Answers are shown with their ids only, ' for ". */
#define IDS                                                               \
	"fields[connectors]=id&fields[certificates]=id&fields[users]=id&" \
	"fields[variables]=id&include="

struct execute_case {
	const char *include;
	struct recorded answers[ANSWERS_MAX]; /* as many as have `asked` */
	const char *json;                     /* of the roots */
};

static size_t
count(const struct recorded *answers)
{
	size_t n = 0;

	while (n < ANSWERS_MAX && answers[n].asked != NULL)
		n++;
	return n;
}

static const struct sql_root root = { .company_id = 1, .by_id = true, .id = 7 };

/* A variable in an answer; nothing is recorded of its link. */
#define V(id)                                                       \
	"{'id':" #id ",'pivot':{'model_type':null,'model_id':null," \
	"'variable_id':null,'alias':null,'configurable':null,"      \
	"'required':null,'advanced':null}}"

/* A query and its database. */
struct executing {
	struct querying *q;
	struct reader reader;
	struct problem problem;
	struct result result;
};

static struct executing
begin(const char *include, const struct recorded *answers)
{
	char text[512];
	struct executing e = { 0 };

	snprintf(text, sizeof(text), "%s%s", IDS, include);
	e.q = querying(text);
	cr_assert_eq(e.q->error, OK, "%s", text);
	e.problem = (struct problem){ .arena = e.q->arena };
	e.reader.db = recorded_begin(e.q->arena, answers, count(answers));
	return e;
}

static void
expect_json(const struct executing *e, const char *what, const char *json)
{
	struct buf got;

	buf_init(&got, 1 << 20);
	for (size_t i = 0; i < e->result.rows.count; i++)
		encode_root(e->q->arena, &got, &e->q->query, &e->result, i);
	for (size_t i = 0; i < got.len; i++)
		if (got.ptr[i] == '"')
			got.ptr[i] = '\'';
	cr_expect(str_equal_text(buf_str(&got), json),
	    "%s\ngot    %.*s\nwanted %s", what, STR_FMT(buf_str(&got)), json);
	buf_done(&got);
}

static void
end(const struct executing *e, const char *what)
{
	recorded_end(what);
	querying_done(e->q);
}

static const struct execute_case shows[] = {
	{ "", { ANSWER("SELECT connectors 1,7,1,0", "id=7") }, "{'id':7}" },
	{ "", { ASKED("SELECT connectors 1,7,1,0") }, "" },
	{ "certificate",
	    { ANSWER("SELECT connectors 1,7,1,0", "id=7 certificate_id=3"),
		ANSWER("SELECT certificates 3,1", "3: id=3") },
	    "{'id':7,'certificate':{'id':3}}" },
	/* It refers to nothing, or to what the company may not see. */
	{ "certificate", { ANSWER("SELECT connectors 1,7,1,0", "id=7") },
	    "{'id':7,'certificate':null}" },
	{ "certificate",
	    { ANSWER("SELECT connectors 1,7,1,0", "id=7 certificate_id=3"),
		ASKED("SELECT certificates 3,1") },
	    "{'id':7,'certificate':null}" },
	/* There is no root, so nothing is asked of what it would include. */
	{ "certificate.user,variables", { ASKED("SELECT connectors 1,7,1,0") },
	    "" },
	{ "certificate.user",
	    { ANSWER("SELECT connectors 1,7,1,0", "id=7 certificate_id=3"),
		ANSWER("SELECT certificates 3,1", "3: id=3 user_id=4"),
		ANSWER("SELECT users 4,1", "4: id=4") },
	    "{'id':7,'certificate':{'id':3,'user':{'id':4}}}" },
	/* What is read anyway is counted here, whatever was read with the
	 * root. */
	{ "variables,variables_count,variablesExists,certificate_count,"
	  "certificate",
	    { ANSWER("SELECT connectors 1,7,1,0", "id=7"),
		ANSWER_OF("SELECT model_variables 7,1", "variables",
		    "7: id=5;7: id=6") },
	    "{'id':7,'variables_count':2,'variables_exists':true,"
	    "'certificate_count':0,'variables':[" V(5) "," V(
		6) "],"
		   "'certificate':null}" },
	/* In the order in which they were asked for. */
	{ "variables,certificate",
	    { ANSWER("SELECT connectors 1,7,1,0", "id=7 certificate_id=3"),
		ANSWER_OF("SELECT model_variables 7,1", "variables",
		    "7: id=5;7: id=6"),
		ANSWER("SELECT certificates 3,1", "3: id=3") },
	    "{'id':7,'variables':[" V(5) "," V(6) "],'certificate':{'id':3}}" },
};

Test(execute, show_runs_one_statement_and_one_for_each_include)
{
	for (size_t i = 0; i < N_ELEMENTS(shows); i++) {
		struct executing e = begin(shows[i].include, shows[i].answers);

		cr_expect_eq(
		    execute_show(e.q->arena, &e.reader, &e.q->query, &root,
			(struct at_hand){ 0 }, &e.result, &e.problem),
		    OK);
		expect_json(&e, shows[i].include, shows[i].json);
		end(&e, shows[i].include);
	}
}

static const struct execute_case lists[] = {
	{ "",
	    { ANSWER("SELECT data_versions 1", "2"),
		ANSWER("SELECT connectors 1,15,0", "id=1;id=2") },
	    "{'id':1},{'id':2}" },
	/* Nobody is on the page: a number that is stored is no proof. */
	{ "",
	    { ANSWER("SELECT data_versions 1", "0"),
		ANSWER("SELECT connectors 1,15,0", "") },
	    "" },
	{ "certificate&page=2&per_page=2",
	    { ANSWER("SELECT data_versions 1", "2"),
		ANSWER("SELECT connectors 1,1,2,2", "") },
	    "" },
	{ "certificate&page=2&per_page=1",
	    { ANSWER("SELECT data_versions 1", "2"),
		ANSWER_OF("SELECT connectors 1,1,1,1", "certificates",
		    "id=2 certificate_id=3 | id=3") },
	    "{'id':2,'certificate':{'id':3}}" },
	/* What each has one of comes along, or is hidden. */
	{ "certificate,certificate_count",
	    { ANSWER("SELECT data_versions 1", "2"),
		ANSWER_OF("SELECT connectors 1,1,15,0", "certificates",
		    "id=1 certificate_id=9 | - 9;id=2 certificate_id=4") },
	    "{'id':1,'certificate_count':1,'certificate':{'id':9}},"
	    "{'id':2,'certificate_count':0,'certificate':null}" },
	{ "certificate",
	    { ANSWER("SELECT data_versions 1", "6"),
		ANSWER_OF("SELECT connectors 1,1,15,0", "certificates",
		    "id=1 certificate_id=9 | id=9;"
		    "id=2 certificate_id=4 | id=4;id=3;"
		    "id=4 certificate_id=9 | id=9;"
		    "id=5 certificate_id=2 | id=2;id=6") },
	    "{'id':1,'certificate':{'id':9}},{'id':2,'certificate':{'id':4}},"
	    "{'id':3,'certificate':null},{'id':4,'certificate':{'id':9}},"
	    "{'id':5,'certificate':{'id':2}},{'id':6,'certificate':null}" },
	/* Each parent is asked for once, in order; up to a power of two the
	 * last one again. */
	{ "variables",
	    { ANSWER("SELECT data_versions 1", "3"),
		ANSWER("SELECT connectors 1,15,0", "id=3;id=1;id=2"),
		ANSWER_OF("SELECT model_variables 1,2,3,3,1", "variables",
		    "1: id=5;1: id=7;3: id=6") },
	    "{'id':3,'variables':[" V(6) "]},"
					 "{'id':1,'variables':[" V(5) "," V(
					     7) "]},"
						"{'id':2,'variables':[]}" },
	/* Rows below a shared one are those of all who share it. */
	{ "certificate.user",
	    { ANSWER("SELECT data_versions 1", "2"),
		ANSWER_OF("SELECT connectors 1,1,15,0", "certificates",
		    "id=1 certificate_id=3 | id=3 user_id=4;"
		    "id=2 certificate_id=3 | id=3 user_id=4"),
		ANSWER("SELECT users 4,1", "4: id=4") },
	    "{'id':1,'certificate':{'id':3,'user':{'id':4}}},"
	    "{'id':2,'certificate':{'id':3,'user':{'id':4}}}" },
};

Test(execute, list_counts_and_runs_one_statement_for_each_include)
{
	static const struct sql_root all = { .company_id = 1 };

	for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
		struct executing e = begin(lists[i].include, lists[i].answers);
		struct known known = { .is_counted = false };

		cr_expect_eq(execute_list(e.q->arena, &e.reader, &e.q->query,
				 &all, &known, &e.result, &e.problem),
		    OK);
		cr_expect_eq(known.total, lists[i].answers[0].rows[0] - '0');
		expect_json(&e, lists[i].include, lists[i].json);
		end(&e, lists[i].include);
	}
}

Test(execute, a_number_is_never_less_than_what_is_shown)
{
	static const struct sql_root all = { .company_id = 1 };
	static const struct recorded answers[ANSWERS_MAX] = {
		ANSWER("SELECT data_versions 1", "1"),
		ANSWER("SELECT connectors 1,2,2", "id=7;id=8"),
	};
	struct executing e = begin("&page=2&per_page=2", answers);
	struct known known = { .is_counted = false };

	cr_expect_eq(execute_list(e.q->arena, &e.reader, &e.q->query, &all,
			 &known, &e.result, &e.problem),
	    OK);
	cr_expect_eq(known.total, 4);
	end(&e, "rows that came by SQL");
}

/* The root and its variables in one statement; without variables it has to be
 * asked for alone. */
static const struct execute_case shows_with[] = {
	{ "variables",
	    { ANSWER_OF("SELECT connectors 1,1,7", "variables",
		"id=7 | 7: id=5;id=7 | 7: id=6") },
	    "{'id':7,'variables':[" V(5) "," V(6) "]}" },
	{ "variables",
	    { ASKED("SELECT connectors 1,1,7"),
		ANSWER("SELECT connectors 1,7,1,0", "id=7"),
		ASKED("SELECT model_variables 7,1") },
	    "{'id':7,'variables':[]}" },
	{ "certificate,variables",
	    { ANSWER_OF("SELECT connectors 1,1,7", "variables",
		  "id=7 certificate_id=3 | 7: id=5"),
		ANSWER("SELECT certificates 3,1", "3: id=3") },
	    "{'id':7,'certificate':{'id':3},'variables':[" V(5) "]}" },
};

Test(execute, show_with_an_include_saves_its_statement)
{
	for (size_t i = 0; i < N_ELEMENTS(shows_with); i++) {
		struct executing e =
		    begin(shows_with[i].include, shows_with[i].answers);
		const struct include *with = query_add_include(
		    e.q->arena, &e.q->query, STR("variables"));

		cr_expect_eq(
		    execute_show_with(e.q->arena, &e.reader, &e.q->query, &root,
			with, &e.result, &e.problem),
		    OK);
		expect_json(&e, shows_with[i].include, shows_with[i].json);
		end(&e, shows_with[i].include);
	}
}

Test(execute, what_was_read_before_is_not_asked_for_again)
{
	static const struct recorded answers[ANSWERS_MAX] = { ANSWER(
	    "SELECT certificates 3,1", "3: id=3") };
	struct executing e = begin("certificate", answers);
	struct value cells[RECORDED_WIDTH] = { 0 };
	struct rows first = { 1, RECORDED_WIDTH, cells };
	const struct resource *connectors = &resource_connectors;

	cells[sql_position(connectors, "id")] = value_int(7);
	cells[sql_position(connectors, "certificate_id")] = value_int(3);
	cr_expect_eq(
	    execute_show(e.q->arena, &e.reader, &e.q->query, &root,
		(struct at_hand){ .root = &first }, &e.result, &e.problem),
	    OK);
	expect_json(&e, "first", "{'id':7,'certificate':{'id':3}}");
	end(&e, "first");
}

Test(execute, rows_at_hand_are_not_asked_for)
{
	static const struct recorded answers[ANSWERS_MAX] = { ANSWER(
	    "SELECT certificates 3,1", "3: id=3") };
	struct executing e = begin("certificate,variables", answers);
	const struct include *variables =
	    query_add_include(e.q->arena, &e.q->query, STR("variables"));
	struct value cells[RECORDED_WIDTH] = { 0 };
	struct value of_7[RECORDED_WIDTH] = { 0 };
	struct rows first = { 1, RECORDED_WIDTH, cells };
	const struct result given = { .include = variables,
		.rows = { 1, RECORDED_WIDTH, of_7 } };
	const struct resource *connectors = &resource_connectors;

	cells[sql_position(connectors, "id")] = value_int(7);
	cells[sql_position(connectors, "certificate_id")] = value_int(3);
	of_7[0] = value_int(7);
	of_7[1 + sql_position(&resource_variables, "id")] = value_int(5);
	cr_expect_eq(
	    execute_show(e.q->arena, &e.reader, &e.q->query, &root,
		(struct at_hand){ &first, &given }, &e.result, &e.problem),
	    OK);
	expect_json(&e, "at hand",
	    "{'id':7,'certificate':{'id':3},'variables':[" V(5) "]}");
	end(&e, "at hand");
}

/* A row that was joined to the caller's is one of nulls when there is none. */
Test(execute, a_first_row_of_nulls_is_no_row)
{
	static const struct recorded answers[ANSWERS_MAX] = { { .asked =
								    NULL } };
	struct executing e = begin("certificate", answers);
	struct value cells[RECORDED_WIDTH] = { 0 };
	struct rows first = { 1, RECORDED_WIDTH, cells };

	cr_expect_eq(
	    execute_show(e.q->arena, &e.reader, &e.q->query, &root,
		(struct at_hand){ .root = &first }, &e.result, &e.problem),
	    OK);
	expect_json(&e, "nulls", "");
	end(&e, "nulls");
}

Test(execute, a_count_that_was_read_before_is_not_asked_for_again)
{
	static const struct recorded answers[ANSWERS_MAX] = { ANSWER(
	    "SELECT connectors 1,15,0", "id=1") };
	static const struct sql_root all = { .company_id = 1 };
	struct executing e = begin("", answers);
	struct known known = { .is_counted = true, .total = 1 };

	cr_expect_eq(execute_list(e.q->arena, &e.reader, &e.q->query, &all,
			 &known, &e.result, &e.problem),
	    OK);
	cr_expect_eq(known.total, 1);
	expect_json(&e, "count", "{'id':1}");
	end(&e, "count");
}

/* What is behind the guess is found by the offset. */
Test(execute, a_page_that_its_start_does_not_hold_is_read_from_the_first_row)
{
	static const struct sql_root all = { .company_id = 1 };
	static const struct recorded answers[][ANSWERS_MAX] = {
		{ ANSWER("SELECT connectors 1,70,99,2,0", "id=70;id=71") },
		{ ANSWER("SELECT connectors 1,70,99,2,0", "id=70"),
		    ANSWER("SELECT connectors 1,2,2", "id=70;id=171") },
		{ ANSWER("SELECT connectors 1,70,99,2,0", ""),
		    ANSWER("SELECT connectors 1,2,2", "id=170;id=171") },
	};

	for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
		struct executing e = begin("&page=2&per_page=2", answers[i]);
		struct known known = {
			.is_counted = true, .total = 9, .start = { 70, 99 }
		};

		cr_expect_eq(execute_list(e.q->arena, &e.reader, &e.q->query,
				 &all, &known, &e.result, &e.problem),
		    OK);
		cr_expect_eq(e.result.rows.count, 2);
		end(&e, "start");
	}
}

Test(execute, the_first_failure_ends_it)
{
	static const struct recorded answers[] = {
		ANSWER("SELECT data_versions 1", "1"),
		ANSWER_OF("SELECT connectors 1,1,15,0", "certificates",
		    "id=7 certificate_id=3 | id=3 user_id=4"),
		ANSWER("SELECT users 4,1", "4: id=4"),
	};
	static const struct sql_root all = { .company_id = 1 };

	for (size_t n = 1; n <= N_ELEMENTS(answers); n++) {
		struct recorded some[ANSWERS_MAX] = { 0 };
		struct executing e;
		struct known known = { .is_counted = false };

		for (size_t i = 0; i < n; i++)
			some[i] = answers[i];
		some[n - 1].error = ERROR_UNAVAILABLE;
		e = begin("certificate.user", some);
		cr_expect_eq(execute_list(e.q->arena, &e.reader, &e.q->query,
				 &all, &known, &e.result, &e.problem),
		    ERROR_UNAVAILABLE);
		end(&e, "failure");
	}
}

/* "SELECT certificates 1,2,...,n,1" */
static const char *
asked_for(struct arena *arena, size_t from, size_t n)
{
	struct buf text;
	struct str copy;

	buf_init(&text, 1 << 20);
	buf_add_text(&text, "SELECT certificates ");
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%zu,", from + i);
	buf_add_text(&text, "1");
	copy = arena_copy(arena, buf_str(&text));
	buf_done(&text);
	return copy.ptr;
}

Test(execute, more_parents_than_a_statement_takes_are_asked_for_in_parts)
{
	struct arena *arena = arena_new(1 << 20);
	size_t n = SQL_KEYS_MAX + 1;
	const struct recorded answers[ANSWERS_MAX] = {
		ANSWER(asked_for(arena, 1, SQL_KEYS_MAX), "1: id=1;9: id=9"),
		ANSWER(asked_for(arena, n, 1), "32769: id=32769"),
	};
	struct executing e = begin("certificate", answers);
	struct rows first = { n, RECORDED_WIDTH,
		ARENA_NEW(arena, struct value, n * RECORDED_WIDTH) };
	size_t column = sql_position(&resource_connectors, "certificate_id");

	for (size_t i = 0; i < n; i++) {
		first.cells[i * RECORDED_WIDTH] = value_int(1);
		first.cells[i * RECORDED_WIDTH + column] =
		    value_int((int64_t)i + 1);
	}
	cr_expect_eq(
	    execute_show(e.q->arena, &e.reader, &e.q->query, &root,
		(struct at_hand){ .root = &first }, &e.result, &e.problem),
	    OK);
	cr_expect_eq(e.result.children->rows.count, 3);
	cr_expect_eq(rows_cell(&e.result.children->rows, 2, 0)->integer, 32769);
	end(&e, "parts");
	arena_free(arena);
}
