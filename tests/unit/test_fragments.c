/*
 * src/api/fragments.c, on recorded rows: what is asked for again, and by whom.
 */
#include <config.h>

#include "api/fragments.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "api/execute.h"
#include "engine/encode.h"
#include "querying.h"
#include "recorded.h"

#define PLENTY      (64 << 10)
#define STEPS_MAX   6
#define ANSWERS_MAX 8
#define BODY_MAX    (1 << 20)

#define IDS                                                                \
	"fields[connectors]=id&fields[authentication_implementations]=id&" \
	"fields[systems]=id&"
#define SYSTEM "include=authenticationImplementation.system"
/* The connector 7 of the company, with the implementation 5. */
#define ROOT(company)                                  \
	ANSWER("SELECT connectors " #company ",7,1,0", \
	    "id=7 authentication_implementation_id=5")
#define READ(company)                                                   \
	ROOT(company),                                                  \
	    ANSWER("SELECT authentication_implementations 5," #company, \
		"5: id=5 system_id=9"),                                 \
	    ANSWER("SELECT systems 9," #company, "9: id=9")
/* Whose the implementation 5 is: 0 everybody's; at a version. */
#define OWNED(owned, common) ANSWER("SELECT systems 5", "5 " #owned " " #common)
#define SHOWN                                                       \
	"{'id':7,'authentication_implementation':{'id':5,'system':" \
	"{'id':9}}}"
#define COUNTED                                       \
	SYSTEM ",authenticationImplementation_count," \
	       "authenticationImplementationExists"
#define COUNTS(n, exists)                                   \
	"{'id':7,'authentication_implementation_count':" #n \
	",'authentication_implementation_exists':" #exists  \
	",'authentication_implementation':{'id':5,'system':{'id':9}}}"
#define NOTHING                                            \
	"{'id':7,'authentication_implementation_count':0," \
	"'authentication_implementation_exists':false,"    \
	"'authentication_implementation':null}"
#define HIDDEN "{'id':7,'authentication_implementation':null}"

/* The connector at a version, and its variables. */
#define AT(company, version)                                   \
	ANSWER("SELECT connectors " #company ",7,1,0", "id=7 " \
						       "version=" #version)
#define LINKS(company, keys) \
	ANSWER_OF("SELECT model_variables 7," #company, "variables", keys)
#define VARIABLES "include=variables&fields[variables]=key"
#define COUNTED_VARIABLES                                    \
	"include=variables,variables_count,variablesExists&" \
	"fields[variables]=key"
#define VARIABLE(key)                                            \
	"{'id':null,'key':'" key "','pivot':{'model_type':null," \
	"'model_id':null,'variable_id':null,'alias':null,"       \
	"'configurable':null,'required':null,'advanced':null}}"
#define SHOWN_VARIABLE(key) "{'id':7,'variables':[" VARIABLE(key) "]}"
#define SHOWN_VARIABLES \
	"{'id':7,'variables':[" VARIABLE("a") "," VARIABLE("b") "]}"
#define SHOWN_COUNTS                                           \
	"{'id':7,'variables_count':2,'variables_exists':true," \
	"'variables':[" VARIABLE("a") "," VARIABLE("b") "]}"
#define NO_VARIABLES \
	"{'id':7,'variables_count':0,'variables_exists':false,'variables':[]}"

/* A request of a company at a version of what all share. */
struct step {
	int64_t company, common;
	const char
	    *query; /* NULL: SYSTEM; after '!' uncommitted rows are read */
	struct recorded answers[ANSWERS_MAX];
	const char *json; /* NULL: SHOWN */
};

struct fragments_case {
	const char *what;
	size_t max; /* of the cache; 0: PLENTY */
	struct step steps[STEPS_MAX];
};

/* What was read and kept by company 1 at version 3. */
#define MADE(owned)                                            \
	{                                                      \
		1, 3, NULL, { READ(1), OWNED(owned, 3) }, NULL \
	}

static const struct fragments_case cases[] = {
	{ "of all companies, for all", 0,
	    { MADE(0), { 1, 3, NULL, { ROOT(1) }, NULL },
		{ 2, 3, NULL, { ROOT(2) }, NULL } } },
	{ "of a company, for that one", 0,
	    { MADE(1), { 2, 3, NULL, { READ(2), OWNED(1, 3) }, NULL },
		{ 1, 3, NULL, { ROOT(1) }, NULL },
		{ 2, 3, NULL, { ROOT(2) }, NULL } } },
	{ "what is hidden from one is shown to the other", 0,
	    { { 1, 3, NULL,
		  { ROOT(1), ASKED("SELECT authentication_implementations 5,1"),
		      OWNED(1, 3) },
		  HIDDEN },
		{ 2, 3, NULL, { READ(2), OWNED(1, 3) }, NULL },
		{ 1, 3, NULL, { ROOT(1) }, HIDDEN },
		{ 2, 3, NULL, { ROOT(2) }, NULL } } },
	{ "another version", 0,
	    { MADE(0), { 1, 4, NULL, { READ(1), OWNED(0, 4) }, NULL },
		{ 2, 4, NULL, { ROOT(2) }, NULL },
		{ 2, 3, NULL, { READ(2), OWNED(0, 3) }, NULL } } },
	{ "an import while it was read", 0,
	    { { 1, 3, NULL, { READ(1), OWNED(0, 4) }, NULL },
		{ 1, 3, NULL, { READ(1), OWNED(1, 4) }, NULL },
		{ 1, 4, NULL, { READ(1), OWNED(0, 4) }, NULL },
		{ 1, 4, NULL, { ROOT(1) }, NULL } } },
	{ "from a company to all, and to another company", 0,
	    { MADE(1), { 2, 4, NULL, { READ(2), OWNED(0, 4) }, NULL },
		{ 1, 4, NULL, { READ(1), OWNED(0, 4) }, NULL },
		{ 1, 4, NULL, { ROOT(1) }, NULL },
		{ 1, 5, NULL, { READ(1), OWNED(1, 5) }, NULL },
		{ 2, 5, NULL, { READ(2), OWNED(1, 5) }, NULL } } },
	{ "the row is gone when it is asked whose it is", 0,
	    { { 1, 3, NULL, { READ(1), ASKED("SELECT systems 5") }, NULL },
		{ 1, 3, NULL, { READ(1), OWNED(0, 3) }, NULL } } },
	{ "another shape", 0,
	    { MADE(0),
		{ 1, 3, "include=authenticationImplementation",
		    { ROOT(1),
			ANSWER("SELECT authentication_implementations 5,1",
			    "5: id=5 system_id=9"),
			OWNED(0, 3) },
		    "{'id':7,'authentication_implementation':{'id':5}}" },
		{ 1, 3, "include=authenticationImplementation", { ROOT(1) },
		    "{'id':7,'authentication_implementation':{'id':5}}" },
		{ 1, 3, NULL, { ROOT(1) }, NULL } } },
	{ "other fields", 0,
	    { MADE(0),
		{ 1, 3, SYSTEM "&fields[systems]=id,version",
		    { READ(1), OWNED(0, 3) },
		    "{'id':7,'authentication_implementation':{'id':5,'system':"
		    "{'id':9,'version':null}}}" },
		{ 1, 3, SYSTEM "&fields[connectors]=id,type", { ROOT(1) },
		    "{'id':7,'type':null,'authentication_implementation':"
		    "{'id':5,'system':{'id':9}}}" } } },
	{ "counts are those of what is shown", 0,
	    { { 1, 3, COUNTED, { READ(1), OWNED(0, 3) }, COUNTS(1, true) },
		{ 2, 3, COUNTED, { ROOT(2) }, COUNTS(1, true) },
		{ 1, 4, COUNTED,
		    { ROOT(1),
			ASKED("SELECT authentication_implementations 5,1"),
			OWNED(1, 4) },
		    NOTHING },
		{ 1, 4, COUNTED, { ROOT(1) }, NOTHING } } },
	{ "none is referred to", 0,
	    { { 1, 3, NULL, { ANSWER("SELECT connectors 1,7,1,0", "id=7") },
		HIDDEN } } },
	{ "of a connector, as long as it has that version", 0,
	    { { 1, 3, VARIABLES, { AT(1, 4), LINKS(1, "7: key=a;7: key=b") },
		  SHOWN_VARIABLES },
		{ 1, 3, VARIABLES, { AT(1, 4) }, SHOWN_VARIABLES },
		{ 1, 3, VARIABLES, { AT(1, 5), LINKS(1, "7: key=c") },
		    SHOWN_VARIABLE("c") },
		{ 1, 4, VARIABLES, { AT(1, 5), LINKS(1, "7: key=d") },
		    SHOWN_VARIABLE("d") },
		{ 2, 4, VARIABLES, { AT(2, 5), LINKS(2, "7: key=e") },
		    SHOWN_VARIABLE("e") },
		{ 1, 4, VARIABLES, { AT(1, 5) }, SHOWN_VARIABLE("d") } } },
	{ "of a connector, in a transaction that may be rolled back", 0,
	    { { 1, 3, "!" VARIABLES, { AT(1, 4), LINKS(1, "7: key=c") },
		  SHOWN_VARIABLE("c") },
		{ 1, 3, VARIABLES, { AT(1, 4), LINKS(1, "7: key=a;7: key=b") },
		    SHOWN_VARIABLES },
		{ 1, 3, "!" VARIABLES, { AT(1, 4), LINKS(1, "7: key=c") },
		    SHOWN_VARIABLE("c") },
		{ 1, 3, VARIABLES, { AT(1, 4) }, SHOWN_VARIABLES } } },
	{ "counts of a connector's own are those of what is shown", 0,
	    { { 1, 3, COUNTED_VARIABLES,
		  { AT(1, 4), LINKS(1, "7: key=a;7: key=b") }, SHOWN_COUNTS },
		{ 1, 3, COUNTED_VARIABLES, { AT(1, 4) }, SHOWN_COUNTS },
		{ 1, 3, COUNTED_VARIABLES,
		    { AT(1, 5), ASKED("SELECT model_variables 7,1") },
		    NO_VARIABLES },
		{ 1, 3, COUNTED_VARIABLES, { AT(1, 5) }, NO_VARIABLES } } },
	{ "nothing is kept, so nobody asks whose it is", 1,
	    { { 1, 3, NULL, { READ(1) }, NULL },
		{ 1, 3, NULL, { READ(1) }, NULL } } },
};

/* One request after the other, as a worker serves them. */
struct asking {
	struct answer_cache *cache;
	struct data_version version;
	struct querying *q;
	struct result result;
	struct buf body;
	enum error error;
};

static void
ask(struct asking *a, const struct step *step)
{
	static const struct sql_root ids = { .by_id = true, .id = 7 };
	struct sql_root root = ids;
	const char *query = step->query == NULL ? SYSTEM : step->query;
	struct reader reader = { .fragments = a->cache,
		.version = &a->version,
		.keeps_own = query[0] != '!' };
	struct problem problem;
	char text[512];
	size_t n = 0;

	while (n < ANSWERS_MAX && step->answers[n].asked != NULL)
		n++;
	snprintf(text, sizeof(text), "%s%s", IDS, query + !reader.keeps_own);
	a->q = querying(text);
	cr_assert_eq(a->q->error, OK, "%s", text);
	a->version = (struct data_version){ step->company, 1, step->common };
	problem = (struct problem){ .arena = a->q->arena };
	root.company_id = step->company;
	reader.db = recorded_begin(a->q->arena, step->answers, n);
	a->error = execute_show(a->q->arena, &reader, &a->q->query, &root,
	    (struct at_hand){ 0 }, &a->result, &problem);
}

static void
answer(struct asking *a)
{
	encode_root(a->q->arena, &a->body, &a->q->query, &a->result, 0);
	fragments_keep(
	    a->q->arena, a->cache, &a->version, &a->result, &a->body);
}

static void
check_step(struct asking *a, const struct step *step, const char *what)
{
	ask(a, step);
	cr_expect_eq(a->error, OK, "%s", what);
	buf_init(&a->body, BODY_MAX);
	answer(a);
	for (size_t i = 0; i < a->body.len; i++)
		if (a->body.ptr[i] == '"')
			a->body.ptr[i] = '\'';
	cr_expect(str_equal_text(buf_str(&a->body),
		      step->json == NULL ? SHOWN : step->json),
	    "%s: %.*s", what, STR_FMT(buf_str(&a->body)));
	buf_done(&a->body);
	recorded_end(what);
	querying_done(a->q);
}

Test(fragments, are_given_to_those_who_see_the_same)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		const struct fragments_case *c = &cases[i];
		struct asking a = { .cache = answer_cache_new(
					c->max == 0 ? PLENTY : c->max) };

		for (const struct step *step = c->steps;
		     step < c->steps + STEPS_MAX && step->company != 0; step++)
			check_step(&a, step, c->what);
		answer_cache_free(a.cache);
	}
}

/* Without a cache, as in a program that reads rows. */
Test(fragments, are_none_without_a_cache)
{
	static const struct step step = { 1, 3, NULL, { READ(1) }, NULL };
	struct asking a = { 0 };

	check_step(&a, &step, "no cache");
}

static const struct step made = MADE(0);
static const struct step again = { 1, 3, NULL, { READ(1), OWNED(0, 3) }, NULL };

Test(fragments, of_an_answer_that_became_too_large_are_not_kept)
{
	struct asking a = { .cache = answer_cache_new(PLENTY) };

	ask(&a, &made);
	buf_init(&a.body, 50);
	answer(&a);
	cr_expect(a.body.overflow);
	buf_done(&a.body);
	querying_done(a.q);
	cr_expect_eq(answer_cache_counters(a.cache).bytes, 0);
	check_step(&a, &again, "as if it had not been asked for");
	answer_cache_free(a.cache);
}

Test(fragments, that_were_kept_and_do_not_fit_overflow_the_answer)
{
	static const struct step kept = { 1, 3, NULL, { ROOT(1) }, NULL };
	struct asking a = { .cache = answer_cache_new(PLENTY) };

	check_step(&a, &made, "made");
	ask(&a, &kept);
	buf_init(&a.body, 50);
	answer(&a);
	cr_expect(a.body.overflow);
	buf_done(&a.body);
	querying_done(a.q);
	check_step(&a, &kept, "still there");
	answer_cache_free(a.cache);
}

Test(fragments, are_counted_once_each)
{
	static const struct step kept = { 2, 3, NULL, { ROOT(2) }, NULL };
	struct asking a = { .cache = answer_cache_new(PLENTY) };
	struct answer_cache_counters counters;

	check_step(&a, &made, "made");
	check_step(&a, &kept, "kept");
	check_step(&a, &kept, "kept");
	counters = answer_cache_counters(a.cache);
	cr_expect_eq(counters.hits, 2);
	cr_expect_eq(counters.misses, 1);
	cr_expect_gt(counters.bytes, 0);
	answer_cache_free(a.cache);
}

/* Whose it is cannot be found out: the request fails as any that reads. */
Test(fragments, need_the_database_to_know_whose_they_are)
{
	static const struct step step = { 1, 3, NULL,
		{ READ(1), { .asked = "SELECT systems 5",
			       .error = ERROR_UNAVAILABLE } },
		NULL };
	struct asking a = { .cache = answer_cache_new(PLENTY) };

	ask(&a, &step);
	cr_expect_eq(a.error, ERROR_UNAVAILABLE);
	recorded_end("owners");
	querying_done(a.q);
	answer_cache_free(a.cache);
}
