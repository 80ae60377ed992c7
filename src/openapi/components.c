/*
 * The schemas of all that is sent and answered.
 */
#include <config.h>

#include "openapi/components.h"

#include "api/route.h"
#include "openapi/column.h"
#include "openapi/reach.h"
#include "openapi/responses.h"
#include "openapi/schema.h"
#include "probe/reason.h"
#include "schema/timezones.h"

/* Schemas that are no tables; see out_json(). */
static const struct {
	const char *name;
	const char *json;
} fixed[] = {
	{ "message",
	    "{'type':'object','description':'An error, as a sentence.',"
	    "'required':['message'],'properties':{'message':{'type':'string',"
	    "'description':'What is wrong, for a person.'}}}" },
	{ "problem",
	    "{'type':'object','description':'Values that are not valid.',"
	    "'required':['message'],'properties':{'message':{'type':"
	    "'string','description':'The first text, and how many more there "
	    "are.'},'errors':{'type':'object','description':'By field, with "
	    "dots: `variables.0.key`. Absent where no value is at fault, but "
	    "the "
	    "Idempotency-Key.','minProperties':1,"
	    "'additionalProperties':{'type':'array','minItems':1,'items':"
	    "{'type':'string'}}}}}" },
	{ "test_failure",
	    "{'type':'object','description':'A test that failed.','required':"
	    "['message','errors','test'],'properties':{'message':{'type':"
	    "'string','description':'What happened and what to look at.'},"
	    "'errors':{'type':'object','required':['connector'],'properties':"
	    "{'connector':{'type':'array','minItems':1,'items':{'type':"
	    "'string'},'description':'The same text.'}}},'test':{'$ref':"
	    "'#/components/schemas/test_result'}}}" },
	{ "test_answer",
	    "{'type':'object','description':'A test that passed.','required':"
	    "['data'],'properties':{'data':{'$ref':"
	    "'#/components/schemas/test_result'}}}" },
	{ "test_target",
	    "{'type':'object','description':'Where the last request went; null "
	    "is what is not known.','required':['scheme','host','port','path'],"
	    "'properties':{'scheme':{'type':['string','null'],'description':"
	    "'https, sftp, mysql, ...'},'host':{'type':['string','null'],"
	    "'description':'Name or address, secrets masked.'},'port':{'type':"
	    "['integer','null'],'format':'int32','minimum':1,'maximum':65535,"
	    "'description':'Its port.'},'path':{'type':['string','null'],"
	    "'description':'Without the query.'}}}" },
	{ "test_step",
	    "{'type':'object','description':'One step of a test.','required':"
	    "['step','ok','duration_ms'],'properties':{'step':{'$ref':"
	    "'#/components/schemas/test_step_name'},'ok':{'type':['boolean',"
	    "'null'],'description':'null: not reached, or not needed.'},"
	    "'duration_ms':{'type':'integer','format':'int64','minimum':0,"
	    "'description':'How long it took, rounded up; 0: it was not "
	    "done.'}}}" },
	{ "test_result",
	    "{'type':'object','description':'What a test found.','required':"
	    "['ok','stage','reason','detail','target','address','http_status',"
	    "'duration_ms','steps'],'properties':{'ok':{'type':'boolean',"
	    "'description':'Whether it passed.'},'stage':{'$ref':"
	    "'#/components/schemas/test_stage'},'reason':{'anyOf':[{'$ref':"
	    "'#/components/schemas/test_reason'},{'type':'null'}],"
	    "'description':'Why it failed; null when it passed.'},'detail':"
	    "{'type':['string','null'],'description':'A sentence for a "
	    "person.'},'target':{'$ref':'#/components/schemas/test_target'},"
	    "'address':{'type':['string','null'],'description':'The IP address "
	    "that was used.'},'http_status':{'type':['integer','null'],"
	    "'format':'int32','description':'Status of the last answer of "
	    "HTTP.'},'duration_ms':{'type':'integer','format':'int64',"
	    "'minimum':0,'description':'How long it took.'},'steps':{'type':"
	    "'array','items':{'$ref':'#/components/schemas/test_step'},"
	    "'description':'All steps, in order.'}}}" },
	{ "page_links",
	    "{'type':'object','description':'Pages beside this one, with the "
	    "rest of the query.','required':['first','last','prev','next'],"
	    "'properties':{'first':{'type':'string','format':'uri',"
	    "'description':'The first page.'},'last':{'type':'string','format':"
	    "'uri','description':'The last page.'},'prev':{'type':['string',"
	    "'null'],'format':'uri','description':'The page before.'},'next':"
	    "{'type':['string','null'],'format':'uri','description':'The page "
	    "after.'}}}" },
	{ "page_link",
	    "{'type':'object','description':'One button of a pager.',"
	    "'required':['url','label','active'],'properties':{'url':{'type':"
	    "['string','null'],'format':'uri','description':'null: no such "
	    "page.'},'label':{'type':'string','description':'Its text, as "
	    "HTML.'},'page':{'type':['integer','null'],'format':'int32',"
	    "'description':'Number of the page; absent for dots.'},'active':"
	    "{'type':'boolean','description':'Whether it is this page.'}}}" },
	{ "page_meta",
	    "{'type':'object','description':'Numbers of the page.','required':"
	    "['current_page','from','last_page','links','path','per_page','to',"
	    "'total'],'properties':{'current_page':{'type':'integer','format':"
	    "'int32','minimum':1,'description':'Number of this page.'},'from':"
	    "{'type':['integer','null'],'format':'int64','minimum':1,"
	    "'description':'Place of the first row among all.'},'last_page':"
	    "{'type':'integer','format':'int64','minimum':1,'description':"
	    "'Number of the last page.'},'links':{'type':'array','items':"
	    "{'$ref':'#/components/schemas/page_link'},'description':'A "
	    "pager.'},'path':{'type':'string','format':'uri','description':"
	    "'Address without the query.'},'per_page':{'type':'integer',"
	    "'format':'int32','minimum':1,'maximum':100,'description':'Rows "
	    "of a page.'},'to':{'type':['integer','null'],'format':'int64',"
	    "'minimum':1,'description':'Place of the last row.'},'total':"
	    "{'type':'integer','format':'int64','minimum':0,'description':'All "
	    "rows.'}}}" },
	{ "openapi_document",
	    "{'type':'object','description':'An OpenAPI document.','required':"
	    "['openapi','info','paths'],'properties':{'openapi':{'type':"
	    "'string','pattern':'^3\\\\.1\\\\.'},'info':{'type':'object',"
	    "'additionalProperties':true},'paths':{'type':'object',"
	    "'additionalProperties':true}},'additionalProperties':true}" },
};

static void
open_words(const struct out *o, const char *name, const char *doc)
{
	json_key(o->b, name);
	json_object_open(o->b);
	json_member_text(o->b, "type", "string");
	json_member_text(o->b, "description", doc);
	json_key(o->b, "enum");
	json_array_open(o->b);
}

static void
close_words(const struct out *o)
{
	json_array_close(o->b);
	json_object_close(o->b);
}

static void
put_steps(const struct out *o, const char *name, const char *doc, int last)
{
	open_words(o, name, doc);
	for (int i = 0; i <= last; i++)
		json_string(o->b, str_of(probe_step_name((enum probe_step)i)));
	close_words(o);
}

/* A line for each reason. */
static const char *
reasons_text(const struct out *o)
{
	const char *text = "Why a test failed. New words may be added.\n";

	for (int i = 0; i < REASON__MAX; i++) {
		const struct reason_row *row = reason_row((enum reason)i);

		text = out_name(o, "%s\n* `%s` (%s): %s", text, row->word,
		    probe_step_name(row->step), row->detail);
	}
	return text;
}

static void
put_test_words(const struct out *o)
{
	open_words(o, "test_reason", reasons_text(o));
	for (int i = 0; i < REASON__MAX; i++)
		json_string(o->b, str_of(reason_row((enum reason)i)->word));
	close_words(o);
	put_steps(
	    o, "test_stage", "The step that failed, or `done`.", PROBE_DONE);
	put_steps(o, "test_step_name", "A step of a test.", PROBE_DONE - 1);
}

static void
put_timezones(const struct out *o)
{
	open_words(o, "timezone", "A name of the tz database, or UTC.");
	for (size_t i = 0; i < n_timezones; i++)
		json_string(o->b, str_of(list_timezones[i]));
	close_words(o);
}

static void
put_includes(const struct out *o, const struct resource *resource)
{
	const char *const *p = schema_includes(resource);

	if (*p == NULL)
		return;
	open_words(o, out_name(o, "%s_include", resource->one),
	    "A related row, or `_count` or `Exists` of a relation.");
	for (; *p != NULL; p++)
		json_string(o->b, str_of(*p));
	close_words(o);
}

static bool
is_sorted(const struct column *column)
{
	return (column->flags & COLUMN_SORT) != 0;
}

/* Two columns in each direction. */
static void
put_two_sorts(const struct out *o, const char *a, const char *b)
{
	json_string(o->b, arena_printf(o->arena, "%s,%s", a, b));
	json_string(o->b, arena_printf(o->arena, "%s,-%s", a, b));
	json_string(o->b, arena_printf(o->arena, "-%s,%s", a, b));
	json_string(o->b, arena_printf(o->arena, "-%s,-%s", a, b));
}

static void
put_sorts_by(const struct out *o, const struct resource *resource,
    const struct column *first)
{
	json_string(o->b, str_of(first->name));
	json_string(o->b, arena_printf(o->arena, "-%s", first->name));
	for (size_t i = 0; i < resource->n_columns; i++)
		if (is_sorted(&resource->columns[i]) &&
		    &resource->columns[i] != first)
			put_two_sorts(
			    o, first->name, resource->columns[i].name);
}

/* By one column or by two: as one text, which no client takes apart. */
static void
put_sorts(const struct out *o, const struct resource *resource)
{
	bool any = false;

	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (!is_sorted(column))
			continue;
		if (!any)
			open_words(o, out_name(o, "%s_sort", resource->one),
			    "Columns to sort by, `-` before a descending "
			    "one.");
		any = true;
		put_sorts_by(o, resource, column);
	}
	if (any)
		close_words(o);
}

/* {"data": one row} */
static void
put_row_answer(const struct out *o, const struct route *route)
{
	const struct action_facts *facts = action_facts(route->action);

	json_object_open(o->b);
	out_json(o, "'type':'object','required':['data']");
	json_key(o->b, "properties");
	json_object_open(o->b);
	if (facts->answer == ANSWER_ROW) {
		out_schema(o, "data", route->resource->one);
	} else {
		json_key(o->b, "data");
		schema_whole(o, route->resource, facts->always,
		    facts->answer == ANSWER_STORED);
	}
	json_object_close(o->b);
	json_object_close(o->b);
}

/* {"data": [rows], "links": {...}, "meta": {...}} */
static void
put_list_answer(const struct out *o, const struct route *route)
{
	json_object_open(o->b);
	out_json(o, "'type':'object','required':['data','links','meta']");
	json_key(o->b, "properties");
	json_object_open(o->b);
	json_key(o->b, "data");
	out_many(o, route->resource->one);
	out_schema(o, "links", "page_links");
	out_schema(o, "meta", "page_meta");
	json_object_close(o->b);
	json_object_close(o->b);
}

/* Whether an earlier route has the same action on the same resource. */
static bool
is_repeated(const struct route *routes, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (routes[k].action == routes[i].action &&
		    routes[k].resource == routes[i].resource)
			return true;
	return false;
}

/* What a route reads and answers about its resource. */
static void
put_route(const struct out *o, const struct route *route)
{
	const struct action_facts *facts = action_facts(route->action);
	bool update = facts->answer == ANSWER_UPDATED;

	if (route->resource == NULL || facts->answer == ANSWER_MESSAGE ||
	    facts->answer == ANSWER_RESULT)
		return;
	json_key(o->b, responses_schema(o, route));
	if (facts->answer == ANSWER_LIST)
		put_list_answer(o, route);
	else
		put_row_answer(o, route);
	if (!facts->body)
		return;
	json_key(o->b, out_name(o, "%s_%s", update ? "update" : "store",
			   route->resource->one));
	schema_body(o, route->resource, update);
}

static void
put_resources(const struct out *o)
{
	for (size_t i = 0; i < n_resources; i++) {
		if (!reach_resource(resources[i]))
			continue;
		schema_resource(o, resources[i]);
		if (!reach_is_root(resources[i]))
			continue;
		put_includes(o, resources[i]);
		put_sorts(o, resources[i]);
	}
}

void
components_schemas(const struct out *o)
{
	size_t n;
	const struct route *routes = route_table(&n);

	json_key(o->b, "schemas");
	json_object_open(o->b);
	put_resources(o);
	for (size_t i = 0; i < n; i++)
		if (!is_repeated(routes, i))
			put_route(o, &routes[i]);
	for (size_t i = 0; i < N_ELEMENTS(fixed); i++) {
		json_key(o->b, fixed[i].name);
		out_json(o, fixed[i].json);
	}
	put_test_words(o);
	put_timezones(o);
	json_object_close(o->b);
}
