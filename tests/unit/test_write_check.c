/*
 * src/api/write_check.c
 */
#include <config.h>

#include "api/write_check.h"

#include <criterion/criterion.h>

#include "deciding.h"
#include "validating.h"

#define IMPLEMENTATION "'authentication_implementation_id'"
#define NEW_KEY        "{'variables':[{'key':'k','label':'l'}]}"

/* What the database is asked once the body is known: `session` or 0, the
 * implementation that will be used, the one that is used. */
static const struct {
	const char *stored, *body;
	const char *session;
	int64_t implementation, before;
} questions[] = {
	{ NULL, STORE("'x':1"), NULL, 1, 0 },
	{ NULL, STORE(IMPLEMENTATION ":4"), NULL, 4, 0 },
	/* A session has to fit an app; without both there is nothing to. */
	{ NULL, STORE("'session_id':'S'"), NULL, 1, 0 },
	{ NULL, STORE("'platform_app_key':'app'"), NULL, 1, 0 },
	{ NULL, STORE("'session_id':null,'platform_app_key':'app'"), NULL, 1,
	    0 },
	{ NULL, STORE("'session_id':'S','platform_app_key':'app'"), "S", 1, 0 },
	/* What an update sends back is not held against the implementation. */
	{ "five=a *six=b", "{}", NULL, 0, 0 },
	{ "five=a *six=b", "{'name':'x','certificate_id':3}", NULL, 0, 0 },
	{ "five=a *six=b",
	    "{" IMPLEMENTATION ":'1','variables':["
	    "{'id':5,'value':'a'},{'id':6,'label':'l',"
	    "'value':'********'}]}",
	    NULL, 0, 0 },
	{ "five=a *six=b", "{'variables':[{'id':5,'value':'b'}]}", NULL, 1, 1 },
	{ "five=a *six=b", "{'variables':[{'id':6,'value':'b'}]}", NULL, 1, 1 },
	{ "five=a", "{'variables':[{'id':5,'_destroy':1}]}", NULL, 1, 1 },
	{ "five=a", NEW_KEY, NULL, 1, 1 },
	{ "five=a", "{" IMPLEMENTATION ":4}", NULL, 4, 1 },
	/* Even a list that may not be so: its other faults are told, too. */
	{ "!five=a", "{'variables':[{'id':5,'_destroy':1}]}", NULL, 1, 1 },
};

Test(write_check, only_what_may_matter_is_asked)
{
	for (size_t i = 0; i < N_ELEMENTS(questions); i++) {
		struct deciding *d =
		    deciding(questions[i].stored, questions[i].body);
		const struct write_questions *asked = &d->wanted.questions;
		const char *body = questions[i].body;

		cr_expect_eq(d->error, OK, "%s", body);
		cr_expect_eq(asked->implementation, questions[i].implementation,
		    "%s", body);
		cr_expect_eq(asked->implementation_before, questions[i].before,
		    "%s", body);
		if (questions[i].session == NULL)
			cr_expect_eq(
			    asked->session.type, VALUE_NULL, "%s", body);
		else
			cr_expect(str_equal_text(asked->session.text,
				      questions[i].session),
			    "%s", body);
		deciding_done(d);
	}
}

Test(write_check, a_body_that_breaks_a_rule_is_refused_at_once)
{
	static const char body[] = "{'name':null,'variables':[{'id':5,"
				   "'_destroy':true},{'id':99}]}";
	struct deciding *d = deciding("!five=a", body);

	cr_expect_eq(d->error, ERROR_INVALID);
	deciding_expect(d, body, "name=string variables.1.id=selected");
	deciding_done(d);
}

/* Implementations that ask for a `host`, and whose host that variable is; the
 * session's app is 7, 8 or none (0). after 0: the company may not see it. */
static const struct {
	const char *stored, *body;
	int64_t session_app, after;
	const char *errors;
} answers[] = {
	{ NULL, STORE("'x':1"), 0, 1, "variables=needs:host" },
	{ NULL, ITEMS("{'key':'host','label':'l','value':'h'}"), 0, 1, "" },
	{ NULL, STORE("'x':1"), 0, 0,
	    "authentication_implementation_id=selected" },
	{ NULL,
	    ITEMS("{'key':'host','label':'l','value':'h','secret':true},"
		  "{'key':'k','label':'l','value':'********',"
		  "'secret':true}"),
	    0, 1, "variables.1.value=mask" },
	{ NULL, STORE("'session_id':'S','platform_app_key':'app'"), 7, 0,
	    "authentication_implementation_id=selected" },
	{ NULL, STORE("'session_id':'S','platform_app_key':'app'"), 8, 1,
	    "platform_app_key=foreign variables=needs:host" },
	{ NULL, STORE("'session_id':'S','platform_app_key':'app'"), 0, 1,
	    "platform_app_key=foreign variables=needs:host" },
	/* Nothing is asked, so nothing is wrong. */
	{ "five=a", "{'name':'x'}", 0, 1, "" },
	{ "five=a", NEW_KEY, 0, 1, "variables=needs:host" },
	{ "host=a *six=b", NEW_KEY, 0, 1, "" },
	{ "host=a *six=b", "{'variables':[{'id':5,'value':'b'}]}", 0, 1,
	    "variables.*=again:six" },
	{ "host=a *six=b", "{" IMPLEMENTATION ":4}", 0, 4,
	    "variables.*=again:six" },
	{ "host=a *six=b", "{" IMPLEMENTATION ":4}", 0, 0,
	    "authentication_implementation_id=selected" },
	/* All that is wrong with the variables is said at once. */
	{ "host=a *six=b !seven",
	    "{'variables':[{'id':5,'value':null},{'id':7,'_destroy':true}]}", 0,
	    1,
	    "variables.1._destroy=stays variables=needs:host "
	    "variables.*=again:six" },
};

/* One whose host is the variable of that name, which it requires. */
static struct implementation
implementation(struct arena *arena, int64_t id)
{
	struct implementation i = { .id = id,
		.url = STR("https://{{host}}/"),
		.protocol = STR("HTTP") };

	deciding_read(arena, "host?", &i.variables);
	return i;
}

Test(write_check, what_the_answers_say_to_a_body)
{
	for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
		struct deciding *d =
		    deciding(answers[i].stored, answers[i].body);
		struct write_answers told = {
			.after = implementation(d->arena, answers[i].after),
			.before = implementation(d->arena, 1),
		};
		const char *errors = answers[i].errors;

		if (answers[i].session_app != 0)
			told.session_app = value_int(answers[i].session_app);
		cr_expect_eq(write_check_answers(d->arena, &d->facts,
				 &d->wanted, &told, &d->problem),
		    *errors == '\0' ? OK : ERROR_INVALID, "%s",
		    answers[i].body);
		deciding_expect(d, answers[i].body, errors);
		deciding_done(d);
	}
}
