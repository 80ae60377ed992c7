/*
 * src/variables/variables.c: a body's list merged into stored variables.
 */
#include <config.h>

#include <criterion/criterion.h>

#include "base/mask.h"
#include "deciding.h"
#include "validating.h"

/* The body is the list of variables alone. */
struct merge_case {
	const char *stored, *list, *errors, *merged;
};

static void
expect(const struct merge_case *c)
{
	struct arena *arena = arena_new(65536);
	const char *body = arena_printf(arena,
	    c->stored == NULL ? "{" BASE ",'variables':[%s]}"
			      : "{'variables':[%s]}",
	    c->list)
			       .ptr;
	struct deciding *d = deciding(c->stored, body);
	struct str merged = deciding_write(arena, &d->wanted.variables);

	cr_expect_eq(d->error, OK, "%s", body);
	deciding_expect(d, body, c->errors);
	cr_expect(str_equal_text(merged, c->merged),
	    "%s\ngot    %.*s\nwanted %s", body, STR_FMT(merged), c->merged);
	deciding_done(d);
	arena_free(arena);
}

static void
expect_all(const struct merge_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(&cases[i]);
}

static const struct merge_case merging[] = {
	{ "five=a six=b", "", "", "five=a six=b" },
	/* By id, or by key where there is no id. */
	{ "five=a six=b", "{'id':6,'value':'c'}", "", "five=a ~six=c" },
	{ "five=a six=b", "{'id':'5','key':'new'}", "", "~new=a six=b" },
	{ "five=a six=b", "{'key':'six','value':'c'}", "", "five=a ~six=c" },
	{ "five=a six=b", "{'id':null,'key':'five','value':null}", "",
	    "~five six=b" },
	/* An id says more than a key: the key is the variable's new one. */
	{ "five=a six=b", "{'id':5,'key':'x'},{'id':6,'key':'five'}", "",
	    "~x=a ~five=b" },
	{ "five=a", "{'key':'new','label':'l'}", "", "five=a +new" },
	{ "five=a", "{'key':'Five','label':'l','value':'b'}", "",
	    "five=a +Five=b" },
	{ "five=a", "{'key':'k','label':'l','value':' b ','locked':true}", "",
	    "five=a +!k= b " },
	{ "five=a@x", "{'id':5,'pivot':{'alias':'y','required':1}}", "",
	    "~five=a@y?" },
	{ "five=a@x", "{'id':5,'pivot':{'alias':null}}", "", "~five=a" },
	{ "five=a six=b", "{'id':5,'_destroy':true}", "", "-five=a six=b" },
	{ "five=a", "{'id':5,'_destroy':0}", "", "~five=a" },
	/* The key of one that goes is free for another. */
	{ "five=a six=b", "{'id':5,'_destroy':true},{'id':6,'key':'five'}", "",
	    "-five=a ~five=b" },
	{ NULL, "{'key':'k','label':'l','_destroy':true}", "", "+k" },
	{ NULL, "{'key':'a','label':'l'},{'key':'b','label':'l','secret':1}",
	    "", "+a +*b" },
};

Test(variables, a_list_is_merged_into_what_is_stored)
{
	expect_all(merging, N_ELEMENTS(merging));
}

static const struct merge_case twice[] = {
	{ "five=a", "{'id':5},{'id':'5'}", "variables.1.id=duplicate",
	    "~five=a" },
	{ "five=a", "{'id':5},{'key':'five'}", "variables.1.key=duplicate",
	    "~five=a" },
	{ "five=a six=b", "{'id':6,'key':'five'}", "variables.0.key=duplicate",
	    "five=a ~five=b" },
	{ "five=a six=b", "{'id':5,'key':'six'}", "variables.0.key=duplicate",
	    "~six=a six=b" },
	{ "five=a", "{'key':'k','label':'l'},{'id':5,'key':'K'}", "",
	    "~K=a +k" },
	{ "five=a", "{'key':'k','_destroy':true}", "variables.0.key=selected",
	    "five=a -" },
	{ "five=a", "{'id':5,'_destroy':true},{'key':'k','label':'l'}", "",
	    "-five=a +k" },
};

Test(variables, no_two_have_one_key_and_none_is_named_twice)
{
	expect_all(twice, N_ELEMENTS(twice));
}

static const struct merge_case locked[] = {
	{ "!five=a", "{'id':5,'value':'b'}", "", "~!five=b" },
	{ "!five=a", "{'id':5,'label':'other','value':null}", "", "~!five" },
	{ "!five=a@x",
	    "{'id':5,'key':'five','locked':true,'secret':false,"
	    "'pivot':{'alias':'x','required':false}}",
	    "", "~!five=a@x" },
	{ "!five=a", "{'id':5,'key':'k'}", "variables.0.key=locked", "~!k=a" },
	{ "!five=a", "{'id':5,'locked':false}", "variables.0.locked=locked",
	    "~five=a" },
	{ "!five=a", "{'id':5,'secret':true}", "variables.0.secret=locked",
	    "~!*five=a" },
	{ "!five=a", "{'id':5,'pivot':{'alias':'x','advanced':true}}",
	    "variables.0.pivot.alias=locked "
	    "variables.0.pivot.advanced=locked",
	    "~!five=a@x" },
	{ "six=a !five=a", "{'id':5},{'id':6,'_destroy':true}",
	    "variables.1._destroy=stays", "~six=a -!five=a" },
	{ "five=a", "{'id':5,'locked':true,'key':'k'}", "", "~!k=a" },
};

Test(variables, a_locked_one_changes_its_label_and_value_only)
{
	expect_all(locked, N_ELEMENTS(locked));
}

#define MASK "'value':'" SECRET_MASK "'"

static const struct merge_case secrets[] = {
	{ "*five=a", "{'id':5," MASK "}", "", "~*five=(kept)" },
	{ "*five=a", "{'id':5,'label':'x'}", "", "~*five=(kept)" },
	{ "*five=a", "{'id':5,'value':'b'}", "", "~*five=b" },
	{ "*five=a", "{'id':5,'value':null}", "", "~*five" },
	{ "*five=a", "{'id':5,'secret':false}", "variables.0.secret=readable",
	    "~five" },
	{ "*five=a", "{'id':5,'secret':false," MASK "}",
	    "variables.0.secret=readable", "~five" },
	{ "*five=a", "{'id':5,'secret':false,'value':'b'}", "", "~five=b" },
	{ "*five=a", "{'id':5,'secret':false,'value':null}", "", "~five" },
	/* No secret is stored that the mask could keep. */
	{ "*five", "{'id':5," MASK "}", "variables.0.value=mask",
	    "~*five=" SECRET_MASK },
	{ "five=a", "{'id':5,'secret':true," MASK "}", "variables.0.value=mask",
	    "~*five=" SECRET_MASK },
	{ "*five=a", "{'key':'k','label':'l','secret':true," MASK "}",
	    "variables.0.value=mask", "*five=(kept) +*k=" SECRET_MASK },
	{ NULL, "{'key':'k','label':'l','secret':true," MASK "}",
	    "variables.0.value=mask", "+*k=" SECRET_MASK },
	/* It is no secret, and may have any value. */
	{ "five=a", "{'id':5," MASK "}", "", "~five=" SECRET_MASK },
	{ "five=a", "{'id':5,'secret':true}", "", "~*five=a" },
};

Test(variables, a_stored_secret_never_becomes_readable)
{
	expect_all(secrets, N_ELEMENTS(secrets));
}

/* Whether storing what was merged changes a variable, or its link. */
static const struct {
	const char *stored, *list;
	bool differs, link;
} differing[] = {
	{ "five=a", "{'id':5}", false, false },
	{ "five=a", "{'id':5,'key':'five','value':'a','label':'l'}", false,
	    false },
	{ "five=a", "{'id':5,'value':'b'}", true, false },
	{ "five=a", "{'id':5,'value':null}", true, false },
	{ "five", "{'id':5,'value':''}", true, false },
	{ "five=a", "{'id':5,'locked':true}", true, false },
	{ "five=a@x", "{'id':5,'pivot':{'alias':'x'}}", false, false },
	{ "five=a@x", "{'id':5,'pivot':{'alias':'y'}}", true, true },
	{ "five=a@x", "{'id':5,'pivot':{'required':true}}", true, true },
	{ "*five=a", "{'id':5," MASK "}", false, false },
	/* The stored one is not opened to compare. */
	{ "*five=a", "{'id':5,'value':'a'}", true, false },
	{ "*five=a", "{'id':5,'value':null}", true, false },
	{ "*five=a", "{'id':5,'secret':false,'value':'a'}", true, false },
};

Test(variables, what_is_sent_back_differs_in_nothing)
{
	for (size_t i = 0; i < N_ELEMENTS(differing); i++) {
		struct arena *arena = arena_new(4096);
		const char *body =
		    arena_printf(arena, "{'variables':[%s]}", differing[i].list)
			.ptr;
		struct deciding *d = deciding(differing[i].stored, body);
		const struct variables *all = &d->wanted.variables;

		cr_expect_eq(variable_differs(all, &all->all[0]),
		    differing[i].differs, "%s", body);
		cr_expect_eq(variable_link_differs(all, &all->all[0]),
		    differing[i].link, "%s", body);
		cr_expect_eq(
		    variables_differ(all), differing[i].differs, "%s", body);
		deciding_done(d);
		arena_free(arena);
	}
}

Test(variables, what_comes_or_goes_differs)
{
	struct deciding *d =
	    deciding("five=a", "{'variables':[{'key':'k','label':'l'}]}");

	cr_expect(variables_differ(&d->wanted.variables));
	deciding_done(d);
	d = deciding("five=a", "{'variables':[{'id':5,'_destroy':true}]}");
	cr_expect(variables_differ(&d->wanted.variables));
	deciding_done(d);
}

Test(variables, what_is_stored_stays_as_it_was_read)
{
	struct deciding *d = deciding("five=a *six=b",
	    "{'variables':[{'id':5,'value':'x'},{'id':6,'value':'y'}]}");
	struct str stored = deciding_write(d->arena, &d->facts.stored);

	cr_expect(str_equal(stored, STR("five=a *six=(kept)")), "%.*s",
	    STR_FMT(stored));
	deciding_done(d);
}
