/*
 * The requests that wait on kept connections: which of them a worker takes
 * next, and looking at those that it will probably take after, so that what
 * they need of the database can be asked for together (api/ahead.h).
 *
 * A request that was looked at stays where it is, and is left to the worker
 * that has looked for a moment: what it needs is there already, so it is served
 * sooner than by another one. Then any worker takes it.
 */
#ifndef CONN_WAITING_H
#define CONN_WAITING_H

#include "base/arena.h"
#include "conn/copies.h"
#include "http/request.h"

/*
 * The ready one that was answered longest ago, and its lease: of those that are
 * reserved for this worker, else of those that are for nobody. NULL: there is
 * none. hold: ms for which a worker that refuses leaves what is ready to the
 * others, 0 for one that does not; such a one takes what is reserved, too.
 * crowded: it is to make room, of new connections.
 */
struct conn *waiting_next(
    struct copies *, unsigned hold, bool crowded, uint64_t *ret_lease);

/* Whether any is ready: at all, and for any worker to take. */
bool waiting_is_any(struct copies *);
bool waiting_is_free(struct copies *);

/* How a worker looks. */
struct waiting_rule {
	unsigned workers;  /* of the lane: it looks at its part of all */
	unsigned reserved; /* microseconds for which others leave them */
};

/*
 * Looks at the next ones, at most max; at none while another worker sleeps,
 * which will take them. What is found of a request: method, path, query, base
 * URL, authorization and ticket, in the arena. Returns how many requests were
 * found.
 */
size_t waiting_look(struct copies *, const struct waiting_rule *,
    struct arena *, struct request *ret, size_t max);

#endif
