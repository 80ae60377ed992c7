/*
 * src/db/session.c: what a server says that it is.
 */
#include <config.h>

#include <criterion/criterion.h>

#include "base/str.h"
#include "db/internal.h"

static const struct {
	const char *version;
	bool returns;
} versions[] = {
	{ "10.4.34-MariaDB-log", false },
	{ "10.5.0-MariaDB", true },
	{ "10.11.19-MariaDB-0+deb12u1", true },
	{ "11.0.2-MariaDB", true },
	{ "12-MariaDB", true },
	{ "5.5.68-MariaDB", false },
	{ "9.9.9-MariaDB", false },
	{ "8.0.36", false },
	{ "8.4.3-debug", false },
	{ "11.4.0", false },
	{ "MariaDB", false },
	{ "", false },
};

Test(session, knows_which_servers_return_what_they_insert)
{
	for (size_t i = 0; i < N_ELEMENTS(versions); i++)
		cr_expect_eq(session_knows_returning(versions[i].version),
		    versions[i].returns, "%s", versions[i].version);
}
