/*
 * The connections of a lane, in memory that its workers and the parent share:
 * the state of each, who owns it, and what is known of its next request.
 *
 * Holds no descriptor and makes no call of the system. A worker that has gone
 * wrong may write anything here: what is read from it limits what is done with
 * a connection, and is never an address or an index. Nor may it say whose an
 * answer is: see conn_ticket().
 */
#ifndef CONN_CONN_H
#define CONN_CONN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most connections of a lane on which an answer was sent, and others. */
#define CONNS_KEPT_MAX 1024
#define CONNS_NEW_MAX  512
#define CONNS_MAX      (CONNS_KEPT_MAX + CONNS_NEW_MAX)
/* Owners are workers, from 1 on, and the parent. */
#define OWNERS_MAX   2048
#define OWNER_PARENT 0xffffu

/* Their life: docs/architecture.md. */
enum conn_state {
	CONN_FREE,     /* no connection */
	CONN_OWNED,    /* its owner looks at it, and has read nothing */
	CONN_SERVED,   /* its owner reads its request or answers it */
	CONN_ANSWERED, /* the same, and only the answer's end is to be sent */
	CONN_IDLE,     /* kept; nothing of the next request is here */
	CONN_PARTIAL,  /* a request is not here, or not all of it */
	CONN_READY,    /* something happened; any worker may take it */
	CONN__MAX
};

struct conn {
	/* Generation, owner and state; a number comes again with the next
	 * generation. */
	atomic_uint_fast64_t lease;
	/* Monotonic microseconds: when its request began to come, or since when
	 * it is idle; and since when it is ready. */
	atomic_uint_fast64_t since;
	atomic_uint_fast64_t ready;
	/* How many connections had this number, and requests on them were
	 * begun; never reset. */
	atomic_uint_fast64_t begun;
	/* Of a request that waits: for which worker, and until when. */
	atomic_uint_fast64_t reserved;
	atomic_bool kept;       /* an answer was sent on it */
	atomic_bool given_back; /* since then a worker died looking at it */
	/* The owner's alone. */
	bool head;   /* the parameters of its request are here */
	bool passed; /* by a worker that refuses to one that serves */
	size_t need; /* bytes for which looking makes sense; 1: any */
};

/* Zeroed it has no connection. */
struct conns {
	atomic_uint used; /* all numbers from here on are free */
	atomic_uint_fast64_t sleeping[OWNERS_MAX / 64]; /* owners, a bit each */
	struct conn all[CONNS_MAX];
};

uint32_t lease_generation(uint64_t lease);
unsigned lease_owner(uint64_t lease); /* 0: nobody */
enum conn_state lease_state(uint64_t lease);

/* The only function that changes a state: of the lease that was read, for the
 * owner (0: nobody). False: there is no such move, or it has changed. */
bool conn_move(
    struct conn *, uint64_t lease, enum conn_state to, unsigned owner);

/* The same by its owner, who keeps it only while it is served and answered.
 * False: it is not the owner's any more. */
bool conn_leave(struct conn *, unsigned owner, enum conn_state to);

/* Its owner died looking at it: once in a request it is ready again, and other
 * workers look. False: it is to be ended. now: monotonic microseconds. */
bool conn_give_back(struct conn *, uint64_t lease, uint64_t now);

/* Something happened on a connection: it is ready, if it is nobody's. now:
 * monotonic microseconds. */
void conn_notice(struct conn *, uint32_t generation, uint64_t now);

/* A free number below n becomes owner's; NULL: there is none. */
struct conn *conns_add(struct conns *, unsigned n, unsigned owner);

/* Which connections: bits of states, and whether kept. */
#define CONN_BIT(state) (1U << (state))
#define CONN_RESTING    (CONN_BIT(CONN_IDLE) | CONN_BIT(CONN_PARTIAL))
#define CONN_TAKEN \
	(CONN_BIT(CONN_FREE) | CONN_BIT(CONN_OWNED) | CONN_BIT(CONN_SERVED))
enum conn_kind {
	CONN_ANY,
	CONN_NEW,
	CONN_KEPT
};

struct conn_choice {
	unsigned states; /* bits */
	enum conn_kind kind;
	uint64_t before; /* only such as were ready then; UINT64_MAX: all */
	/* At this time, monotonic microseconds: those that are reserved for
	 * the owner come first, those for others are left out. 0: it does not
	 * matter for whom they are reserved. */
	uint64_t now;
	unsigned owner;
	bool unreserved; /* none that is reserved, for the owner either */
};

/* The one whose since is earliest, and its lease; NULL: none. */
struct conn *conns_oldest(
    struct conns *, const struct conn_choice *, uint64_t *ret_lease);

/* Leaves a request that waits to owner until then. False: it is left to another
 * one now. Monotonic microseconds. */
bool conn_reserve(struct conn *, unsigned owner, uint64_t now, uint64_t until);
/* Takes that back for the request with the ticket, if it is the owner's. */
void conns_release(struct conns *, uint64_t ticket, unsigned owner);

/*
 * A number for the request that waits on a connection, which no other request
 * of the lane has and which changes when it is begun: before anything of it is
 * read. Never 0. For what may be wrong once a process has damaged the memory,
 * which is how fresh something is, and nothing else.
 */
uint64_t conn_ticket(const struct conns *, const struct conn *);
/* The same, and the request is begun. */
uint64_t conn_begin(const struct conns *, struct conn *);
/* Whether the request with the ticket waits, ready to be taken. */
bool conns_wait(const struct conns *, uint64_t ticket);

unsigned conns_count(struct conns *, unsigned states, enum conn_kind);

/* A worker sleeps until something happens, or not; whether any does. */
void conns_set_sleeping(struct conns *, unsigned owner, bool);
bool conns_any_sleeping(struct conns *);

#endif
