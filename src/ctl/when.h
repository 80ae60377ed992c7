/*
 * Points in time between three spellings: RFC 3339 (files, people), the
 * database's DATETIME(6) in UTC, and a calendar date. Pure but for when_now().
 */
#ifndef CTL_WHEN_H
#define CTL_WHEN_H

#include <stdbool.h>
#include <time.h>

#include "base/str.h"

#define WHEN_SIZE 32 /* bytes of either spelling, with the NUL */

/*
 * Reads RFC 3339 (a space may stand for the T, at most six digits of a
 * second's fraction, any offset) of the years 1000 to 9999 and writes
 * "2024-01-31 23:59:59.000000", in UTC. False if it is anything else.
 */
bool when_parse(struct str text, char out[WHEN_SIZE]);

/* The same, and also "2024-01-31", which is the start of that day in UTC. */
bool when_parse_date(struct str text, char out[WHEN_SIZE]);

/* The database's spelling as RFC 3339: "2024-01-31T23:59:59.000000Z". */
bool when_format(struct str stored, char out[WHEN_SIZE]);

/* A second since 1970 in the database's spelling; false outside the years. */
bool when_of_seconds(time_t seconds, char out[WHEN_SIZE]);

/* Now, in the database's spelling. */
void when_now(char out[WHEN_SIZE]);

#endif
