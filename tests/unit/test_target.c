/*
 * src/variables/target.c
 */
#include <config.h>

#include "variables/target.h"

#include <criterion/criterion.h>

#include "deciding.h"

/*
 * An implementation is written `HTTP URL TEST-URL host=d must?`: its protocol,
 * its URLs (`-`: none) and its variables.
 */
static struct implementation
implementation(struct arena *arena, int64_t id, const char *words)
{
	struct implementation i = { .id = id };
	struct str rest = str_of(words), part;

	str_next_part(&rest, ' ', &i.protocol);
	str_next_part(&rest, ' ', &part);
	if (!str_equal(part, STR("-")))
		i.url = part;
	str_next_part(&rest, ' ', &part);
	if (!str_equal(part, STR("-")))
		i.test_url = part;
	deciding_read(arena, rest.len == 0 ? "" : arena_copy(arena, rest).ptr,
	    &i.variables);
	return i;
}

static const struct {
	const char *implementation, *stored, *list, *errors;
} required[] = {
	{ "HTTP - - host", "", "", "" },
	{ "HTTP - - host?", "", "", "variables=needs:host" },
	{ "HTTP - - host?", "host", "", "variables=needs:host" },
	{ "HTTP - - host?", "host=", "", "variables=needs:host" },
	{ "HTTP - - host?", "host=h", "", "" },
	{ "HTTP - - host?", "Host=h", "", "variables=needs:host" },
	{ "HTTP - - host=d?", "", "", "" },
	{ "HTTP - - host=?", "", "", "variables=needs:host" },
	{ "HTTP - - *pw=x?", "", "", "" },
	{ "HTTP - - *pw=?", "", "", "variables=needs:pw" },
	{ "HTTP - - pw?", "*pw=x", "", "" },
	{ "HTTP - - pw?", "*pw=", "", "variables=needs:pw" },
	{ "HTTP - - pw?", "*pw", "", "variables=needs:pw" },
	{ "HTTP - - a? b c?", "", "", "variables=needs:a|needs:c" },
	/* What the request leaves counts, not what it finds. */
	{ "HTTP - - host?", "host=h", "{'id':5,'value':null}",
	    "variables=needs:host" },
	{ "HTTP - - host?", "host=h", "{'id':5,'value':''}",
	    "variables=needs:host" },
	{ "HTTP - - host?", "host=h", "{'id':5,'_destroy':true}",
	    "variables=needs:host" },
	{ "HTTP - - host?", "host=h", "{'id':5,'key':'k'}",
	    "variables=needs:host" },
	{ "HTTP - - host?", "host", "{'id':5,'value':' '}", "" },
	{ "HTTP - - host?", "", "{'key':'host','label':'l','value':'h'}", "" },
	{ "HTTP - - pw?", "*pw=x", "{'id':5,'value':''}",
	    "variables=needs:pw" },
};

Test(target, what_the_implementation_requires_has_a_value)
{
	for (size_t i = 0; i < N_ELEMENTS(required); i++) {
		struct arena *arena = arena_new(4096);
		const char *body =
		    arena_printf(arena, "{'variables':[%s]}", required[i].list)
			.ptr;
		struct deciding *d = deciding(required[i].stored, body);
		struct implementation to =
		    implementation(arena, 1, required[i].implementation);

		cr_expect_eq(target_check_required(
				 arena, &to, &d->wanted.variables, &d->problem),
		    *required[i].errors == '\0' ? OK : ERROR_INVALID);
		deciding_expect(d, body, required[i].errors);
		deciding_done(d);
		arena_free(arena);
	}
}

struct target_case {
	const char *before, *after; /* NULL: the same implementation */
	const char *stored, *list;
	const char *errors;
};

static void
expect(const struct target_case *c)
{
	struct arena *arena = arena_new(4096);
	const char *body =
	    arena_printf(arena, "{'variables':[%s]}", c->list).ptr;
	struct deciding *d = deciding(c->stored, body);
	struct implementation from = implementation(arena, 1, c->before), to;

	to = c->after == NULL ? from : implementation(arena, 4, c->after);
	cr_expect_eq(target_check_secrets(arena, &from, &d->facts.stored, &to,
			 &d->wanted.variables, &d->problem),
	    *c->errors == '\0' ? OK : ERROR_INVALID);
	deciding_expect(d, body, c->errors);
	deciding_done(d);
	arena_free(arena);
}

static void
expect_all(const struct target_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(&cases[i]);
}

#define PW     "variables.*=again:pw"
#define URL    "HTTP https://{{host}}/{{path}} -"
#define CHANGE "{'id':5,'value':'b'}"

static const struct target_case of_urls[] = {
	{ URL, NULL, "host=a *pw=x", "", "" },
	{ URL, NULL, "host=a *pw=x", "{'id':5,'value':'a'}", "" },
	{ URL, NULL, "host=a *pw=x", CHANGE, PW },
	{ URL, NULL, "host=a *pw=x", "{'id':5,'value':null}", PW },
	{ URL, NULL, "host=a *pw=x", "{'id':5,'_destroy':true}", PW },
	{ URL, NULL, "host=a *pw=x", "{'id':5,'key':'k'}", PW },
	{ URL, NULL, "*pw=x", "{'key':'host','label':'l','value':'b'}", PW },
	/* Not in the authority, or in none of the URLs. */
	{ URL, NULL, "path=a *pw=x", CHANGE, "" },
	{ URL, NULL, "other=a *pw=x", CHANGE, "" },
	{ URL, NULL, "host=a *pw=x", "{'id':5,'label':'x'}", "" },
	{ "HTTP - https://{{host}}/", NULL, "host=a *pw=x", CHANGE, PW },
	{ "HTTP {{host}}://x/ -", NULL, "host=a *pw=x", CHANGE, PW },
	{ "HTTP https://x:{{host}}/ -", NULL, "host=a *pw=x", CHANGE, PW },
	{ "HTTP https://x/?{{host}} -", NULL, "host=a *pw=x", CHANGE, "" },
	{ "HTTP - -", NULL, "host=a *pw=x", CHANGE, "" },
	/* The same value from elsewhere is the same target. */
	{ URL " host=d", NULL, "*pw=x",
	    "{'key':'host','label':'l','value':'d'}", "" },
	{ URL " host=d", NULL, "*pw=x",
	    "{'key':'host','label':'l','value':'e'}", PW },
	{ URL " host=d", NULL, "host=d *pw=x", "{'id':5,'_destroy':true}", "" },
	/* A secret that is the host is not opened to compare. */
	{ URL, NULL, "*host=a *pw=x", "{'id':5,'label':'x'}", "" },
	{ URL, NULL, "*host=a *pw=x", "{'id':5,'value':'a'}", PW },
};

Test(target, a_secret_does_not_follow_a_changed_authority)
{
	expect_all(of_urls, N_ELEMENTS(of_urls));
}

static const struct target_case of_variables[] = {
	{ "SFTP - -", NULL, "host=a *pw=x", CHANGE, PW },
	{ "SFTP - -", NULL, "port=a *pw=x", CHANGE, PW },
	{ "SFTP - -", NULL, "path=a *pw=x", CHANGE, "" },
	{ "MySQL - -", NULL, "host=a *pw=x", CHANGE, PW },
	{ "HTTP - -", NULL, "port=a *pw=x", CHANGE, "" },
	/* A pin may be added; it may not be changed, nor be lost. */
	{ "SFTP - -", NULL, "*pw=x",
	    "{'key':'host_key_sha256','label':'l','value':'f'}", "" },
	{ "SFTP - -", NULL, "host_key_sha256= *pw=x", CHANGE, "" },
	{ "SFTP - -", NULL, "host_key_sha256=a *pw=x", CHANGE, PW },
	{ "SFTP - -", NULL, "host_key_sha256=a *pw=x", "{'id':5,'value':' '}",
	    PW },
	{ "SFTP - -", NULL, "host_key_sha256=a *pw=x",
	    "{'id':5,'_destroy':true}", PW },
	{ "SFTP - -", NULL, "*host_key_sha256=a *pw=x", "{'id':5,'value':'a'}",
	    PW },
	{ "SFTP - - host_key_sha256=a", NULL, "*pw=x",
	    "{'key':'host_key_sha256','label':'l','value':'b'}", PW },
};

Test(target, a_secret_does_not_follow_a_changed_host_port_or_pin)
{
	expect_all(of_variables, N_ELEMENTS(of_variables));
}

static const struct target_case of_implementations[] = {
	{ "HTTP https://a/ -", "HTTP https://a/ -", "*pw=x", "", PW },
	{ "SFTP - -", "SFTP - -", "host=a", "", "" },
	{ "SFTP - -", "SFTP - -", "*a=x *b *c=y d=z", "",
	    "variables.*=again:a|again:c" },
};

Test(target, a_secret_does_not_follow_another_implementation)
{
	expect_all(of_implementations, N_ELEMENTS(of_implementations));
}

static const struct target_case given[] = {
	{ URL, NULL, "host=a *pw=x", CHANGE ",{'id':6,'value':'new'}", "" },
	{ URL, NULL, "host=a *pw=x", CHANGE ",{'id':6,'value':'x'}", "" },
	{ URL, NULL, "host=a *pw=x", CHANGE ",{'id':6,'value':null}", "" },
	{ URL, NULL, "host=a *pw=x", CHANGE ",{'id':6,'_destroy':true}", "" },
	{ URL, NULL, "host=a *pw=x", CHANGE ",{'id':6,'label':'x'}", PW },
	{ URL, NULL, "host=a *pw=x", CHANGE ",{'id':6,'value':'********'}",
	    PW },
	{ URL, NULL, "host=a *pw=x", CHANGE ",{'id':6,'key':'k'}",
	    "variables.*=again:k" },
	{ URL, NULL, "host=a *pw=x *k=y", CHANGE ",{'id':6,'value':'new'}",
	    "variables.*=again:k" },
	{ URL, NULL, "host=a pw=x", CHANGE, "" },
};

Test(target, what_is_given_anew_may_go_to_the_new_target)
{
	expect_all(given, N_ELEMENTS(given));
}
