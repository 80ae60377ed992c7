/*
 * The kept connections of a lane, in memory that its workers share: all of
 * them have a copy of each connection's descriptor, and a claim says whose turn
 * it is. Whoever has taken a claim may read from its connection, nobody else.
 *
 * Holds no descriptor and makes no call of the system. A worker that has gone
 * mad may write anything here: what is read from it limits what is done with a
 * connection, and is never an address or an index.
 */
#ifndef CONN_CLAIMS_H
#define CONN_CLAIMS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kept connections of a lane. */
#define CLAIMS_MAX 1024
/* Workers of a lane that have a seat of their own, which is where copies are
 * sent to; of more, several share one and take turns. */
#define SEATS_MAX 32

struct claim {
	atomic_uint_fast64_t word;  /* generation, taker, flags: claims.c */
	atomic_uint_fast64_t since; /* as in struct place, as all of these */
	atomic_uint seats;          /* those that have a copy, a bit each */
	/* The taker's alone. */
	size_t need;
	bool idle;
	bool head;
};

/* Zeroed it is ready, and nothing is kept. */
struct claims {
	atomic_uint occupied; /* seats with a worker, a bit each */
	atomic_bool crowded;  /* some have had more than one */
	atomic_uint resting;  /* seats with one who may have nothing to do */
	struct claim all[CLAIMS_MAX];
};

/* Which connection is meant; its number comes again, its generation does not
 * (but after 2^32 others of that number). */
struct claim_name {
	uint32_t number; /* below CLAIMS_MAX */
	uint32_t generation;
};

enum claim_answer {
	CLAIM_OURS, /* until given back or ended */
	CLAIM_BUSY, /* another has it */
	CLAIM_GONE  /* the connection has ended */
};

/* A new one, taken by taker (1 to 65535); when all are in use, instead of the
 * one that nobody has taken for longest. False: all are taken. */
bool claims_add(struct claims *, unsigned taker, struct claim_name *ret);

/* want: when another has it, he is told that there may be something for him to
 * look at once more. */
enum claim_answer claims_take(
    struct claims *, struct claim_name, unsigned taker, bool want);

/* Whether the connection has not ended. */
bool claims_lives(struct claims *, struct claim_name);

/* What others found before this moment was what the taker has read. */
void claims_seen(struct claims *, struct claim_name);

/* The taker is about to send the end of his answer: whoever finds bytes on the
 * connection from now on knows that the answer was read, and need not wait for
 * the taker to get the processor again. */
void claims_answered(struct claims *, struct claim_name);

bool claims_is_answered(struct claims *, struct claim_name);

/* False: the answer was not that far. */
bool claims_take_over(struct claims *, struct claim_name, unsigned taker);

/* True: another wanted it meanwhile, so there is something to look at. Nothing
 * happens when another has taken it over. */
bool claims_give_back(struct claims *, struct claim_name, unsigned taker);

/* The connection ends: all other copies are to be closed. False: another has
 * taken it over. */
bool claims_end(struct claims *, struct claim_name, unsigned taker);

/* A worker is no more: ends what it had taken, and forgets what its seat has.
 * Returns how many it ended. */
size_t claims_bury(struct claims *, unsigned taker, unsigned seat);

/* A worker sits down there: it wants copies. */
void claims_sit(struct claims *, unsigned seat);

/* Nobody sits there any more. */
void claims_leave(struct claims *, unsigned seat);

/* Its data, or NULL when the number is none. */
struct claim *claims_at(struct claims *, struct claim_name);

#endif
