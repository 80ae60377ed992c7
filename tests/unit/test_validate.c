/*
 * src/engine/validate.c
 */
#include <config.h>

#include <criterion/criterion.h>

#include "validating.h"

#define IMPLEMENTATION "authentication_implementation_id"

static const struct validating_case store_cases[] = {
	{ "{}", "name=required " IMPLEMENTATION "=required timezone=required "
		"date_format=required rate_limit_unit=required "
		"rate_limit_duration=required" },
	{ STORE("'x':1"), "" },
	{ STORE("'name':' '"), "name=required" },
	{ STORE("'name':[]"), "name=required" },
	{ STORE("'name':{}"), "name=required" },
	{ STORE("'name':0"), "name=string" },
	{ STORE("'name':false"), "name=string" },
	{ STORE("'name':[1]"), "name=string" },
	{ STORE("'type':5"), "" }, /* not read */
	{ STORE("'" IMPLEMENTATION "':9"), IMPLEMENTATION "=selected" },
	{ STORE("'connection_pool_id':2"), "" },
	{ STORE("'connection_pool_id':null"), "" },
	{ STORE("'connection_pool_id':''"), "" },
	{ STORE("'connection_pool_id':3"), "connection_pool_id=selected" },
	{ STORE("'connection_pool_id':0"), "connection_pool_id=selected" },
	/* Not asked once the type is wrong. */
	{ STORE("'connection_pool_id':1.5"), "connection_pool_id=integer" },
	{ STORE("'connection_pool_id':[]"), "connection_pool_id=integer" },
	{ STORE("'session_id':'S','platform_app_key':'app'"), "" },
	{ STORE("'session_id':null,'platform_app_key':' '"), "" },
	{ STORE("'session_id':'s','platform_app_key':'other'"),
	    "session_id=selected platform_app_key=selected" },
	{ STORE("'session_id':7,'platform_app_key':true"),
	    "session_id=string platform_app_key=string" },
	{ STORE("'certificate_id':'3'"), "" },
	{ STORE("'certificate_id':null"), "" },
	{ STORE("'certificate_id':-3"), "certificate_id=selected" },
	{ STORE("'variables':null"), "" },
	{ STORE("'variables':[]"), "" },
	{ STORE("'variables':''"), "" },
	{ STORE("'variables':{}"), "variables=array" },
	{ STORE("'variables':{'0':{'key':'k'}}"), "variables=array" },
	{ STORE("'variables':'x'"), "variables=array" },
	{ ITEM("'id':99"), "" }, /* not read */
	{ ITEM("'_destroy':7"), "" },
	{ ITEM("'key':''"), "variables.0.key=required" },
	{ ITEM("'label':null"), "variables.0.label=required" },
	{ ITEM("'value':null"), "" },
	{ ITEM("'secret':null,'locked':''"),
	    "variables.0.secret=flag variables.0.locked=flag" },
	{ ITEM("'pivot':null"), "" },
	{ ITEM("'pivot':[]"), "" },
	{ ITEM("'pivot':{}"), "" },
	{ ITEM("'pivot':5"), "variables.0.pivot=array" },
	{ ITEM("'pivot':{'alias':null}"), "" },
	{ ITEM("'pivot':{'configurable':null,'required':'','advanced':null}"),
	    "variables.0.pivot.configurable=flag "
	    "variables.0.pivot.required=flag variables.0.pivot.advanced=flag" },
	{ ITEM("'pivot':{'alias':5,'configurable':2,'required':null,"
	       "'advanced':'on'}"),
	    "variables.0.pivot.alias=string "
	    "variables.0.pivot.configurable=flag "
	    "variables.0.pivot.required=flag variables.0.pivot.advanced=flag" },
	{ ITEMS("'s',null,[],{}"),
	    "variables.0.key=required variables.1.key=required "
	    "variables.2.key=required variables.3.key=required "
	    "variables.0.label=required variables.1.label=required "
	    "variables.2.label=required variables.3.label=required" },
	{ ITEMS("{'key':'a','label':'l'},{'key':'b','label':'l'},"
		"{'key':' a','label':'l'}"),
	    "variables.0.key=duplicate variables.2.key=duplicate" },
	{ ITEMS("{'key':'a','label':'l'},{'key':'A','label':'l'}"), "" },
};

Test(validate, rules_of_store)
{
	validating_expect_all(false, store_cases, N_ELEMENTS(store_cases));
}

Test(validate, roots_come_before_items_and_rules_before_indices)
{
	validating_expect(false,
	    STORE("'certificate_id':9,'session_id':7,'variables':["
		  "{'key':'a','label':'','secret':5},"
		  "{'key':'a','value':1,'label':'l'}],'name':null"),
	    "name=required session_id=string certificate_id=selected "
	    "variables.0.key=duplicate variables.1.key=duplicate "
	    "variables.1.value=string variables.0.label=required "
	    "variables.0.secret=flag");
}

static const struct validating_case update_cases[] = {
	{ "{}", "" },
	{ "{'name':null}", "name=string" },
	/* The key of a stored variable means that variable. */
	{ "{'variables':[{'key':'five'}]}", "" },
	{ "{'variables':[{'key':' six ','value':'x'}]}", "" },
	{ "{'variables':[{'id':null,'key':'six'}]}", "" },
	{ "{'variables':[{'key':'six','label':''}]}",
	    "variables.0.label=string" },
	{ "{'name':''}", "name=string" },
	{ "{'type':null,'connection_pool_id':null,'certificate_id':null,"
	  "'variables':null}",
	    "" },
	{ "{'type':5}", "type=string" },
	{ "{'session_id':7,'platform_app_key':7}", "" }, /* not read */
	{ "{'canonical_key':7,'id':'x','version':[]}", "" },
	{ "{'" IMPLEMENTATION "':null}", IMPLEMENTATION "=selected" },
	{ "{'timezone':null,'date_format':'','rate_limit_unit':[],"
	  "'rate_limit_duration':' '}",
	    "timezone=required date_format=required rate_limit_unit=required "
	    "rate_limit_duration=required" },
	{ "{'variables':[{'id':5},{'id':'6'}]}", "" },
	{ "{'variables':[{'id':7}]}", "variables.0.id=selected" },
	{ "{'variables':[{'id':5.0}]}", "variables.0.id=selected" },
	{ "{'variables':[{'id':true}]}", "variables.0.id=selected" },
	{ "{'variables':[{'id':'5x'}]}", "variables.0.id=selected" },
	{ "{'variables':[{'id':null,'key':'k','label':'l'}]}", "" },
	{ "{'variables':[{'id':''}]}",
	    "variables.0.key=without_id variables.0.label=without_id" },
	{ "{'variables':[{'id':5},{}]}",
	    "variables.1.key=without_id variables.1.label=without_id" },
	{ "{'variables':['s',7]}",
	    "variables.0.key=without_id variables.1.key=without_id "
	    "variables.0.label=without_id variables.1.label=without_id" },
	{ "{'variables':[{'id':5,'key':null,'label':null}]}",
	    "variables.0.key=string|format variables.0.label=string" },
	{ "{'variables':[{'id':5,'key':'a'},{'id':6,'key':'a'}]}",
	    "variables.0.key=duplicate variables.1.key=duplicate" },
	{ "{'variables':[{'key':'k','_destroy':true}]}", "" },
	{ "{'variables':[{'_destroy':true}]}", "variables.0.key=without_id" },
	{ "{'variables':[{'key':'k','_destroy':false}]}",
	    "variables.0.label=without_id" },
	{ "{'variables':[{'id':5,'_destroy':'yes'}]}",
	    "variables.0._destroy=flag" },
};

Test(validate, rules_of_update)
{
	validating_expect_all(true, update_cases, N_ELEMENTS(update_cases));
}

Test(validate, absent_null_and_given_are_told_apart)
{
	struct fixture *f = validating(
	    true, "{'name':' n ','type':null,'rate_limit_duration':'7'}");
	const struct input_field *field;

	cr_assert_eq(f->error, OK, "%.*s", STR_FMT(f->errors));
	cr_expect(
	    str_equal_text(input_field(&f->input, "name")->value.text, "n"));
	field = input_field(&f->input, "type");
	cr_expect(field->present && field->value.type == VALUE_NULL);
	cr_expect_not(input_field(&f->input, "timezone")->present);
	cr_expect_not(input_field(&f->input, "session_id")->present);
	field = input_field(&f->input, "rate_limit_duration");
	cr_expect(field->present && field->value.integer == 7);
	cr_expect_eq(f->input.n_items, 0);
	validating_done(f);
}

Test(validate, values_of_items)
{
	struct fixture *f = validating(true,
	    "{'variables':[{'id':'5','value':' v ','label':' l ',"
	    "'secret':'1'}]}");
	const struct input_item *item = f->input.items;

	cr_assert_eq(f->error, OK, "%.*s", STR_FMT(f->errors));
	cr_assert_eq(f->input.n_items, 1);
	cr_expect_eq(input_item_field(&f->input, item, "id")->value.integer, 5);
	cr_expect(str_equal_text(
	    input_item_field(&f->input, item, "value")->value.text, " v "));
	cr_expect(str_equal_text(
	    input_item_field(&f->input, item, "label")->value.text, "l"));
	cr_expect_eq(
	    input_item_field(&f->input, item, "secret")->value.integer, 1);
	cr_expect_not(input_item_field(&f->input, item, "key")->present);
	cr_expect_not(input_item_field(&f->input, item, "_destroy")->present);
	validating_done(f);
}

Test(validate, nothing_in_items)
{
	struct fixture *f = validating(true,
	    "{'variables':[{'id':null,'key':'k','label':'x','value':null,"
	    "'pivot':{'alias':'','required':0},'_destroy':'0'}]}");
	const struct input_item *item = f->input.items;
	const struct input_field *field;

	cr_assert_eq(f->error, OK, "%.*s", STR_FMT(f->errors));
	cr_expect_not(input_item_field(&f->input, item, "id")->present);
	field = input_item_field(&f->input, item, "value");
	cr_expect(field->present && field->value.type == VALUE_NULL);
	field = input_item_field(&f->input, item, "pivot.alias");
	cr_expect(field->present && field->value.type == VALUE_NULL);
	field = input_item_field(&f->input, item, "pivot.required");
	cr_expect(field->present && field->value.integer == 0);
	cr_expect_not(
	    input_item_field(&f->input, item, "pivot.advanced")->present);
	field = input_item_field(&f->input, item, "_destroy");
	cr_expect(field->present && field->value.integer == 0);
	validating_done(f);
}

Test(validate, only_references_worth_asking_are_asked)
{
	struct fixture *f = validating(false,
	    "{'" IMPLEMENTATION "':'12','connection_pool_id':0,"
	    "'session_id':' s ','platform_app_key':'','certificate_id':null}");
	const struct reference *asked = f->references.items;

	cr_assert_eq(f->references.n, 2);
	cr_expect_eq(asked[0].value.integer, 12);
	cr_expect_str_eq(
	    asked[0].column->refers->name, "authentication_implementations");
	cr_expect(str_equal_text(asked[1].value.text, "s"));
	cr_expect_str_eq(asked[1].rule->field, "session_id");
	validating_done(f);
	f = validating(true, "{'session_id':'s','certificate_id':3}");
	cr_assert_eq(f->references.n, 1);
	cr_expect_eq(f->references.items[0].value.integer, 3);
	validating_done(f);
}
