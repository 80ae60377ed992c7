/*
 * Tables that would only grow: rows that are older than the configuration keeps
 * them are removed, a few at a time, also when nobody asks anything.
 *
 * A worker does it between two requests: one of the test lane where there is
 * one, for no request there is quick. Several pools on one database do each
 * other no harm: they remove the same rows.
 */
#ifndef POOL_TIDY_H
#define POOL_TIDY_H

#include <signal.h>

#include "base/arena.h"
#include "config/settings.h"
#include "stats/scoreboard.h"

/* Comes once a second to a worker that called tidy_start(); to be blocked, and
 * read from a signalfd. */
#define TIDY_SIGNAL (SIGRTMIN + 2)

/* Has the signal sent, if it is for the workers of this lane to tidy up. */
void tidy_start(const struct config *, enum lane);

/*
 * One turn, if it is time for one and no other worker of the pool is at it: a
 * batch of each table. Takes some milliseconds, and about two seconds where the
 * database hangs. A failure is logged, unless the database is away; after a
 * pause there is another turn.
 */
void tidy_turn(struct arena *, const struct config *, struct scoreboard *);

#endif
