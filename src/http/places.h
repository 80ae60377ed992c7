/*
 * The connections that an inbox holds: what is known of each, looking at them
 * without reading, letting go of them. Included by inbox.c only; see inbox.h.
 *
 * A place is fresh until a request of it was answered, and kept from then on.
 * The two are counted apart: peers that never become a request cannot take the
 * places of those that do.
 */
#ifndef HTTP_PLACES_H
#define HTTP_PLACES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/handoff.h"

/* Most fresh connections; one more pushes the oldest out. */
#define FRESH_MAX 64
/* Most kept ones, whatever the setting says. */
#define KEPT_MAX   1024
#define PLACES_MAX (FRESH_MAX + KEPT_MAX)
/* Most that is looked at: the largest head that is answered 400 and not just
 * dropped. Less than what a socket buffers by default. */
#define PEEK_SIZE (160 << 10)

struct place {
	int fd;         /* -1: the place is free */
	uint64_t since; /* when it or its request came; monotonic us */
	size_t need;    /* bytes for which looking again makes sense */
	bool watched;   /* by the epoll */
	bool ready;     /* to be given out */
	bool whole;     /* all of its request is there */
	bool head;      /* all parameters are */
	bool too_long;  /* more of them than allowed */
	bool keep;      /* its peer wants it kept, and it can be */
	bool kept;
	bool idle; /* kept, and nothing of the next request is here */
};

struct places {
	int epoll; /* to which a place's events are told, by its index */
	size_t params_max;
	unsigned read_timeout, body_timeout, keep_timeout; /* ms */
	size_t keep_max;               /* at most KEPT_MAX */
	atomic_uint_fast64_t *dropped; /* counts those given up */
	size_t used;                   /* places in use */
	size_t n_kept;                 /* of these */
	size_t top;                    /* those from here on are free */
	struct place all[PLACES_MAX];
	unsigned char peek[PEEK_SIZE];
	unsigned char scratch[PEEK_SIZE];
};

/* Takes a connection in and looks whether its request is there; handoff says
 * what is known of it. */
void places_take_in(struct places *, int fd, const struct handoff *);

/* Looks again; hung_up: nothing more will come. The place may be free
 * afterwards. */
void places_look(struct places *, struct place *, bool hung_up);

/* A request of the place was answered: waits for the next one from now on.
 * False, and nothing is done: there is no room for a kept one. */
bool places_keep(struct places *, struct place *);

/* Closes the connection. */
void places_drop(struct places *, struct place *);

/* The same, and counts it as one whose request did not become whole. */
void places_give_up(struct places *, struct place *);

/* The one that has been ready for longest, of *ret_n in all; NULL: none is. */
struct place *places_ready(struct places *, int *ret_n);

/* The fresh one that has been waiting for longest; NULL: there is none. */
struct place *places_oldest_fresh(struct places *);

/* Sends the connection to the neighbours and closes it here; false: they have
 * too many already. Safe in a signal handler while nothing else of the places
 * is running. */
bool places_hand_over(struct places *, struct place *, int to);

/* Drops what took too long, and what is idle at idle_end (monotonic
 * microseconds) in any case. Returns the microseconds until the next would be
 * dropped, most at the most. */
uint64_t places_expire(
    struct places *, uint64_t now, uint64_t idle_end, uint64_t most);

#endif
