/*
 * A lease is one word, so each step of a connection is one comparison and
 * exchange.
 */
#include <config.h>

#include "conn/conn.h"

#define GENERATION_SHIFT 32
#define OWNER_SHIFT      8
#define RESERVED_SHIFT   16
#define RESERVED_OWNER   0xffffu

#define BIT(state) CONN_BIT(CONN_##state)

/* From which state to which. */
static const unsigned moves[CONN__MAX] = {
	[CONN_FREE] = BIT(OWNED),
	[CONN_OWNED] = BIT(OWNED) | BIT(SERVED) | BIT(IDLE) | BIT(PARTIAL) |
		       BIT(READY) | BIT(FREE),
	[CONN_SERVED] = BIT(ANSWERED) | BIT(OWNED) | BIT(FREE),
	[CONN_ANSWERED] = BIT(IDLE) | BIT(READY) | BIT(OWNED) | BIT(FREE),
	[CONN_IDLE] = BIT(READY) | BIT(OWNED),
	[CONN_PARTIAL] = BIT(READY) | BIT(OWNED),
	[CONN_READY] = BIT(OWNED),
};
static const unsigned noticing = CONN_RESTING | BIT(ANSWERED);

uint32_t
lease_generation(uint64_t lease)
{
	return (uint32_t)(lease >> GENERATION_SHIFT);
}

unsigned
lease_owner(uint64_t lease)
{
	return (unsigned)(lease >> OWNER_SHIFT) & 0xffff;
}

enum conn_state
lease_state(uint64_t lease)
{
	unsigned state = (unsigned)lease & 0xff;

	return state < CONN__MAX ? (enum conn_state)state : CONN_FREE;
}

static bool
is_in(uint64_t lease, unsigned states)
{
	return (states & CONN_BIT(lease_state(lease))) != 0;
}

bool
conn_move(struct conn *conn, uint64_t lease, enum conn_state to, unsigned owner)
{
	uint64_t generation = lease_generation(lease);

	if ((moves[lease_state(lease)] & CONN_BIT(to)) == 0)
		return false;
	if (lease_state(lease) == CONN_FREE)
		generation = (generation + 1) & UINT32_MAX;
	return atomic_compare_exchange_strong(&conn->lease, &lease,
	    generation << GENERATION_SHIFT | owner << OWNER_SHIFT | to);
}

bool
conn_leave(struct conn *conn, unsigned owner, enum conn_state to)
{
	uint64_t lease = atomic_load(&conn->lease);

	if (to == CONN_ANSWERED)
		atomic_store(&conn->given_back, false);
	return lease_owner(lease) == owner &&
	       conn_move(conn, lease, to,
		   to == CONN_SERVED || to == CONN_ANSWERED ? owner : 0);
}

bool
conn_give_back(struct conn *conn, uint64_t lease, uint64_t now)
{
	if (lease_state(lease) != CONN_OWNED ||
	    atomic_exchange(&conn->given_back, true))
		return false;
	conn->need = 1;
	conn->head = false;
	atomic_store(&conn->ready, now);
	return conn_move(conn, lease, CONN_READY, 0);
}

void
conn_notice(struct conn *conn, uint32_t generation, uint64_t now)
{
	uint64_t lease = atomic_load(&conn->lease);

	while (
	    is_in(lease, noticing) && lease_generation(lease) == generation) {
		atomic_store(&conn->ready, now);
		if (conn_move(conn, lease, CONN_READY, 0))
			return;
		lease = atomic_load(&conn->lease);
	}
}

/* Nobody has seen, or waits for, what comes next; returns the count before. */
static uint64_t
renew(struct conn *conn)
{
	atomic_store(&conn->reserved, 0);
	return atomic_fetch_add(&conn->begun, 1);
}

struct conn *
conns_add(struct conns *conns, unsigned n, unsigned owner)
{
	for (unsigned i = 0; i < n; i++) {
		struct conn *conn = &conns->all[i];
		uint64_t lease = atomic_load(&conn->lease);
		unsigned used = atomic_load(&conns->used);

		if (lease_state(lease) != CONN_FREE ||
		    !conn_move(conn, lease, CONN_OWNED, owner))
			continue;
		renew(conn);
		atomic_store(&conn->given_back, false);
		while (used <= i && !atomic_compare_exchange_weak(
					&conns->used, &used, i + 1))
			continue;
		return conn;
	}
	return NULL;
}

static bool
matches(struct conn *conn, uint64_t lease, unsigned states, enum conn_kind kind)
{
	return is_in(lease, states) &&
	       (kind == CONN_ANY ||
		   atomic_load(&conn->kept) == (kind == CONN_KEPT));
}

/* In the order in which they are taken. */
enum turn {
	TURN_OWN, /* reserved for this owner */
	TURN_FREE,
	TURN_NEVER /* for another one */
};

/* A reservation has the time above the owner. */
static enum turn
turn_of(uint64_t reserved, unsigned owner, uint64_t now)
{
	if (reserved >> RESERVED_SHIFT <= now)
		return TURN_FREE;
	return (reserved & RESERVED_OWNER) == owner ? TURN_OWN : TURN_NEVER;
}

static enum turn
turn_in(struct conn *conn, const struct conn_choice *choice)
{
	enum turn turn;

	if (choice->now == 0)
		return TURN_FREE;
	turn =
	    turn_of(atomic_load(&conn->reserved), choice->owner, choice->now);
	return choice->unreserved && turn == TURN_OWN ? TURN_NEVER : turn;
}

bool
conn_reserve(struct conn *conn, unsigned owner, uint64_t now, uint64_t until)
{
	uint64_t reserved = atomic_load(&conn->reserved);

	return turn_of(reserved, owner, now) != TURN_NEVER &&
	       atomic_compare_exchange_strong(
		   &conn->reserved, &reserved, until << RESERVED_SHIFT | owner);
}

static uint64_t
ticket(const struct conns *conns, const struct conn *conn, uint64_t begun)
{
	return (begun + 1) * CONNS_MAX + (uint64_t)(conn - conns->all);
}

uint64_t
conn_ticket(const struct conns *conns, const struct conn *conn)
{
	return ticket(conns, conn, atomic_load(&conn->begun));
}

uint64_t
conn_begin(const struct conns *conns, struct conn *conn)
{
	return ticket(conns, conn, renew(conn));
}

void
conns_release(struct conns *conns, uint64_t number, unsigned owner)
{
	struct conn *conn = &conns->all[number % CONNS_MAX];
	uint64_t reserved = atomic_load(&conn->reserved);

	if (conn_ticket(conns, conn) == number &&
	    (reserved & RESERVED_OWNER) == owner)
		atomic_compare_exchange_strong(&conn->reserved, &reserved, 0);
}

bool
conns_wait(const struct conns *conns, uint64_t number)
{
	const struct conn *conn = &conns->all[number % CONNS_MAX];

	return conn_ticket(conns, conn) == number &&
	       is_in(atomic_load(&conn->lease), BIT(READY));
}

static bool
is_chosen(struct conn *conn, uint64_t lease, const struct conn_choice *choice)
{
	return matches(conn, lease, choice->states, choice->kind) &&
	       atomic_load(&conn->ready) <= choice->before;
}

struct conn *
conns_oldest(
    struct conns *conns, const struct conn_choice *choice, uint64_t *ret_lease)
{
	uint64_t least = UINT64_MAX;
	enum turn first = TURN_NEVER;
	struct conn *found = NULL;

	for (unsigned i = 0, n = atomic_load(&conns->used);
	     i < n && i < CONNS_MAX; i++) {
		struct conn *conn = &conns->all[i];
		uint64_t lease = atomic_load(&conn->lease), since;
		enum turn turn;

		if (!is_chosen(conn, lease, choice))
			continue;
		turn = turn_in(conn, choice);
		since = atomic_load(&conn->since);
		if (turn == TURN_NEVER || turn > first ||
		    (turn == first && since >= least))
			continue;
		found = conn;
		first = turn;
		least = since;
		*ret_lease = lease;
	}
	return found;
}

unsigned
conns_count(struct conns *conns, unsigned states, enum conn_kind kind)
{
	unsigned count = 0;

	for (unsigned i = 0, n = atomic_load(&conns->used);
	     i < n && i < CONNS_MAX; i++)
		count += matches(&conns->all[i],
		    atomic_load(&conns->all[i].lease), states, kind);
	return count;
}

void
conns_set_sleeping(struct conns *conns, unsigned owner, bool sleeps)
{
	atomic_uint_fast64_t *word = &conns->sleeping[owner / 64];
	uint64_t bit = UINT64_C(1) << owner % 64;

	if (sleeps)
		atomic_fetch_or(word, bit);
	else
		atomic_fetch_and(word, ~bit);
}

bool
conns_any_sleeping(struct conns *conns)
{
	for (size_t i = 0; i < OWNERS_MAX / 64; i++)
		if (atomic_load(&conns->sleeping[i]) != 0)
			return true;
	return false;
}
