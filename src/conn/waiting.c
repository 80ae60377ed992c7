/*
 * Choosing from, and looking at, what the lane's workers have noted as ready.
 */
#include <config.h>

#include "conn/waiting.h"

#include "base/time.h"
#include "conn/cgi.h"
#include "conn/peek.h"

#define READY CONN_BIT(CONN_READY)

struct conn *
waiting_next(struct copies *c, unsigned hold, bool crowded, uint64_t *ret_lease)
{
	uint64_t now = time_monotonic();
	struct conn_choice choice = { .states = READY,
		.kind = crowded ? CONN_NEW : CONN_ANY,
		.before = UINT64_MAX,
		.owner = c->owner };

	if (hold == 0)
		choice.now = now;
	else if (!crowded)
		choice.before = now - (uint64_t)hold * 1000;
	return conns_oldest(c->conns, &choice, ret_lease);
}

bool
waiting_is_any(struct copies *c)
{
	return conns_count(c->conns, READY, CONN_ANY) > 0;
}

bool
waiting_is_free(struct copies *c)
{
	const struct conn_choice choice = { .states = READY,
		.before = UINT64_MAX,
		.now = time_monotonic(),
		.unreserved = true };
	uint64_t lease;

	return conns_oldest(c->conns, &choice, &lease) != NULL;
}

/* This worker's part of what waits. While another worker has nothing to do it
 * is about to take that. */
static size_t
share_of(struct copies *c, unsigned workers, size_t max)
{
	size_t share;

	if (conns_any_sleeping(c->conns))
		return 0;
	share = conns_count(c->conns, READY, CONN_ANY) / workers;
	return share < max ? share : max;
}

/* The ticket that it had all the while is that of what was looked at: who
 * begins a request changes it before reading. */
static bool
look(struct copies *c, struct conn *conn, uint64_t lease, struct arena *arena,
    struct request *ret)
{
	uint64_t ticket = conn_ticket(c->conns, conn);
	struct str params;

	if (atomic_load(&conn->lease) != lease ||
	    !peek_params(copies_fd(c, conn), arena, &params) ||
	    conn_ticket(c->conns, conn) != ticket)
		return false;
	*ret = (struct request){ .arena = arena, .ticket = ticket };
	params_read_target(params, ret);
	return true;
}

size_t
waiting_look(struct copies *c, const struct waiting_rule *rule,
    struct arena *arena, struct request *ret, size_t max)
{
	uint64_t now = time_monotonic(), until = now + rule->reserved, lease;
	const struct conn_choice choice = { .states = READY,
		.before = UINT64_MAX,
		.now = now,
		.unreserved = true };
	size_t n = 0;

	for (size_t left = share_of(c, rule->workers, max); left > 0; left--) {
		struct conn *conn = conns_oldest(c->conns, &choice, &lease);

		if (conn == NULL ||
		    !copies_have(c, (unsigned)(conn - c->conns->all),
			lease_generation(lease)) ||
		    !conn_reserve(conn, c->owner, now, until))
			break;
		n += look(c, conn, lease, arena, &ret[n]);
	}
	return n;
}
