/*
 * The scoreboard: memory that all processes of a pool share, one slot a worker.
 * A worker writes its own slot; every process may read all of them.
 *
 * No process relies on it: a corrupt worker may write anything here, so texts
 * are copied with care, and the parent keeps process ids in its own memory.
 */
#ifndef STATS_SCOREBOARD_H
#define STATS_SCOREBOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "config/settings.h"
#include "conn/conn.h"
#include "db/db.h"
#include "stats/metrics.h"

struct request;

/* Two generations of every lane's most workers. */
#define SLOTS_MAX 1536

enum slot_state {
	SLOT_FREE,
	SLOT_STARTING,
	SLOT_IDLE,
	SLOT_BUSY,
	SLOT_REFUSING, /* answers 503 only: all others are busy */
	SLOT_LEAVING   /* takes no new connections */
};

struct slot {
	atomic_uint state;            /* enum slot_state */
	atomic_uint lane;             /* enum lane */
	atomic_int pid;               /* for people; see above */
	atomic_uint_fast64_t since;   /* of the state, monotonic microseconds */
	atomic_uint_fast64_t started; /* the worker, likewise */
	atomic_uint_fast64_t served;  /* requests */
	/* Of the present or the last request. Another process may read them
	 * while they are being written. */
	char method[8];
	char path[120]; /* without the query */
	char request_id[65];
};

/* What the last look at the database found, see admin/ready.c. Another process
 * may read the text while it is being written. */
struct readiness {
	atomic_uint_fast64_t begun; /* a look under way, monotonic; 0: none */
	atomic_uint_fast64_t ended; /* the last one; 0: there was none */
	atomic_uint passed;         /* checks, in their order */
	/* A COMMIT that was done, and the connection (the server's number, and
	 * which server) of one that got no answer. 0: there was none. */
	atomic_uint_fast64_t committed;
	atomic_uint_fast64_t hanging;
	atomic_uint host;
	char cause[256]; /* why the next one did not */
};

/* How far the removal of old rows is, see pool/tidy.c. Times are monotonic. */
struct tidiness {
	atomic_uint_fast64_t next;  /* turn */
	atomic_uint_fast64_t walk;  /* over the tests, no earlier */
	atomic_int_fast64_t cursor; /* id of a test that it goes on behind */
};

/* What the last look at the certificates found, see pool/expiry.c. */
struct expiry {
	atomic_uint_fast64_t after; /* the next look, monotonic; 0: the first */
	atomic_int_fast64_t next;   /* seconds since 1970; 0: none */
	atomic_uint_fast64_t expired; /* certificates */
};

struct scoreboard {
	uint64_t started; /* monotonic microseconds */
	char started_text[TIME_TEXT_SIZE];
	struct metrics metrics; /* of the whole pool */
	struct readiness readiness;
	struct tidiness tidiness;
	struct expiry expiry;
	atomic_bool stopping; /* the whole pool, not one worker */
	/* The id that the next variable probably gets; see
	 * api/write_variables.c. */
	atomic_int_fast64_t next_variable;
	struct db_host_news host_news[DB_NEWS_MAX];
	struct conns conns[LANE__MAX];
	struct slot slots[SLOTS_MAX];
};

/* A new scoreboard, shared with the processes that are forked from now on; its
 * start is now. Ends the process if there is no memory. */
struct scoreboard *scoreboard_new(void);
void scoreboard_free(struct scoreboard *);

void slot_set_state(struct slot *, enum slot_state);

/* The worker's own slot turns busy with a request. */
void slot_begin(struct slot *, const struct request *);

/* A copy that ends in NUL and holds only printable ASCII. */
void slot_copy_text(char *out, size_t size, const char *text);

#endif
