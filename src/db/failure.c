/*
 * What an error number of the server or of the client library means.
 */
#include <config.h>

#include "db/internal.h"

static const struct {
	unsigned number;
	enum failure failure;
} failures[] = {
	{ 1020, FAILURE_RETRY },     /* record has changed since last read */
	{ 1028, FAILURE_ENDED },     /* a sort was broken off */
	{ 1040, FAILURE_AWAY },      /* too many connections */
	{ 1045, FAILURE_AWAY },      /* access denied */
	{ 1047, FAILURE_LEAVE },     /* Galera: node not ready */
	{ 1049, FAILURE_AWAY },      /* unknown database */
	{ 1053, FAILURE_LEAVE },     /* server shutdown in progress */
	{ 1062, FAILURE_DUPLICATE }, /* duplicate key */
	{ 1180, FAILURE_RETRY },     /* group replication: conflict at COMMIT */
	{ 1205, FAILURE_RETRY },     /* lock wait timeout */
	{ 1213, FAILURE_RETRY },     /* deadlock */
	{ 1216, FAILURE_REFERENCE }, /* the row that is referred to is gone */
	{ 1217, FAILURE_REFERENCE }, /* the row is referred to */
	{ 1226, FAILURE_AWAY },      /* user limit reached */
	{ 1290, FAILURE_READ_ONLY }, /* read only */
	{ 1317, FAILURE_ENDED },     /* the statement was killed */
	{ 1451, FAILURE_REFERENCE }, /* the row is referred to */
	{ 1452, FAILURE_REFERENCE }, /* the row that is referred to is gone */
	{ 1461, FAILURE_NOT_NOW },   /* no room for a prepared statement */
	{ 1836, FAILURE_READ_ONLY }, /* read only mode */
	{ 1927, FAILURE_LOST },      /* connection was killed */
	{ 1969, FAILURE_ENDED },     /* took too long: MariaDB */
	{ 2000, FAILURE_OTHER },     /* the library does not know */
	{ 2002, FAILURE_AWAY },      /* no socket */
	{ 2003, FAILURE_AWAY },      /* connection refused */
	{ 2005, FAILURE_AWAY },      /* unknown host */
	{ 2006, FAILURE_LOST },      /* server has gone away */
	{ 2013, FAILURE_LOST },      /* lost during the query */
	{ 2014, FAILURE_LOST },      /* commands out of sync */
	{ 2026, FAILURE_LOST },      /* TLS failed */
	{ 2055, FAILURE_LOST },      /* lost, with the system's error */
	{ 3024, FAILURE_ENDED },     /* took too long: MySQL */
	{ 3032, FAILURE_LEAVE },     /* offline mode */
	{ 3100, FAILURE_LEAVE },     /* group replication: hook failed */
	{ 3101, FAILURE_RETRY },     /* group replication: rolled back */
	{ 3796, FAILURE_LEAVE },     /* group replication: not in its group */
	{ 3797, FAILURE_LEAVE },     /* group replication: cannot keep up */
	{ 4031, FAILURE_LOST },      /* idle for too long */
};

/* The client libraries' own errors. Those that are not in the table say that
 * what came was no answer. */
static bool
is_of_library(unsigned number)
{
	return (number >= 2000 && number < 3000) ||
	       (number >= 5000 && number < 6000);
}

enum failure
db_failure(unsigned number)
{
	for (size_t i = 0; i < N_ELEMENTS(failures); i++)
		if (failures[i].number == number)
			return failures[i].failure;
	return is_of_library(number) ? FAILURE_LOST : FAILURE_OTHER;
}
