/*
 * src/probe/dialog.c: what FTP servers answer where; and the versions of
 * src/probe/fetch_limits.c. All with real lines is tested by tests/system/.
 */
#include <config.h>

#include "probe/dialog.h"

#include <criterion/criterion.h>

#include "probe/fetch_limits.h"

#define NOTHING REASON__MAX /* passed */

static const struct {
	const char *command;
	const char *reply; /* lines */
	enum reason reason;
	bool has_meaning;
} cases[] = {
	{ "CWD x", "550 Permission denied\r\n", REASON_ACCESS_DENIED, true },
	{ "CWD x", "550 No such directory\r\n", REASON_NOT_FOUND, true },
	{ "CWD x", "550 xdenied\r\n", REASON_NOT_FOUND, true },
	{ "CWD x", "550-a\r\n 553 b\r\n550 DENIED\r\n", REASON_ACCESS_DENIED,
	    true },
	{ "CWD x", "550-denied\r\n", REASON__MAX, false },
	{ "CWD x", "250 Permission denied\r\n", REASON__MAX, false },
	{ "CWD x", "550", REASON_NOT_FOUND, true },
	{ "CWD x", "55", REASON__MAX, false },
	{ "CWD x", "", REASON__MAX, false },
	{ "CWD x", "5500 x\r\n", REASON_NOT_FOUND, true },
	{ "NLST", "150 a\r\n226 b\r\n", NOTHING, true },
	{ "NLST", "150 permission\r\n550 b\r\n", NOTHING, true },
	{ "NLST", "150 a\r\n550 permission\r\n", REASON_ACCESS_DENIED, true },
	{ "NLST\r\n", "550 a\r\n", NOTHING, true },
	{ "PASS x", "530 no\r\n", REASON__MAX, false },
	{ "PASS x", "421 no\r\n", REASON_SERVER_BUSY, true },
	{ "OTHER", "550 no\r\n", REASON_SERVER_BUSY, true },
	{ "CWDX", "450 no\r\n", REASON_SERVER_BUSY, true },
};

static void
hear(struct dialog *dialog, struct str lines)
{
	while (lines.len > 0) {
		size_t len = str_find(lines, '\n');

		len += len < lines.len;
		dialog_reply(dialog, (struct str){ lines.ptr, len });
		lines = str_from(lines, len);
	}
}

Test(dialog, tells_what_a_reply_means_where_it_comes)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct dialog dialog = { 0 };
		enum reason reason = REASON_FAILED;

		dialog_command(&dialog, str_of(cases[i].command));
		hear(&dialog, str_of(cases[i].reply));
		cr_expect_eq(dialog_meaning(&dialog, false, &reason),
		    cases[i].has_meaning, "%zu", i);
		if (cases[i].has_meaning)
			cr_expect_eq(reason, cases[i].reason, "%zu", i);
	}
}

Test(dialog, hears_nothing_behind_quit)
{
	struct dialog dialog = { 0 };
	enum reason reason;

	dialog_command(&dialog, STR("NLST\r\n"));
	hear(&dialog, STR("425 no\r\n"));
	dialog_command(&dialog, STR("QUIT\r\n"));
	hear(&dialog, STR("221 bye\r\n"));
	cr_assert(dialog_meaning(&dialog, false, &reason));
	cr_expect_eq(reason, REASON_DATA_CONNECTION_FAILED);
}

static const struct {
	const char *library;
	bool signs;
} libraries[] = {
	{ "libssh2/1.10.0", false },
	{ "libssh2/1.9.0_DEV", false },
	{ "libssh2/1.2", false },
	{ "libssh2/0.99.1", false },
	{ "libssh2/1.11.0", true },
	{ "libssh2/1.11.1_DEV", true },
	{ "libssh2/1.100", true },
	{ "libssh2/2.0.0", true },
	{ "libssh/0.9.8/openssl/zlib", true },
	{ "wolfssh/1.4.6", true },
};

Test(fetch_limits, knows_which_libraries_sign_with_rsa_and_sha2)
{
	for (size_t i = 0; i < N_ELEMENTS(libraries); i++)
		cr_expect_eq(
		    fetch_library_signs_rsa_sha2(str_of(libraries[i].library)),
		    libraries[i].signs, "%s", libraries[i].library);
}
