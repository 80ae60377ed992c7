/*
 * Advice by the number of an error. Only reads.
 */
#include <config.h>

#include "ctl/advice.h"

#define START "start the database server, or mend "

/* Of the server or of the client library. */
static const struct {
	unsigned number;
	const char *advice;
} by_number[] = {
	{ 1040, "raise max_connections of the database server" },
	{ 1044, "give the account rights on the database: connectorsctl "
		"database init, or GRANT ALL" },
	{ 1045, "mend database.user and database.password_file, or make the "
		"account: connectorsctl database init" },
	{ 1049, "mend database.name, or make the database: connectorsctl "
		"database init" },
	{ 1130, "let the server take connections of this machine, or mend "
		"database.hosts" },
	{ 1142, "give the account rights on the database: connectorsctl "
		"database init, or GRANT ALL" },
	{ 1146, "run: connectorsctl migrate" },
	{ 1290, "the database server is read-only: name one that takes writes "
		"in database.hosts" },
	{ 1698, "mend database.user and database.password_file, or make the "
		"account: connectorsctl database init" },
	{ 1836, "the database server is read-only: name one that takes writes "
		"in database.hosts" },
	{ 2005, "mend database.hosts, or the resolving of names" },
	{ 2026, "mend database.tls_mode and database.tls_ca, or the server's "
		"certificate" },
};

/* Without one that answers; see db/failure.c. */
static const unsigned away[] = { 2002, 2003, 2006, 2013 };

const char *
advice_on_database(const struct ctl *ctl)
{
	unsigned number = ctl->other_errno;

	if (number == 0 && ctl->db != NULL)
		number = db_errno(ctl->db);
	for (size_t i = 0; i < N_ELEMENTS(by_number); i++)
		if (by_number[i].number == number)
			return by_number[i].advice;
	for (size_t i = 0; i < N_ELEMENTS(away); i++)
		if (away[i] == number)
			return ctl->config.database.hosts[0] == '\0'
				   ? START "database.socket"
				   : START "database.hosts";
	return NULL;
}
