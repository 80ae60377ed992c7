/*
 * src/engine/query*.c: pages, includes, and what is refused
 */
#include <config.h>

#include "engine/query.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buf.h"
#include "querying.h"
#include "schema/tables.h"

/* Of 422s the fields in parentheses, of others the message. */
static struct str
problem_text(struct querying *f)
{
	struct str text = f->problem.message;

	for (struct problem_field *field = f->problem.fields; field != NULL;
	     field = field->next)
		for (struct problem_text *t = field->texts; t != NULL;
		     t = t->next)
			text = arena_printf(f->arena, "%.*s(%.*s: %.*s)",
			    STR_FMT(text), STR_FMT(field->name),
			    STR_FMT(t->text));
	return text;
}

static const struct {
	const char *text;
	int64_t page, per_page;
} page_cases[] = {
	{ "", 1, 15 },
	{ "page=2", 2, 15 },
	{ "page=2&per_page=3", 2, 3 },
	{ "page=&per_page=", 1, 15 },
	{ "page=%20&per_page=%C2%A0", 1, 15 },
	{ "page=%202%20", 2, 15 },
	{ "page=+2", 2, 15 },
	{ "page=%2B2", 2, 15 },
	{ "page=2&page=3", 3, 15 },
	{ "per_page=1", 1, 1 },
	{ "per_page=100", 1, 100 },
	{ "page=2147483647", 2147483647, 15 },
	{ "Page=7", 1, 15 },
};

Test(query, reads_pages)
{
	for (size_t i = 0; i < N_ELEMENTS(page_cases); i++) {
		struct querying *f = querying(page_cases[i].text);

		cr_expect_eq(f->error, OK, "%s", page_cases[i].text);
		cr_expect_eq(f->query.page, page_cases[i].page, "%s",
		    page_cases[i].text);
		cr_expect_eq(f->query.per_page, page_cases[i].per_page, "%s",
		    page_cases[i].text);
		querying_done(f);
	}
}

#define INTEGER(field, title) \
	"(" field ": The " title " field must be an integer.)"
#define AT_LEAST(field, title) \
	"(" field ": The " title " field must be at least 1.)"
#define AT_MOST(field, title, n)                               \
	"(" field ": The " title " field must not be greater " \
	"than " n ".)"

static const struct {
	const char *text, *problem;
} bad_page_cases[] = {
	{ "page=0", AT_LEAST("page", "page") },
	{ "page=-1", AT_LEAST("page", "page") },
	{ "page=abc", INTEGER("page", "page") },
	{ "page=1.0", INTEGER("page", "page") },
	{ "page=1.5", INTEGER("page", "page") },
	{ "page=01", INTEGER("page", "page") },
	{ "page=1e1", INTEGER("page", "page") },
	{ "page=1,2", INTEGER("page", "page") },
	{ "page=true", INTEGER("page", "page") },
	{ "page=99999999999999999999", INTEGER("page", "page") },
	{ "page[]=1", INTEGER("page", "page") },
	{ "page[a]=1", INTEGER("page", "page") },
	{ "page=0.5", INTEGER("page", "page") AT_LEAST("page", "page") },
	{ "page=2147483648", AT_MOST("page", "page", "2147483647") },
	{ "per_page=0", AT_LEAST("per_page", "per page") },
	{ "per_page=-5", AT_LEAST("per_page", "per page") },
	{ "per_page=101", AT_MOST("per_page", "per page", "100") },
	{ "per_page=abc", INTEGER("per_page", "per page") },
	{ "per_page=0100", INTEGER("per_page", "per page") },
	{ "per_page=1e2", INTEGER("per_page", "per page") },
	{ "per_page=1%202", INTEGER("per_page", "per page") },
	{ "per_page=1e3", INTEGER("per_page", "per page")
			      AT_MOST("per_page", "per page", "100") },
	{ "per_page[]=5", INTEGER("per_page", "per page") },
	{ "per_page=500&page=0",
	    AT_LEAST("page", "page") AT_MOST("per_page", "per page", "100") },
	{ "page=0&include=bad&filter[x]=1", AT_LEAST("page", "page") },
};

Test(query, refuses_pages_out_of_range)
{
	for (size_t i = 0; i < N_ELEMENTS(bad_page_cases); i++) {
		struct querying *f = querying(bad_page_cases[i].text);

		cr_expect_eq(
		    f->error, ERROR_INVALID, "%s", bad_page_cases[i].text);
		cr_expect(
		    str_equal_text(problem_text(f), bad_page_cases[i].problem),
		    "%s: %.*s", bad_page_cases[i].text,
		    STR_FMT(problem_text(f)));
		querying_done(f);
	}
}

/* member(member ...) of the relations in order, then the aggregates. */
static void
show_includes(struct buf *b, const struct include *include)
{
	for (; include != NULL; include = include->next) {
		buf_add_text(b, include->relation->member);
		if (include->children != NULL) {
			buf_add_char(b, '(');
			show_includes(b, include->children);
			buf_add_char(b, ')');
		}
		if (include->next != NULL)
			buf_add_char(b, ' ');
	}
}

static void
show_query(struct buf *b, const struct query *query)
{
	show_includes(b, query->root.children);
	for (const struct aggregate *a = query->aggregates; a != NULL;
	     a = a->next)
		buf_printf(b, " %s%s", a->relation->member,
		    a->kind == AGGREGATE_COUNT ? "#" : "?");
}

#define IMPLEMENTATION "authenticationImplementation"

static const struct {
	const char *text, *includes;
} include_cases[] = {
	{ "", "" },
	{ "include=", "" },
	{ "include=,,", "" },
	{ "include=0", "" },
	{ "include[]=0&include[]=", "" },
	{ "Include=x", "" },
	{ "include=variables", "variables" },
	{ "include=%20variables%20", "variables" },
	{ "include=certificate,variables", "certificate variables" },
	{ "include=variables&include=certificate", "certificate" },
	{ "include[]=variables&include[]=certificate",
	    "variables certificate" },
	{ "include[5]=variables&include[x]=certificate",
	    "variables certificate" },
	{ "include=variables%2Ccertificate,", "variables certificate" },
	{ "include=variables,variables", "variables" },
	{ "include=,,variables_count,", " variables#" },
	{ "include=variablesExists,variables_count", " variables? variables#" },
	{ "include=variables_count,variables_count", " variables#" },
	{ "include=variables,variables_count", "variables variables#" },
	{ "include=certificate.user,certificate", "certificate(user)" },
	{ "include=certificate.user", "certificate(user)" },
	{ "include=" IMPLEMENTATION "_count," IMPLEMENTATION "Exists",
	    " authentication_implementation# authentication_implementation?" },
	{ "include=" IMPLEMENTATION ".endpoints.system.logo," IMPLEMENTATION
	  ".system",
	    "authentication_implementation(endpoints(system(logo)) system)" },
	{ "include=" IMPLEMENTATION ".system.systemType," IMPLEMENTATION
	  ".system.logo",
	    "authentication_implementation(system(system_type logo))" },
};

Test(query, reads_includes_in_the_order_asked)
{
	for (size_t i = 0; i < N_ELEMENTS(include_cases); i++) {
		struct querying *f = querying(include_cases[i].text);
		struct buf b;

		buf_init(&b, 1000);
		cr_expect_eq(f->error, OK, "%s", include_cases[i].text);
		show_query(&b, &f->query);
		cr_expect(
		    str_equal_text(buf_str(&b), include_cases[i].includes),
		    "%s: %.*s", include_cases[i].text, STR_FMT(buf_str(&b)));
		buf_done(&b);
		querying_done(f);
	}
}

Test(query, takes_every_include_of_the_list)
{
	for (const char *const *p = resource_connectors.includes; *p != NULL;
	     p++) {
		char text[200];
		struct querying *f;

		snprintf(text, sizeof(text), "include=%s", *p);
		f = querying(text);
		cr_expect_eq(f->error, OK, "%s", *p);
		cr_expect(f->query.root.children != NULL ||
			      f->query.aggregates != NULL,
		    "%s", *p);
		querying_done(f);
	}
}

Test(query, include_of_a_path_adds_its_parents_once)
{
	struct querying *f = querying("include=certificate");
	const struct include *certificate;

	query_add_include(f->arena, &f->query, STR("certificate.user"));
	query_add_include(f->arena, &f->query, STR("variables"));
	query_add_include(f->arena, &f->query, STR("nothing"));
	certificate = f->query.root.children;
	cr_assert_not_null(certificate);
	cr_expect_eq(certificate->parent, &f->query.root);
	cr_expect_eq(certificate->resource, &resource_certificates);
	cr_assert_not_null(certificate->children);
	cr_expect_eq(certificate->children->resource, &resource_users);
	cr_expect_eq(certificate->children->parent, certificate);
	cr_assert_not_null(certificate->next);
	cr_expect_eq(certificate->next->resource, &resource_variables);
	cr_expect_null(certificate->next->next);
	querying_done(f);
}

#define VALUES_20 "0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h,i,j"
#define VALUES_100 \
	VALUES_20 "," VALUES_20 "," VALUES_20 "," VALUES_20 "," VALUES_20
#define COMMAS_20  ",,,,,,,,,,,,,,,,,,,,"
#define COMMAS_100 COMMAS_20 COMMAS_20 COMMAS_20 COMMAS_20 COMMAS_20
#define FILTERS_5(a)                                          \
	"filter[" a "a]=1&filter[" a "b]=1&filter[" a "c]=1&" \
	"filter[" a "d]=1&filter[" a "e]=1"
#define FILTERS_20 \
	FILTERS_5("a") "&" FILTERS_5("b") "&" FILTERS_5("c") "&" FILTERS_5("d")

static const struct {
	const char *text, *message_start;
} refused_cases[] = {
	/* include */
	{ "include=foo", "Requested include(s) `foo` are not allowed. Allowed "
			 "include(s) are `authenticationImplementation, "
			 "authenticationImplementation_count, " },
	{ "include=foo,bar,foo", "Requested include(s) `foo, bar, foo` are " },
	{ "include=variables,nope", "Requested include(s) `nope` are " },
	{ "include=variables,%20certificate",
	    "Requested include(s) ` certificate` are " },
	{ "include=Variables", "Requested include(s) `Variables` are " },
	{ "include=variablesCount",
	    "Requested include(s) `variablesCount` are " },
	{ "include=session", "Requested include(s) `session` are " },
	{ "include=certificate.user_count",
	    "Requested include(s) `certificate.user_count` are " },
	{ "include=" IMPLEMENTATION ".endpoints.system.systemType",
	    "Requested include(s) `" IMPLEMENTATION
	    ".endpoints.system.systemType` are " },
	{ "include[]=variables_count,certificate",
	    "Requested include(s) `variables_count,certificate` are " },
	{ "include=%C3%A9%60%3Cb%3E",
	    "Requested include(s) `\xC3\xA9`<b>` are " },
	{ "include[a][b]=variables", "" },
	{ "include=%FF", "" },
	{ "include[]=%FF", "" },
	/* filter */
	{ "filter[bogus]=1",
	    "Requested filter(s) `bogus` are not allowed. Allowed filter(s) "
	    "are `canonical_key, forSystemTemplate, system, "
	    "system_template_id, forSession, platformSession`." },
	{ "filter[bogus]=", "Requested filter(s) `bogus` are " },
	{ "filter[bogus]=1&filter[z]=2",
	    "Requested filter(s) `bogus, z` are " },
	{ "filter[]=x", "Requested filter(s) `0` are " },
	{ "filter[System]=1", "Requested filter(s) `System` are " },
	{ "filter[name]=x", "Requested filter(s) `name` are " },
	{ "filter[system]=1&filter[id]=1", "Requested filter(s) `id` are " },
	{ "filter[bogus][a]=1", "Requested filter(s) `bogus` are " },
	{ "filter[system][]=a,b", "" },
	{ "filter[system][a][b]=1", "" },
	{ "filter[%FF]=1", "" },
	{ "filter[system]=%FF", "" },
	{ "filter[system][]=%FF", "" },
	{ "filter[system]=" VALUES_100 ",x",
	    "The filter `system` takes at most 100 values." },
	{ "filter[canonical_key]=a&filter[forSession]=" COMMAS_100,
	    "The filter `forSession` takes at most 100 values." },
	{ "filter[x]=" VALUES_100 ",x", "Requested filter(s) `x` are " },
	{ FILTERS_20 "&filter[bogus]=1", "A query takes at most 20 filters." },
	{ FILTERS_20, "Requested filter(s) `aa, ab, " },
	/* sort */
	{ "sort=-bogus,foo", "Requested sort(s) `bogus, foo` is not allowed. "
			     "Allowed sort(s) are `name`." },
	{ "sort=Name", "Requested sort(s) `Name` is " },
	{ "sort=id", "Requested sort(s) `id` is " },
	{ "sort=-", "Requested sort(s) `` is " },
	{ "sort=name,-created_at", "Requested sort(s) `created_at` is " },
	{ "sort=name,%20name", "Requested sort(s) ` name` is " },
	{ "sort[]=name,name", "Requested sort(s) `name,name` is " },
	{ "sort[a][b]=name", "" },
	{ "sort=%FF", "" },
	/* fields */
	{ "fields[connectors]=zz",
	    "Requested field(s) `connectors.zz` are not allowed." },
	{ "fields[connectors]=id,zz,name,yy",
	    "Requested field(s) `connectors.zz, connectors.yy` are " },
	{ "fields[connectors]=company_id",
	    "Requested field(s) `connectors.company_id` are " },
	{ "fields[connectors]=version",
	    "Requested field(s) `connectors.version` are " },
	{ "fields[connectors]=Name",
	    "Requested field(s) `connectors.Name` are " },
	{ "fields[nothing]=id", "Requested field(s) `nothing.id` are " },
	{ "fields[certificates]=passphrase",
	    "Requested field(s) `certificates.passphrase` are " },
	{ "fields[certificates]=certificate_sealed",
	    "Requested field(s) `certificates.certificate_sealed` are " },
	{ "fields[api_keys]=id", "Requested field(s) `api_keys.id` are " },
	{ "fields[connectors][a][b]=id", "" },
	{ "fields[%FF]=id", "" },
	/* the order of checks */
	{ "sort=x&filter[x]=1&include=x", "Requested include(s) `x` are " },
	{ "sort=x&filter[x]=1", "Requested filter(s) `x` are " },
	{ "fields[x]=x&sort=x", "Requested sort(s) `x` is " },
};

Test(query, refuses_what_is_not_in_the_tables)
{
	for (size_t i = 0; i < N_ELEMENTS(refused_cases); i++) {
		struct querying *f = querying(refused_cases[i].text);

		cr_expect_eq(
		    f->error, ERROR_BAD_REQUEST, "%s", refused_cases[i].text);
		cr_expect_gt(
		    f->problem.message.len, 0, "%s", refused_cases[i].text);
		cr_expect(str_starts_with(f->problem.message,
			      str_of(refused_cases[i].message_start)),
		    "%s: %.*s", refused_cases[i].text,
		    STR_FMT(f->problem.message));
		querying_done(f);
	}
}

Test(query, takes_as_many_values_as_it_may)
{
	struct querying *f =
	    querying("filter[system]=" VALUES_100 "&filter[canonical_key][]=a");

	cr_expect_eq(f->error, OK);
	cr_expect_eq(f->query.filters->n_values, 100);
	querying_done(f);
}

Test(query, reads_only_what_the_route_uses)
{
	struct querying *f =
	    querying_as(QUERY_NOTHING, "include=x&page=0&sort=x");

	cr_expect_eq(f->error, OK);
	querying_done(f);
	f = querying_as(QUERY_INCLUDE, "page=0&sort=x&filter[x]=1&fields=x");
	cr_expect_eq(f->error, OK);
	querying_done(f);
	f = querying_as(QUERY_INCLUDE, "include=x&page=0");
	cr_expect_eq(f->error, ERROR_BAD_REQUEST);
	querying_done(f);
	f = querying_as(QUERY_INCLUDE, "include=certificate.user");
	cr_expect_eq(f->error, OK);
	cr_expect_not_null(f->query.root.children);
	querying_done(f);
}

Test(query, hides_no_part_of_a_name_behind_a_nul)
{
	struct querying *f = querying("include=variables%00x");

	cr_expect_eq(f->error, ERROR_BAD_REQUEST);
	querying_done(f);
}
