/*
 * src/api/write_store.c and write_variables.c on a recorded database.
 */
#include <config.h>

#include "api/write_store.h"

#include <criterion/criterion.h>

#include "deciding.h"
#include "recorded.h"
#include "schema/tables.h"
#include "validating.h"

#define ANSWERS_MAX 10

/* A call of company 2 and the database it writes to. */
struct storing {
	struct call call;
	struct service service;
	atomic_int_fast64_t next_variable;
	struct deciding *d;
	struct write_plan plan;
};

static void
begin(struct storing *s, const char *stored, const char *body,
    const struct recorded *answers)
{
	size_t n = 0;

	while (n < ANSWERS_MAX && answers[n].asked != NULL)
		n++;
	s->d = deciding(stored, body);
	deciding_expect(s->d, body, "");
	atomic_init(&s->next_variable, 50);
	s->service =
	    (struct service){ .db = recorded_begin(s->d->arena, answers, n),
		    .keyring = deciding_keyring(s->d->arena),
		    .next_variable = &s->next_variable };
	s->call = (struct call){ .service = &s->service,
		.arena = s->d->arena,
		.principal.company_id = 2,
		.problem.arena = s->d->arena };
}

static void
end(struct storing *s, const char *what)
{
	recorded_end(what);
	deciding_done(s->d);
}

struct store_case {
	const char *stored, *body;
	struct recorded answers[ANSWERS_MAX]; /* as many as have `asked` */
};

static const struct store_case changes[] = {
	{ "five=a", "{}", { ASKED(NULL) } },
	{ "", "{'name':'x','type':null}",
	    { ASKED("UPDATE connectors x,-,9") } },
	/* The connector comes last: its version goes up. */
	{ "", "{'certificate_id':3}",
	    { ASKED("UPDATE certificates 9"), ASKED("UPDATE certificates 9,3"),
		ASKED("UPDATE connectors 3,9") } },
	{ "", "{'certificate_id':null}",
	    { ASKED("UPDATE certificates 9"),
		ASKED("UPDATE connectors -,9") } },
	/* What goes makes room for what changes, that for what comes. */
	{ "five=a six=b seven=c",
	    "{'variables':[{'key':'k','label':'l'},{'id':7,'value':'x'},"
	    "{'id':6,'key':'five'},{'id':5,'_destroy':true}]}",
	    { ASKED("DELETE model_variables 5"), ASKED("DELETE variables 5"),
		ASKED("UPDATE variables five,b,l,0,0,-,6"),
		ASKED("UPDATE variables seven,x,l,0,0,-,7"),
		{ .asked = "INSERT variables 2,k,-,l,0,0,-", .insert_id = 50 },
		ASKED("INSERT model_variables 50,connector,9,-,0,0,0"),
		ASKED("UPDATE connectors 9") } },
	/* The link is stored only where it differs. */
	{ "five=a@x", "{'variables':[{'id':5,'pivot':{'alias':'y'}}]}",
	    { ASKED("UPDATE variables five,a,l,0,0,-,5"),
		ASKED("UPDATE model_variables y,0,0,0,5"),
		ASKED("UPDATE connectors 9") } },
	/* A value is sealed when it is given or turns secret, and stays sealed
	 * when it does not change; a secret is in no column that is read. */
	{ "*five=a", "{'variables':[{'id':5,'value':'b'}]}",
	    { ASKED("UPDATE variables five,-,l,1,0,#,5"),
		ASKED("UPDATE connectors 9") } },
	{ "*five=a", "{'variables':[{'id':5,'label':'x'}]}",
	    { ASKED("UPDATE variables five,-,x,1,0,#,5"),
		ASKED("UPDATE connectors 9") } },
	{ "five=a", "{'variables':[{'id':5,'secret':true}]}",
	    { ASKED("UPDATE variables five,-,l,1,0,#,5"),
		ASKED("UPDATE connectors 9") } },
	{ "*five=a", "{'variables':[{'id':5,'value':null}]}",
	    { ASKED("UPDATE variables five,-,l,1,0,-,5"),
		ASKED("UPDATE connectors 9") } },
	{ "*five=a", "{'variables':[{'id':5,'secret':false,'value':'b'}]}",
	    { ASKED("UPDATE variables five,b,l,0,0,-,5"),
		ASKED("UPDATE connectors 9") } },
};

Test(write_store, a_change_stores_its_variables_then_the_connector)
{
	for (size_t i = 0; i < N_ELEMENTS(changes); i++) {
		struct storing s;

		begin(
		    &s, changes[i].stored, changes[i].body, changes[i].answers);
		write_plan_change(
		    s.d->arena, &s.d->facts, &s.d->wanted, &s.plan);
		cr_expect_eq(write_store(&s.call, &s.plan), OK);
		end(&s, changes[i].body);
	}
}

#define CONNECTOR "INSERT connectors 2,c,n,1,UTC,Y-m-d,hour,60"
#define SECRETS                                              \
	"{'key':'a','label':'l','value':'1','secret':true}," \
	"{'key':'b','label':'l'},"                           \
	"{'key':'c','label':'l','value':'3','secret':true}"
#define THREE_ROWS "2,a,-,l,1,0,#,2,b,-,l,0,0,-,2,c,-,l,1,0,#"

static const struct store_case inserts[] = {
	{ NULL, STORE("'x':1"), { { .asked = CONNECTOR, .insert_id = 30 } } },
	{ NULL, STORE("'certificate_id':3"),
	    { { .asked = CONNECTOR ",3", .insert_id = 30 },
		ASKED("UPDATE certificates 30,3") } },
	/* The ids were guessed: what is sealed is good as it is. */
	{ NULL, ITEMS(SECRETS),
	    { { .asked = CONNECTOR, .insert_id = 30 },
		{ .asked = "INSERT variables " THREE_ROWS, .insert_id = 50 },
		ASKED("INSERT model_variables 50,connector,30,-,0,0,0,"
		      "51,connector,30,-,0,0,0,52,connector,30,-,0,0,0") } },
	/* They were not: what is sealed is sealed anew, in one statement. */
	{ NULL, ITEMS(SECRETS),
	    { { .asked = CONNECTOR, .insert_id = 30 },
		{ .asked = "INSERT variables " THREE_ROWS, .insert_id = 60 },
		ASKED("UPDATE variables 60,#,62,#,60,62"),
		ASKED("INSERT model_variables 60,connector,30,-,0,0,0,"
		      "61,connector,30,-,0,0,0,62,connector,30,-,0,0,0") } },
	/* Without a secret there is nothing to. */
	{ NULL, ITEMS("{'key':'b','label':'l'}"),
	    { { .asked = CONNECTOR, .insert_id = 30 },
		{ .asked = "INSERT variables 2,b,-,l,0,0,-", .insert_id = 60 },
		ASKED("INSERT model_variables 60,connector,30,-,0,0,0") } },
};

Test(write_store, an_insert_stores_the_connector_then_its_variables)
{
	static const struct write_origin origin = { 2, STR_CONST("c") };

	for (size_t i = 0; i < N_ELEMENTS(inserts); i++) {
		struct storing s;

		begin(&s, NULL, inserts[i].body, inserts[i].answers);
		write_plan_insert(
		    s.d->arena, &origin, &s.d->facts, &s.d->wanted, &s.plan);
		cr_expect_eq(write_store(&s.call, &s.plan), OK);
		cr_expect_eq(s.plan.connector_id, 30);
		for (size_t v = 0; v < s.plan.n_added; v++)
			cr_expect_eq(s.plan.added[v]->id,
			    inserts[i].answers[1].insert_id + (int64_t)v);
		end(&s, inserts[i].body);
	}
}

#define LINKS(a, b, c)                                           \
	"INSERT model_variables " #a ",connector,30,-,0,0,0," #b \
	",connector,30,-,0,0,0," #c ",connector,30,-,0,0,0"
#define INSERTED      ANSWER(CONNECTOR, "id=30 name=n")
#define RETURNED(ids) ANSWER("INSERT variables " THREE_ROWS, ids)

/* With the ids that the server gave, be they next to each other or not. */
static const struct {
	struct recorded answers[ANSWERS_MAX];
	int64_t ids[3];
	bool returns; /* what came back is still so */
} returned[] = {
	{ { INSERTED, RETURNED("id=50 key=a;id=51 key=b;id=52 key=c"),
	      ANSWER(LINKS(50, 51, 52), "30 x 1;30 x 2;30 x 3") },
	    { 50, 51, 52 }, true },
	{ { INSERTED, RETURNED("id=60;id=63;id=66"),
	      ASKED("UPDATE variables 60,#,66,#,60,66"),
	      ASKED(LINKS(60, 63, 66)) },
	    { 60, 63, 66 }, false },
	{ { INSERTED, RETURNED("id=50;id=51;id=53"),
	      ASKED("UPDATE variables 50,#,53,#,50,53"),
	      ASKED(LINKS(50, 51, 53)) },
	    { 50, 51, 53 }, false },
};

Test(write_store, what_the_server_returns_is_taken)
{
	static const struct write_origin origin = { 2, STR_CONST("c") };

	for (size_t i = 0; i < N_ELEMENTS(returned); i++) {
		struct storing s;

		begin(&s, NULL, ITEMS(SECRETS), returned[i].answers);
		write_plan_insert(
		    s.d->arena, &origin, &s.d->facts, &s.d->wanted, &s.plan);
		s.plan.returns = true;
		cr_expect_eq(write_store(&s.call, &s.plan), OK);
		cr_expect_eq(s.plan.connector_id, 30);
		cr_expect_eq(s.plan.returns, returned[i].returns);
		for (size_t v = 0; v < 3; v++)
			cr_expect_eq(s.plan.added[v]->id, returned[i].ids[v]);
		end(&s, "returned");
	}
}

/* As a row of the relation is read: whose it is, the variable, the link. */
Test(write_store, rows_that_are_returned_are_those_of_an_answer)
{
	static const struct write_origin origin = { 2, STR_CONST("c") };
	const size_t id = sql_position(&resource_variables, "id");
	struct storing s;
	struct rows *rows = &s.plan.stored_variables;

	begin(&s, NULL, ITEMS(SECRETS), returned[0].answers);
	write_plan_insert(
	    s.d->arena, &origin, &s.d->facts, &s.d->wanted, &s.plan);
	s.plan.returns = true;
	cr_assert_eq(write_store(&s.call, &s.plan), OK);
	cr_expect_eq(rows_cell(&s.plan.stored, 0,
			 sql_position(&resource_connectors, "id"))
			 ->integer,
	    30);
	cr_assert_eq(rows->count, 3);
	for (size_t i = 0; i < rows->count; i++) {
		cr_expect_eq(rows_cell(rows, i, 0)->integer, 30);
		cr_expect_eq(
		    rows_cell(rows, i, 1 + id)->integer, 50 + (int64_t)i);
		cr_expect(str_equal(
		    rows_cell(rows, i, 1 + RECORDED_WIDTH)->text, STR("x")));
		cr_expect_eq(rows_cell(rows, i, 2 + RECORDED_WIDTH)->integer,
		    1 + (int64_t)i);
	}
	end(&s, "rows");
}

Test(write_store, rows_that_the_server_withholds_are_an_error)
{
	static const struct write_origin origin = { 2, STR_CONST("c") };
	static const struct recorded answers[][ANSWERS_MAX] = {
		{ ANSWER(CONNECTOR, "") },
		{ INSERTED, RETURNED("id=50;id=51") },
		{ INSERTED, RETURNED("id=50;id=51;id=52"),
		    ANSWER(LINKS(50, 51, 52), "30;30;30;30") },
	};

	for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
		struct storing s;

		begin(&s, NULL, ITEMS(SECRETS), answers[i]);
		write_plan_insert(
		    s.d->arena, &origin, &s.d->facts, &s.d->wanted, &s.plan);
		s.plan.returns = true;
		cr_expect_eq(write_store(&s.call, &s.plan), ERROR_INTERNAL);
		end(&s, "withheld");
	}
}

/* Rows of one INSERT; so few numbers make few different texts. */
static const struct {
	size_t n, chunks[4];
} chunks[] = { { 8, { 8 } }, { 9, { 8, 1 } }, { 31, { 16, 8, 7 } },
	{ 64, { 64 } }, { 136, { 64, 64, 8 } } };

Test(write_store, many_variables_are_stored_in_few_sizes_of_statements)
{
	for (size_t i = 0; i < N_ELEMENTS(chunks); i++) {
		struct recorded answers[ANSWERS_MAX] = { 0 };
		struct storing s;
		int64_t id = 50;
		size_t n = 0;

		for (size_t c = 0; c < 4 && chunks[i].chunks[c] > 0; c++) {
			answers[n++] =
			    (struct recorded){ .asked = "INSERT variables *",
				    .insert_id = id };
			answers[n++] =
			    (struct recorded){ .asked =
						   "INSERT model_variables *" };
			id += (int64_t)chunks[i].chunks[c];
		}
		answers[n++] = (struct recorded)ASKED("UPDATE connectors 9");
		begin(&s, "", "{}", answers);
		s.plan = (struct write_plan){ .kind = WRITE_CHANGE,
			.connector_id = 9,
			.variables.rules = &resource_connectors,
			.added = ARENA_NEW(
			    s.d->arena, struct variable *, chunks[i].n),
			.n_added = chunks[i].n,
			.n_names = 1 };
		for (size_t v = 0; v < chunks[i].n; v++) {
			struct variables one;

			deciding_read(s.d->arena, "k=v", &one);
			one.all[0].state = VARIABLE_ADDED;
			s.plan.added[v] = &one.all[0];
		}
		cr_expect_eq(write_store(&s.call, &s.plan), OK);
		for (size_t v = 0; v < chunks[i].n; v++)
			cr_expect_eq(s.plan.added[v]->id, 50 + (int64_t)v);
		end(&s, "chunks");
	}
}

Test(write_store, a_removal_leaves_nothing_of_the_connector)
{
	static const struct recorded answers[ANSWERS_MAX] = {
		ASKED("DELETE model_variables 5,6"),
		ASKED("DELETE variables 5,6"),
		ASKED("UPDATE certificates 9"),
		ASKED("DELETE connector_tests 9"),
		ASKED("DELETE connectors 9"),
	};
	struct storing s;

	begin(&s, "five=a *six=b", "{}", answers);
	write_plan_remove(s.d->arena, &s.d->facts, &s.plan);
	cr_expect_eq(write_store(&s.call, &s.plan), OK);
	end(&s, "removal");
}

Test(write_store, the_first_failure_ends_it)
{
	static const struct recorded answers[ANSWERS_MAX] = {
		ASKED("DELETE model_variables 5"),
		{ .asked = "DELETE variables 5", .error = ERROR_UNAVAILABLE },
	};
	struct storing s;

	begin(&s, "five=a",
	    "{'name':'x','variables':[{'id':5,"
	    "'_destroy':true}]}",
	    answers);
	write_plan_change(s.d->arena, &s.d->facts, &s.d->wanted, &s.plan);
	cr_expect_eq(write_store(&s.call, &s.plan), ERROR_UNAVAILABLE);
	end(&s, "failure");
}

Test(write_store, without_a_key_ring_no_secret_is_stored)
{
	static const struct recorded answers[ANSWERS_MAX] = { ASKED(NULL) };
	struct storing s;

	begin(&s, "*five=a", "{'variables':[{'id':5,'value':'b'}]}", answers);
	s.service.keyring = NULL;
	write_plan_change(s.d->arena, &s.d->facts, &s.d->wanted, &s.plan);
	cr_expect_eq(write_store(&s.call, &s.plan), ERROR_INTERNAL);
	end(&s, "no key ring");
}
