/*
 * Nothing here waits, and no number that comes from shared memory or a message
 * is used before it is compared with a limit.
 */
#include <config.h>

#include "conn/keeper.h"

#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "conn/fdpass.h"

/* In microseconds. */
#define LOOK_PAUSE 250000

static void
take(struct copies *c, const struct fd_message *what, int fd)
{
	if (what->number < c->n &&
	    lease_generation(atomic_load(&c->conns->all[what->number].lease)) ==
		what->generation)
		copies_add(c, what->number, what->generation, fd);
	close(fd);
}

void
keeper_receive(struct copies *c, const int *mailboxes, unsigned n)
{
	struct fd_message what;
	int fd;

	while (fdpass_receive(c->parent[0], &what, &fd)) {
		if (fd >= 0)
			take(c, &what, fd);
		else if (what.owner < n && mailboxes[what.owner] >= 0)
			fdpass_send(mailboxes[what.owner],
			    copies_have(c, what.number, what.generation)
				? c->base + (int)what.number
				: -1,
			    &what);
	}
}

void
keeper_reap(struct copies *c, unsigned owner)
{
	uint64_t now = time_monotonic();

	conns_set_sleeping(c->conns, owner, false);
	for (unsigned i = 0; i < c->n; i++) {
		struct conn *conn = &c->conns->all[i];
		uint64_t lease = atomic_load(&conn->lease);

		if (lease_owner(lease) != owner)
			conn_notice(conn, lease_generation(lease), now);
		else if (copies_have(c, i, lease_generation(lease)) &&
			 conn_give_back(conn, lease, now))
			continue;
		else if (conn_move(conn, lease, CONN_OWNED, OWNER_PARENT))
			copies_end(c, conn);
	}
}

/* When it has been in its state for too long; UINT64_MAX: never. */
static uint64_t
end_of(struct conn *conn, uint64_t lease, const struct keeper_limits *limits)
{
	uint64_t since = atomic_load(&conn->since);
	uint64_t idle = since + (uint64_t)limits->keep_timeout * 1000;
	unsigned most =
	    conn->head ? limits->body_timeout : limits->read_timeout;

	if (lease_state(lease) == CONN_IDLE)
		return limits->idle_end < idle ? limits->idle_end : idle;
	if (lease_state(lease) == CONN_PARTIAL)
		return since + (uint64_t)most * 1000;
	return UINT64_MAX;
}

/* Whether there is what no worker has come to look at. */
static bool
has_more(const struct copies *c, const struct conn *conn)
{
	int available = 0;

	return ioctl(copies_fd(c, conn), FIONREAD, &available) == 0 &&
	       available > 0 && (size_t)available >= conn->need;
}

/* True: a request was given up. */
static bool
end(struct copies *c, struct conn *conn, uint64_t lease)
{
	if (!conn_move(conn, lease, CONN_OWNED, OWNER_PARENT))
		return false;
	copies_end(c, conn);
	return lease_state(lease) == CONN_PARTIAL;
}

/* An event may be in the hands of a worker that stands still, so all are looked
 * at now and then. */
uint64_t
keeper_expire(struct copies *c, const struct keeper_limits *limits,
    uint64_t next, atomic_uint_fast64_t *dropped)
{
	uint64_t now = time_monotonic();
	unsigned used = atomic_load(&c->conns->used);
	bool all = now >= c->next_look;

	if (all)
		c->next_look = now + LOOK_PAUSE;
	for (unsigned i = 0; i < c->n && i < used; i++) {
		struct conn *conn = &c->conns->all[i];
		uint64_t lease = atomic_load(&conn->lease);
		uint64_t over = end_of(conn, lease, limits);

		if (over == UINT64_MAX ||
		    !copies_have(c, i, lease_generation(lease)))
			continue;
		if ((all || over <= now) && has_more(c, conn)) {
			conn_notice(conn, lease_generation(lease), now);
			copies_nudge(c);
		} else if (over <= now) {
			atomic_fetch_add(dropped, end(c, conn, lease));
		} else if (over < next) {
			next = over;
		}
	}
	copies_sweep(c);
	return next;
}

void
keeper_call(struct copies *c, bool on)
{
	eventfd_t number;

	if (on)
		eventfd_write(c->call, 1);
	else
		eventfd_read(c->call, &number);
}
