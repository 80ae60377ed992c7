/*
 * src/engine/form.c: what texts of a form look like.
 */
#include <config.h>

#include <criterion/criterion.h>

#include "engine/form.h"
#include "schema/timezones.h"

static const struct {
	enum column_form form;
	const char *text;
	bool is;
} forms[] = {
	{ FORM_TIMEZONE, "UTC", true },
	{ FORM_TIMEZONE, "Africa/Abidjan", true },
	{ FORM_TIMEZONE, "America/Argentina/Buenos_Aires", true },
	{ FORM_TIMEZONE, "Mars/Base", false },
	{ FORM_TIMEZONE, "utc", false },
	{ FORM_TIMEZONE, "Europe/Kiev", false },
	{ FORM_TIMEZONE, "Europe/Berli", false },
	{ FORM_TIMEZONE, "Europe/Berlin2", false },
	{ FORM_TIMEZONE, "UTC ", false },
	{ FORM_TIMEZONE, "A", false },
	{ FORM_KEY, "host", true },
	{ FORM_KEY, "_A-z.0", true },
	{ FORM_KEY, "a b", false },
	{ FORM_KEY, "1a", false },
	{ FORM_KEY, "-a", false },
	{ FORM_KEY, "a}", false },
	{ FORM_KEY, "h\xC3\xB6st", false },
	{ FORM_KEY, "a\n", false },
	{ FORM_EMAIL, "a@x.test", true },
	{ FORM_EMAIL, "\"a@b\"@x.test", true },
	{ FORM_EMAIL, "j\xC3\xB6rg@x.test", true },
	{ FORM_EMAIL, "ada", false },
	{ FORM_EMAIL, "@x.test", false },
	{ FORM_EMAIL, "ada@", false },
	{ FORM_EMAIL, "@", false },
	{ FORM_EMAIL, "a da@x.test", false },
	{ FORM_EMAIL, "ada@x.test\n", false },
	{ FORM_LINK, "https://x.test", true },
	{ FORM_LINK, "HTTP://x.test/a?b=\xC3\xBC#c", true },
	{ FORM_LINK, "http://[2001:db8::1]/", true },
	{ FORM_LINK, "javascript:alert(1)", false },
	{ FORM_LINK, "JavaScript://x.test/%0aalert(1)", false },
	{ FORM_LINK, "data:text/html,x", false },
	{ FORM_LINK, "ftp://x.test/", false },
	{ FORM_LINK, "//x.test", false },
	{ FORM_LINK, "/help", false },
	{ FORM_LINK, "x.test", false },
	{ FORM_LINK, "https://", false },
	{ FORM_LINK, "https:///x", false },
	{ FORM_LINK, "https:x.test", false },
	{ FORM_LINK, " https://x.test", false },
	{ FORM_LINK, "https://x.test/a b", false },
	{ FORM_LINK, "https://x.test/\"onclick=", false },
	{ FORM_LINK, "https://x.test/\t", false },
	{ FORM_MEDIA_TYPE, "image/png", true },
	{ FORM_MEDIA_TYPE, "image/svg+xml; charset=utf-8", true },
	{ FORM_MEDIA_TYPE, "png", false },
	{ FORM_MEDIA_TYPE, "image/", false },
	{ FORM_MEDIA_TYPE, "/png", false },
	{ FORM_MEDIA_TYPE, "image/png/x", false },
	{ FORM_MEDIA_TYPE, "image/a b", false },
	{ FORM_SHA256,
	    "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdef0123",
	    true },
	{ FORM_SHA256,
	    "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdef012",
	    false },
	{ FORM_SHA256,
	    "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdef01:3",
	    false },
	{ FORM_SHA256, "x", false },
	{ FORM_TRIMMED, "a b, c", true },
	{ FORM_TRIMMED, " a", false },
	{ FORM_TRIMMED, "a\xE2\x80\x8B", false },
	{ FORM_IDENTIFIER, "gid://shop/7", true },
	{ FORM_IDENTIFIER, "plat:\xC3\xBC 5", true },
	{ FORM_IDENTIFIER, "007", true },
	{ FORM_IDENTIFIER, "a,b", false },
	{ FORM_IDENTIFIER, "a ", false },
	{ FORM_IDENTIFIER, "a\tb", false },
	{ FORM_CANONICAL_KEY, "017fe964-e550-76d3-abdc-14d9dd0839bc", true },
	{ FORM_CANONICAL_KEY, "Key-Mixed", true },
	{ FORM_CANONICAL_KEY, "1 2%\xF0\x9F\x9A\x80?#", true },
	{ FORM_CANONICAL_KEY, "...", true },
	{ FORM_CANONICAL_KEY, "12", false },
	{ FORM_CANONICAL_KEY, "0", false },
	{ FORM_CANONICAL_KEY, "99999999999999999999", false },
	{ FORM_CANONICAL_KEY, "a/b", false },
	{ FORM_CANONICAL_KEY, "/", false },
	{ FORM_CANONICAL_KEY, "a,b", false },
	{ FORM_CANONICAL_KEY, ".", false },
	{ FORM_CANONICAL_KEY, "..", false },
	{ FORM_CANONICAL_KEY, "a\n", false },
	{ FORM_CANONICAL_KEY, "\x7F", false },
};

Test(form, tells_what_texts_look_like)
{
	for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
		const struct form *form = form_find(forms[i].form);

		cr_assert_not_null(form);
		cr_expect_eq(form->is(str_of(forms[i].text)), forms[i].is,
		    "%d: %s", (int)forms[i].form, forms[i].text);
	}
}

Test(form, knows_every_time_zone)
{
	const struct form *form = form_find(FORM_TIMEZONE);

	for (size_t i = 0; i < n_timezones; i++)
		cr_expect(form->is(str_of(list_timezones[i])), "%s",
		    list_timezones[i]);
}

Test(form, leaves_any_text_and_what_tests_judge_alone)
{
	cr_expect_null(form_find(FORM_ANY));
	for (int i = FORM_AUTHENTICATION_TYPE; i < FORM__MAX; i++)
		cr_expect_null(form_find((enum column_form)i));
}
