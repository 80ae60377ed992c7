/*
 * Reading ahead: while requests wait, one statement reads the keys of several,
 * each with what its request reads first. Under load that is most of what the
 * database does for an answer that is kept, or of one row.
 *
 * What is read for a request is read after the request came, as if it had been
 * served at once: its ticket tells that it is that request, and its own key and
 * first read have to be the same again before anything is used. So no answer is
 * older, nor another's.
 */
#ifndef API_AHEAD_H
#define API_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/statement.h"
#include "engine/sql_key.h"
#include "http/request.h"

/* Most requests that are read ahead. */
#define AHEAD_MAX (SQL_KEYS_TOGETHER - 1)

/* For so many microseconds requests that were read ahead are left to the same
 * worker. */
#define AHEAD_LIFETIME 2000

struct ahead;
struct call;

/* Where requests wait, as in conn/waiting.h. */
struct ahead_source {
	void *context; /* of all three functions */
	/* Looks at up to max of them, of which the method, path, query, base
	 * URL, authorization and ticket are set; returns how many. Other
	 * workers leave them to this one, ... */
	size_t (*look)(
	    void *context, struct arena *, struct request *ret, size_t max);
	/* ... but for one that this worker has nothing of. */
	void (*leave)(void *context, uint64_t ticket);
	/* Whether the one with the ticket waits still. */
	bool (*waits)(void *context, uint64_t ticket);
};

/* Reads up to most requests ahead, at most AHEAD_MAX. To be freed with
 * ahead_free(). Ends the process if there is no memory. */
struct ahead *ahead_new(size_t most, const struct ahead_source *);
void ahead_free(struct ahead *); /* NULL is accepted */

/* What was read of a request. */
struct ahead_read {
	const struct value *key; /* its cells; NULL: there is no such key */
	struct rows first;       /* no rows: it was not read */
};

/*
 * What was read ahead for the call, whose key has the hash. If nothing was, and
 * others wait, this call's and theirs are read together now; not by a call that
 * does more than read, after which they may be served by another worker. False:
 * the call has to read by itself. What it gets lasts until the next call.
 */
bool ahead_find(
    struct call *, struct str hash, enum first_read, struct ahead_read *ret);

/* How many requests found what was read ahead; NULL: 0. */
uint64_t ahead_count(const struct ahead *);

#endif
