/*
 * The numbers of copies are taken when the lane is opened, with a descriptor
 * that means nothing, so that no other file ever gets one of them.
 */
#include <config.h>

#include "conn/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn/fdpass.h"

/* Numbers that stay free for all else, below and above: less of few. */
#define ROOM_BELOW 64
#define ROOM_ABOVE 128

static bool
watch(int epoll, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	return epoll_ctl(epoll, op, fd, &event) == 0;
}

static bool
open_all(struct copies *c)
{
	const int add = EPOLL_CTL_ADD;

	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	c->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->nudge = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return fdpass_open(c->parent) &&
	       watch(c->epoll, add, c->listener, EPOLLIN, EVENT_LISTENER) &&
	       watch(c->epoll, add, c->call, EPOLLIN, EVENT_CALL) &&
	       watch(c->epoll, add, c->nudge, EPOLLIN | EPOLLET, EVENT_NUDGE);
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* Numbers that follow each other, of as many as the process may have. */
static void
take_numbers(struct copies *c, unsigned n)
{
	struct rlimit limit = { 0, 0 };
	int fd, most;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	most = limit.rlim_max < INT_MAX ? (int)limit.rlim_max : INT_MAX;
	fd = fcntl(c->nudge, F_DUPFD_CLOEXEC, least(ROOM_BELOW, most / 2));
	for (c->base = fd; fd >= 0 && c->n < n && fd == c->base + (int)c->n &&
			   fd < most - least(ROOM_ABOVE, most / 4);
	     c->n++)
		fd = fcntl(c->nudge, F_DUPFD_CLOEXEC, fd + 1);
	if (fd >= 0)
		close(fd);
}

enum error
copies_open(int listener, unsigned n, struct conns *conns, struct copies *ret,
    struct problem *reterr)
{
	int cause;

	*ret = (struct copies){ .conns = conns,
		.owner = OWNER_PARENT,
		.listener = listener,
		.parent = { -1, -1 } };
	if (open_all(ret)) {
		take_numbers(ret, n < CONNS_MAX ? n : CONNS_MAX);
		return OK;
	}
	cause = errno;
	copies_close(ret);
	return problem_log(reterr, ERROR_INTERNAL,
	    "cannot wait for requests: %s", strerror(cause));
}

void
copies_close(const struct copies *c)
{
	const int fds[] = { c->epoll, c->call, c->nudge, c->parent[0],
		c->parent[1] };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	for (unsigned i = 0; i < c->n; i++)
		close(c->base + (int)i);
}

bool
copies_have(const struct copies *c, unsigned number, uint32_t generation)
{
	return number < c->n && c->generation[number] == generation;
}

bool
copies_add(struct copies *c, unsigned number, uint32_t generation, int fd)
{
	if (number >= c->n || dup3(fd, c->base + (int)number, O_CLOEXEC) < 0)
		return false;
	c->generation[number] = generation;
	return true;
}

bool
copies_share(struct copies *c, const struct conn *conn, int fd)
{
	struct fd_message what = { (uint32_t)(conn - c->conns->all),
		lease_generation(atomic_load(&conn->lease)), c->owner };

	return copies_add(c, what.number, what.generation, fd) &&
	       fdpass_send(c->parent[1], fd, &what);
}

bool
copies_take(struct copies *c, struct conn *conn, uint64_t lease)
{
	struct fd_message what = { (uint32_t)(conn - c->conns->all),
		lease_generation(lease), c->owner };
	int fd = -1;

	if (!conn_move(conn, lease, CONN_OWNED, c->owner))
		return false;
	if (copies_have(c, what.number, what.generation))
		return true;
	if (fdpass_send(c->parent[1], -1, &what) &&
	    fdpass_receive(c->mailbox, &what, &fd) && fd >= 0) {
		copies_add(c, what.number, what.generation, fd);
		close(fd);
		return true;
	}
	copies_end(c, conn);
	return false;
}

void
copies_sweep(struct copies *c)
{
	unsigned used = atomic_load(&c->conns->used);

	for (unsigned i = 0; i < c->n && i < used; i++) {
		uint64_t lease = atomic_load(&c->conns->all[i].lease);

		if (c->generation[i] != 0 &&
		    (lease_state(lease) == CONN_FREE ||
			lease_generation(lease) != c->generation[i]))
			copies_add(c, i, 0, c->nudge);
	}
}

int
copies_fd(const struct copies *c, const struct conn *conn)
{
	return c->base + (int)(conn - c->conns->all);
}

bool
copies_watch(const struct copies *c, const struct conn *conn, bool edges)
{
	size_t number = (size_t)(conn - c->conns->all);
	uint32_t events =
	    EPOLLIN | EPOLLRDHUP | (edges ? EPOLLET : EPOLLONESHOT);
	uint64_t data = (uint64_t)c->generation[number] << 32 | number;
	int fd = copies_fd(c, conn);

	return watch(c->epoll, EPOLL_CTL_MOD, fd, events, data) ||
	       (errno == ENOENT &&
		   watch(c->epoll, EPOLL_CTL_ADD, fd, events, data));
}

void
copies_nudge(const struct copies *c)
{
	eventfd_write(c->nudge, 1);
}

void
copies_end(struct copies *c, struct conn *conn)
{
	uint64_t lease = atomic_load(&conn->lease);
	unsigned number = (unsigned)(conn - c->conns->all);

	if (lease_owner(lease) != c->owner)
		return;
	if (copies_have(c, number, lease_generation(lease))) {
		shutdown(copies_fd(c, conn), SHUT_RDWR);
		epoll_ctl(c->epoll, EPOLL_CTL_DEL, copies_fd(c, conn), NULL);
		copies_add(c, number, 0, c->nudge);
	}
	conn_move(conn, lease, CONN_FREE, 0);
}
