/*
 * The connections that an inbox holds: what is known of each, looking at them
 * without reading, letting go of them. Included by inbox.c only; see inbox.h.
 *
 * A place is fresh until a request of it was answered, and this worker's alone.
 * Then it may be kept, and is shared with the neighbours: each has a copy of
 * the descriptor and a place for it, and claims.h says who may look. The two
 * are counted apart: peers that never become a request cannot take the places
 * of those that do.
 */
#ifndef CONN_PLACES_H
#define CONN_PLACES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn/claims.h"
#include "conn/fdpass.h"
#include "conn/inbox.h"

/* Most fresh connections of one who serves; one more pushes the oldest out. */
#define FRESH_MAX 64
/* Most kept ones, whatever the setting says. */
#define KEPT_MAX   CLAIMS_MAX
#define PLACES_MAX (FRESH_MAX + KEPT_MAX)
/* Most that is looked at: the largest head that is answered 400 and not just
 * dropped. Less than what a socket buffers by default. */
#define PEEK_SIZE (160 << 10)

struct place {
	int fd; /* -1: the place is free */
	/* Of a kept one only while it is taken; else the claim has them. */
	uint64_t since; /* when it or its request came; monotonic us */
	size_t need;    /* bytes for which looking again makes sense */
	bool idle;      /* kept, and nothing of the next request is here */
	bool head;      /* all parameters are there */

	bool held;      /* left to the neighbours */
	uint64_t asked; /* of a held one: since when it waits at the most */
	bool watched;   /* by the epoll */
	bool ready;     /* to be given out */
	bool whole;     /* all of its request is there */
	bool too_long;  /* more parameters than allowed */
	bool keep;      /* its peer wants it kept, and it can be */
	bool kept;
	bool taken; /* kept, and nobody else looks at it */
	struct claim_name claim;
	bool pending;     /* kept, and there was an event */
	bool passed;      /* of these, and a neighbour has it */
	uint64_t noticed; /* since when it rested at that time */
	/* The earlier, the sooner it is given out: when a fresh one came, since
	 * when a kept one rests. */
	uint64_t turn;
};

struct places {
	int epoll; /* to which a place's events are told, by its index */
	const struct inbox_settings *settings;
	size_t used;      /* places in use */
	size_t n_kept;    /* of these */
	size_t n_ready;   /* of these */
	size_t n_pending; /* of these */
	size_t top;       /* those from here on are free */
	uint64_t check;   /* when deadlines are looked at next */
	uint64_t begun;   /* when the first could be taken in */
	/* One of them before those that are kept: they take turns. */
	bool fresh_is_next;
	struct place all[PLACES_MAX];
	unsigned char peek[PEEK_SIZE];
	unsigned char scratch[PEEK_SIZE];
};

/* Zeroed places become usable; the settings must outlive them. */
void places_init(struct places *, const struct inbox_settings *, int epoll);

/* Takes a connection in and looks whether its request is there; handoff says
 * what is known of it. */
void places_take_in(struct places *, int fd, const struct handoff *);

/* Something happened there. A fresh one is looked at (hung_up: nothing more
 * will come) and may be free afterwards; a kept one is noted. woke_us: it may
 * be that no neighbour knows. */
void places_notice(struct places *, struct place *, bool hung_up, bool woke_us);

/* The end of the answer is about to be sent. From now on the neighbours wait
 * for the next request, too, if its peer wants the connection kept and there is
 * room for it; else p->keep is false. */
void places_answer(struct places *, struct place *);

/* One that is to be kept was answered: waits for its next request. */
void places_keep(struct places *, struct place *);

/* Ends the connection, for the neighbours too. */
void places_drop(struct places *, struct place *);

/* The one to be given out next; NULL: none is ready. A fresh one and a kept one
 * by turns, for how long fresh ones have waited in the listener nobody knows.
 * Of kept ones it is that which was answered on longest ago, so no busy one
 * keeps others waiting. */
struct place *places_next(struct places *);

/* Whether it makes sense to ask for the next. */
bool places_have_next(struct places *);

/* Whether to take in a fresh one: it would be given out next. */
bool places_want_fresh(struct places *);

/* The fresh one that has been waiting for longest; NULL: there is none. */
struct place *places_oldest_fresh(struct places *);

/* The same as dropping, and counts it as one whose request did not become
 * whole. */
void places_give_up(struct places *, struct place *);

/* Sends the connection to the neighbours and forgets it here; false: they have
 * too many already. Safe in a signal handler while nothing else of the places
 * is running, as the next one. */
bool places_hand_over(struct places *, struct place *);

/* While we have no time: hands a fresh one over, and a kept one to those who
 * lack it, or, after an event that perhaps came to us alone, to whoever has
 * time. Returns false, and is safe, as above. */
bool places_help(struct places *, struct place *);

/* Tells the neighbours whether we have nothing to do: from when we wait until
 * we give something out. Where some share a seat, once is for ever. */
void places_rest(struct places *, bool now);

/* Has the connection end without closing it, unless it is in other hands by
 * now. Safe likewise. */
void places_abandon(struct places *, const struct place *);

/* Drops what took too long, and what is idle at idle_end (monotonic
 * microseconds) in any case. Returns the microseconds until the next look at
 * them, most at the most. */
uint64_t places_expire(
    struct places *, uint64_t now, uint64_t idle_end, uint64_t most);

/* Between places.c, kept.c and hold.c. */

/* The one of those that count whose turn is first; NULL: there is none. */
struct place *places_oldest(
    struct places *, bool (*counts)(const struct place *));

/* Deadlines are looked at no later than at this time. */
void places_check_by(struct places *, uint64_t deadline);

/* Closes our copy; neighbours that have one go on with it. */
void places_forget(struct places *, struct place *);

/* Looks at a connection that nobody else looks at. */
void places_examine(struct places *, struct place *, bool hung_up);

/* A free place becomes this one. There is one as long as the most of fresh and
 * kept ones are kept to. */
struct place *places_occupy(struct places *, struct place);

/* Has the epoll tell of new bytes; false: it cannot. */
bool places_watch(struct places *, struct place *);
void places_unwatch(struct places *, struct place *);

/* When it will have taken too long, or, being idle, at idle_end. */
uint64_t places_deadline(
    const struct places *, const struct place *, uint64_t idle_end);

#endif
