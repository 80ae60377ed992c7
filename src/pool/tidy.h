/*
 * Removing old rows from tables that would only grow: rows older than the
 * configuration keeps them go, a few at a time, also without any requests.
 *
 * A worker does it between two requests; one of the test lane if there is that
 * lane, since requests there are slow anyway. Several pools on one database may
 * do it at once: they remove the same rows.
 */
#ifndef POOL_TIDY_H
#define POOL_TIDY_H

#include <signal.h>

#include "base/arena.h"
#include "config/settings.h"
#include "stats/scoreboard.h"

/* Sent once a second to a worker that called tidy_start(). The worker blocks it
 * and reads it from a signalfd. */
#define TIDY_SIGNAL (SIGRTMIN + 2)

/* Has the signal sent from now on, if workers of this lane remove old rows. */
void tidy_start(const struct config *, enum lane);

/*
 * One turn, if it is time for one and no other worker of the pool has one: a
 * batch of each table, and a look at the expiry of certificates (expiry.h). It
 * takes some milliseconds, and about two seconds if the database hangs. A
 * failure is logged, unless the database is away; the next turn comes after a
 * pause.
 */
void tidy_turn(struct arena *, const struct config *, struct scoreboard *);

#endif
