/*
 * src/api/write_plan.c
 */
#include <config.h>

#include "api/write_plan.h"

#include <criterion/criterion.h>

#include "deciding.h"
#include "schema/tables.h"
#include "validating.h"

/*
 * A plan is written in four parts: the columns that are set (`name=x`, null as
 * `name=`), the variables in the order in which they are stored (`-5` by id,
 * `~key` and `+key`), the certificate (`leave`, `take=3`) and the names for the
 * audit row.
 */
static struct str
write_values(struct arena *arena, const struct assignments *values)
{
	struct str text = STR("");

	for (size_t i = 0; i < values->n; i++) {
		const struct assignment *a = &values->items[i];

		text = arena_printf(
		    arena, "%.*s%s=", STR_FMT(text), a->column->name);
		text = a->value.type == VALUE_INT
			   ? arena_printf(arena, "%.*s%lld ", STR_FMT(text),
				 (long long)a->value.integer)
			   : arena_printf(arena, "%.*s%.*s ", STR_FMT(text),
				 STR_FMT(a->value.text));
	}
	return text;
}

static struct str
add_keys(struct arena *arena, struct str text, char mark,
    const struct write_plan *plan, struct variable *const *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text = arena_printf(arena, "%.*s%c%.*s ", STR_FMT(text), mark,
		    STR_FMT(
			variable_value(&plan->variables, all[i], "key")->text));
	return text;
}

static struct str
write_variables_of(struct arena *arena, const struct write_plan *plan)
{
	struct str text = STR("");

	for (size_t i = 0; i < plan->n_removed; i++)
		text = arena_printf(arena, "%.*s-%lld ", STR_FMT(text),
		    (long long)plan->removed[i]);
	text = add_keys(arena, text, '~', plan, plan->changed, plan->n_changed);
	return add_keys(arena, text, '+', plan, plan->added, plan->n_added);
}

static struct str
write_plan_text(struct arena *arena, const struct write_plan *plan)
{
	struct str text = arena_printf(arena, "%.*s| %.*s| %s",
	    STR_FMT(write_values(arena, &plan->values)),
	    STR_FMT(write_variables_of(arena, plan)),
	    plan->leaves_certificate ? "leave " : "");

	if (plan->certificate.type != VALUE_NULL)
		text = arena_printf(arena, "%.*stake=%lld ", STR_FMT(text),
		    (long long)plan->certificate.integer);
	text = arena_printf(arena, "%.*s|", STR_FMT(text));
	for (size_t i = 0; i < plan->n_names; i++)
		text = arena_printf(
		    arena, "%.*s %.*s", STR_FMT(text), STR_FMT(plan->names[i]));
	return text;
}

struct plan_case {
	const char *stored, *body, *plan;
};

static void
expect_plan(struct deciding *d, const char *body, const char *wanted,
    const struct write_plan *plan)
{
	struct str text = write_plan_text(d->arena, plan);

	cr_expect(str_equal_text(text, wanted), "%s\ngot    %.*s\nwanted %s",
	    body, STR_FMT(text), wanted);
	deciding_done(d);
}

static const struct plan_case changes[] = {
	{ "five=a", "{}", "| | |" },
	{ "five=a",
	    "{'name':' n ','type':'t','timezone':'UTC',"
	    "'rate_limit_duration':'60','certificate_id':8,"
	    "'variables':[]}",
	    "| | |" },
	{ "", "{'name':'x','type':null}", "name=x type= | | | name type" },
	{ "", "{'rate_limit_duration':7,'rate_limit_unit':'day'}",
	    "rate_limit_unit=day rate_limit_duration=7 | | | "
	    "rate_limit_unit rate_limit_duration" },
	{ "", "{'authentication_implementation_id':4}",
	    "authentication_implementation_id=4 | | | "
	    "authentication_implementation_id" },
	{ "", "{'connection_pool_id':null}",
	    "connection_pool_id= | | | connection_pool_id" },
	/* Update does not read these. */
	{ "", "{'session_id':'S','platform_app_key':'app','id':7}", "| | |" },
	{ "", "{'certificate_id':3}",
	    "certificate_id=3 | | leave take=3 | certificate_id" },
	{ "", "{'certificate_id':null}",
	    "certificate_id= | | leave | certificate_id" },
	/* Whatever the order of the list, a key is free before it is taken. */
	{ "five=a six=b",
	    "{'variables':[{'key':'k','label':'l'},{'id':6,'key':'five'},"
	    "{'id':5,'_destroy':true}]}",
	    "| -5 ~five +k | | variables.five variables.five variables.k" },
	{ "five=a six=b seven=c",
	    "{'variables':[{'id':7,'value':'x'},{'id':6,'value':'b'},"
	    "{'id':5,'value':'y'}],'name':'x'}",
	    "name=x | ~five ~seven | | "
	    "name variables.five variables.seven" },
	{ "five=a six=b",
	    "{'variables':[{'id':6,'_destroy':true},"
	    "{'id':5,'_destroy':true}]}",
	    "| -5 -6 | | variables.five variables.six" },
	/* A secret that is sent back stays; given again, it is stored again. */
	{ "*five=a", "{'variables':[{'id':5,'value':'********'}]}", "| | |" },
	{ "*five=a", "{'variables':[{'id':5,'value':'a'}]}",
	    "| ~five | | variables.five" },
	{ "five=a@x", "{'variables':[{'id':5,'pivot':{'alias':'y'}}]}",
	    "| ~five | | variables.five" },
};

Test(write_plan, of_a_change_has_what_differs_and_nothing_else)
{
	for (size_t i = 0; i < N_ELEMENTS(changes); i++) {
		struct deciding *d =
		    deciding(changes[i].stored, changes[i].body);
		struct write_plan plan;

		deciding_expect(d, changes[i].body, "");
		write_plan_change(d->arena, &d->facts, &d->wanted, &plan);
		cr_expect_eq(plan.kind, WRITE_CHANGE);
		cr_expect_eq(plan.connector_id, 9);
		/* The audit row names what was changed, not its new name. */
		cr_expect(str_equal_text(plan.connector_name, "n"));
		expect_plan(d, changes[i].body, changes[i].plan, &plan);
	}
}

#define ORIGIN "company_id=2 canonical_key=c "
#define BASE_VALUES                                               \
	"name=n authentication_implementation_id=1 timezone=UTC " \
	"date_format=Y-m-d rate_limit_unit=hour rate_limit_duration=60 "
#define BASE_NAMES                                        \
	"name authentication_implementation_id timezone " \
	"date_format rate_limit_unit rate_limit_duration"

static const struct plan_case inserts[] = {
	{ NULL, STORE("'x':1"), ORIGIN BASE_VALUES "| | | " BASE_NAMES },
	{ NULL, STORE("'connection_pool_id':null,'certificate_id':3"),
	    ORIGIN BASE_VALUES "connection_pool_id= certificate_id=3 | | "
			       "take=3 | " BASE_NAMES
			       " connection_pool_id certificate_id" },
	{ NULL, STORE("'certificate_id':null"),
	    ORIGIN BASE_VALUES "certificate_id= | | | " BASE_NAMES
			       " certificate_id" },
	/* An app is named by its key and stored by its id. */
	{ NULL, STORE("'session_id':'S','platform_app_key':'app'"),
	    ORIGIN BASE_VALUES
	    "session_id=S platform_app_id=7 | | | " BASE_NAMES
	    " session_id platform_app_key" },
	{ NULL, STORE("'platform_app_key':null"),
	    ORIGIN BASE_VALUES "platform_app_id= | | | " BASE_NAMES
			       " platform_app_key" },
	{ NULL, ITEMS("{'key':'b','label':'l'},{'key':'a','label':'l'}"),
	    ORIGIN BASE_VALUES "| +b +a | | " BASE_NAMES
			       " variables.b variables.a" },
	/* Store does not read these. */
	{ NULL, STORE("'type':'t','canonical_key':'mine','id':7"),
	    ORIGIN BASE_VALUES "| | | " BASE_NAMES },
};

Test(write_plan, of_an_insert_has_what_the_body_says)
{
	static const struct write_origin origin = { 2, STR_CONST("c") };

	for (size_t i = 0; i < N_ELEMENTS(inserts); i++) {
		struct deciding *d = deciding(NULL, inserts[i].body);
		struct write_plan plan;

		deciding_expect(d, inserts[i].body, "");
		write_plan_insert(
		    d->arena, &origin, &d->facts, &d->wanted, &plan);
		cr_expect_eq(plan.kind, WRITE_INSERT);
		cr_expect_eq(plan.connector_id, 0);
		cr_expect(str_equal_text(plan.connector_name, "n"));
		expect_plan(d, inserts[i].body, inserts[i].plan, &plan);
	}
}

Test(write_plan, of_a_removal_has_all_variables_and_no_names)
{
	struct deciding *d = deciding("five=a !six *seven=c", "{}");
	struct write_plan plan;

	write_plan_remove(d->arena, &d->facts, &plan);
	cr_expect_eq(plan.kind, WRITE_REMOVE);
	cr_expect_eq(plan.connector_id, 9);
	cr_expect(str_equal_text(plan.connector_name, "n"));
	expect_plan(d, "remove", "| -5 -6 -7 | leave |", &plan);
}

/* What a test stores of a refresh token that was exchanged. */
Test(write_plan, of_one_variable_adds_or_changes_it)
{
	struct deciding *d = deciding("five=a refresh_token", "{}");
	struct variable *v = &d->facts.stored.all[1];
	struct write_plan plan;

	v->state = VARIABLE_CHANGED;
	v->values =
	    ARENA_NEW(d->arena, struct value, resource_connectors.n_rules);
	for (size_t i = 0; i < resource_connectors.n_rules; i++)
		v->values[i] = v->stored[i];
	v->values[variables_rule(&resource_connectors, "secret")].integer = 1;
	write_plan_variable(d->arena, 9, &resource_connectors, v, &plan);
	cr_expect_eq(plan.kind, WRITE_CHANGE);
	cr_expect_eq(plan.connector_id, 9);
	cr_expect_eq(plan.changed[0], v);
	v->state = VARIABLE_ADDED;
	write_plan_variable(d->arena, 9, &resource_connectors, v, &plan);
	cr_expect_eq(plan.added[0], v);
	expect_plan(d, "one variable",
	    "| +refresh_token | | variables.refresh_token", &plan);
}
