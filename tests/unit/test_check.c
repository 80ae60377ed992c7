/*
 * src/engine/check.c: the rules of one field, and its limits.
 */
#include <config.h>

#include "engine/check.h"

#include <criterion/criterion.h>
#include <string.h>

#include "validating.h"

#define UNIT           "rate_limit_unit"
#define DURATION       "rate_limit_duration"
#define IMPLEMENTATION "authentication_implementation_id"

static const struct validating_case cases[] = {
	{ STORE("'timezone':'Europe/Kyiv'"), "" },
	{ STORE("'timezone':' UTC\\u00a0'"), "" },
	{ STORE("'timezone':'utc'"), "timezone=timezone" },
	{ STORE("'timezone':'Etc/UTC'"), "timezone=timezone" },
	{ STORE("'timezone':'Europe/Kiev'"), "timezone=timezone" },
	{ STORE("'timezone':'+01:00'"), "timezone=timezone" },
	{ STORE("'timezone':1"), "timezone=string|timezone" },
	{ STORE("'timezone':['UTC']"), "timezone=string|timezone" },
	{ STORE("'" UNIT "':'second'"), "" },
	{ STORE("'" UNIT "':'day '"), "" },
	{ STORE("'" UNIT "':'Hour'"), UNIT "=selected" },
	{ STORE("'" UNIT "':'hours'"), UNIT "=selected" },
	{ STORE("'" UNIT "':['hour']"), UNIT "=string|selected" },
	{ STORE("'" UNIT "':1"), UNIT "=string|selected" },
	{ STORE("'" DURATION "':1"), "" },
	{ STORE("'" DURATION "':' +12 '"), "" },
	{ STORE("'" DURATION "':2147483647"), "" },
	{ STORE("'" DURATION "':'012'"), DURATION "=integer" },
	{ STORE("'" DURATION "':12.0"), DURATION "=integer" },
	{ STORE("'" DURATION "':1e3"), DURATION "=integer" },
	{ STORE("'" DURATION "':true"), DURATION "=integer" },
	{ STORE("'" DURATION "':'five'"), DURATION "=integer" },
	{ STORE("'" DURATION "':{'a':1}"), DURATION "=integer" },
	{ STORE("'" DURATION "':0"), DURATION "=min:1" },
	{ STORE("'" DURATION "':'-1'"), DURATION "=min:1" },
	{ STORE("'" DURATION "':'0.5'"), DURATION "=integer|min:1" },
	{ STORE("'" DURATION "':2147483648"), DURATION "=max:2147483647" },
	{ STORE("'" DURATION "':'1e999'"), DURATION "=integer|max:2147483647" },
	{ STORE("'" DURATION "':99999999999999999999"),
	    DURATION "=integer|max:2147483647" },
	{ STORE("'" DURATION "':-99999999999999999999"),
	    DURATION "=integer|min:1" },
	{ STORE("'" IMPLEMENTATION "':'1'"), "" },
	{ STORE("'" IMPLEMENTATION "':' 1 '"), "" },
	{ STORE("'" IMPLEMENTATION "':1.0"), IMPLEMENTATION "=selected" },
	{ STORE("'" IMPLEMENTATION "':'1a'"), IMPLEMENTATION "=selected" },
	{ STORE("'" IMPLEMENTATION "':'+1'"), IMPLEMENTATION "=selected" },
	{ STORE("'" IMPLEMENTATION "':true"), IMPLEMENTATION "=selected" },
	{ STORE("'" IMPLEMENTATION "':[1]"), IMPLEMENTATION "=selected" },
	{ STORE("'" IMPLEMENTATION "':-1"), IMPLEMENTATION "=selected" },
	{ STORE("'" IMPLEMENTATION "':'99999999999999999999'"),
	    IMPLEMENTATION "=selected" },
	{ ITEM("'key':'_A-z.0'"), "" },
	{ ITEM("'key':'  k  '"), "" },
	{ ITEM("'key':'0k'"), "variables.0.key=format" },
	{ ITEM("'key':'-k'"), "variables.0.key=format" },
	{ ITEM("'key':'.k'"), "variables.0.key=format" },
	{ ITEM("'key':'a b'"), "variables.0.key=format" },
	{ ITEM("'key':'a\\nb'"), "variables.0.key=format" },
	{ ITEM("'key':'\\u00e9'"), "variables.0.key=format" },
	{ ITEM("'key':'a{{b}}'"), "variables.0.key=format" },
	{ ITEM("'key':5"), "variables.0.key=string|format" },
	{ ITEM("'key':['k']"), "variables.0.key=string|format" },
	{ ITEM("'label':1"), "variables.0.label=string" },
	{ ITEM("'value':''"), "" },
	{ ITEM("'value':'  '"), "" },
	{ ITEM("'value':1"), "variables.0.value=string" },
	{ ITEM("'value':false"), "variables.0.value=string" },
	{ ITEM("'value':[]"), "variables.0.value=string" },
	{ ITEM("'secret':true,'locked':false"), "" },
	{ ITEM("'secret':0,'locked':1"), "" },
	{ ITEM("'secret':'0','locked':' 1 '"), "" },
	{ ITEM("'secret':2,'locked':-1"),
	    "variables.0.secret=flag variables.0.locked=flag" },
	{ ITEM("'secret':'true','locked':1.0"),
	    "variables.0.secret=flag variables.0.locked=flag" },
	{ ITEM("'secret':[],'locked':'01'"),
	    "variables.0.secret=flag variables.0.locked=flag" },
};

Test(check, types_formats_and_ranges)
{
	validating_expect_all(false, cases, N_ELEMENTS(cases));
}

/* A body with n times a unit of text in it; until the next call. */
static const char *
repeated(const char *begin, const char *unit, size_t n, const char *end)
{
	static char body[80000];
	size_t len = strlen(begin), step = strlen(unit);

	cr_assert_lt(len + n * step + strlen(end), sizeof(body));
	memcpy(body, begin, len);
	for (size_t i = 0; i < n; i++, len += step)
		memcpy(body + len, unit, step);
	memcpy(body + len, end, strlen(end) + 1);
	return body;
}

#define ITEM_BEGIN "{" BASE ",'variables':[{'key':'k','label':'l',"

static const struct {
	const char *begin, *unit;
	size_t max;
	const char *end, *error; /* of one more than max */
} limits[] = {
	{ "{" BASE ",'name':'", "\xC3\xA9", 255, "'}", "name=longer:255" },
	{ "{" BASE ",'name':'  ", "\xF0\x9F\x92\x9A", 255, "  '}",
	    "name=longer:255" },
	{ "{" BASE ",'date_format':'", "Y", 64, "'}", "date_format=longer:64" },
	{ ITEM_BEGIN "'key':'", "k", 255, "'}]}",
	    "variables.0.key=longer:255" },
	{ ITEM_BEGIN "'label':'", "\xC3\xA9", 255, "'}]}",
	    "variables.0.label=longer:255" },
	{ ITEM_BEGIN "'pivot':{'alias':'", "a", 255, "'}}]}",
	    "variables.0.pivot.alias=longer:255" },
	/* Bytes, and untrimmed. */
	{ ITEM_BEGIN "'value':'", " ", 65535, "'}]}",
	    "variables.0.value=longer:65535" },
	{ ITEM_BEGIN "'value':'", "\xE2\x82\xAC", 21845, "'}]}",
	    "variables.0.value=longer:65535" },
};

Test(check, limits_of_texts)
{
	for (size_t i = 0; i < N_ELEMENTS(limits); i++) {
		const char *begin = limits[i].begin, *unit = limits[i].unit;
		const char *end = limits[i].end;
		size_t max = limits[i].max;

		validating_expect(false, repeated(begin, unit, max, end), "");
		validating_expect(false, repeated(begin, unit, max + 1, end),
		    limits[i].error);
	}
	validating_expect(
	    true, repeated("{'type':'", "t", 256, "'}"), "type=longer:255");
}

Test(check, a_reference_of_any_length_is_just_unknown)
{
	validating_expect(false,
	    repeated("{" BASE ",'session_id':'", "S", 65, "'}"),
	    "session_id=selected");
	validating_expect(false,
	    repeated("{" BASE ",'platform_app_key':'", "a", 256, "'}"),
	    "platform_app_key=selected");
}

Test(check, a_list_over_its_limit_is_the_only_error_of_its_items)
{
	validating_expect(true,
	    repeated("{'variables':[{'id':5}", ",{'id':6}", 199, "]}"), "");
	validating_expect(true,
	    repeated("{'variables':[{'id':5}", ",{'id':9}", 200, "]}"),
	    "variables=items:200");
}
