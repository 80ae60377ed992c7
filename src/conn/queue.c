/*
 * An event of the epoll goes to one worker, which notes in shared memory that
 * the connection is ready (conn.h); whichever worker has time takes the one of
 * them that was answered longest ago. Fresh connections, of which nobody knows
 * how long they wait in the listener, come by turns with those.
 *
 * The order of steps matters wherever a worker may be killed between two: a
 * state is stored before the epoll is asked for the event that ends it.
 */
#include <config.h>

#include "conn/queue.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "conn/copies.h"
#include "conn/fcgi_send.h"
#include "conn/peek.h"
#include "conn/waiting.h"

/* Longest sleep in ms: as a rule, while what is ready is left to others, of a
 * worker that refuses, and while the lane stops. */
#define LONGEST_SLEEP  500
#define LEFT_SLEEP     1
#define HOLDING_SLEEP  20
#define STOPPING_SLEEP 5
/* Pause in ms when the system has no descriptor for another connection. */
#define NO_DESCRIPTOR_PAUSE 20
/* In microseconds: how long to wait for a request when there is no parent that
 * closes what is idle; and for how long what comes to a worker that refuses was
 * there before it. */
#define ORPHAN_LINGER 100000
#define BEGINNING     100000
/* Microseconds between looks at the watched descriptor under load. */
#define CHECK_PAUSE 5000
/* Of the room for new connections, so that a worker that refuses pushes out
 * none that waits for its answer. */
#define SPARE      8
#define EVENTS_MAX 64

struct queue {
	struct queue_settings s;
	struct copies *c;
	/* What is served. */
	int fd;
	struct conn *conn; /* NULL: it is fresh, and this worker's alone */
	bool keep;         /* once it is answered: the next one is waited for */

	uint64_t begun;
	uint64_t next_check; /* of the watched descriptor */
	uint64_t stopped;    /* when; 0: not */
	uint64_t complained; /* when the last lack of descriptors was logged */
	bool fresh_waits;    /* in the listener, as far as is known */
	bool fresh_is_next;
	bool leaving;
};

/* Making room. */

/* Of those that rest the oldest is closed; false: there is none. */
static bool
evict(struct queue *q, enum conn_kind kind)
{
	const struct conn_choice resting = {
		.states = CONN_RESTING, .kind = kind, .before = UINT64_MAX
	};
	uint64_t lease;
	struct conn *conn = conns_oldest(q->c->conns, &resting, &lease);

	if (conn == NULL || !copies_take(q->c, conn, lease))
		return false;
	atomic_fetch_add(q->s.dropped, kind == CONN_NEW);
	copies_end(q->c, conn);
	return true;
}

/* How many there may be. */
static unsigned
most_of(const struct queue *q, enum conn_kind kind)
{
	unsigned half = q->c->n / 2, kept = q->s.keep_max;
	unsigned most = q->c->n - (half < CONNS_NEW_MAX ? half : CONNS_NEW_MAX);

	kept = kept < most ? kept : most;
	return kind == CONN_KEPT ? kept : q->c->n - kept;
}

static bool
make_room(struct queue *q, enum conn_kind kind)
{
	unsigned most = most_of(q, kind);

	return conns_count(q->c->conns, ~CONN_BIT(CONN_FREE), kind) < most ||
	       (most > 0 && evict(q, kind));
}

/* A worker that refuses has to, lest there be no room for the next. */
static bool
is_crowded(struct queue *q)
{
	unsigned most = most_of(q, CONN_NEW), ready = CONN_BIT(CONN_READY);

	return q->s.hold > 0 &&
	       conns_count(q->c->conns, ready, CONN_NEW) + SPARE >= most;
}

/* Gives a fresh connection a number, which is this worker's. NULL: there is no
 * room. */
static struct conn *
add(struct queue *q, int fd, enum conn_kind kind)
{
	struct conn *conn = NULL;

	if (make_room(q, kind))
		conn = conns_add(q->c->conns, q->c->n, q->c->owner);
	if (conn == NULL)
		return NULL;
	if (kind == CONN_KEPT)
		conn_leave(conn, q->c->owner, CONN_SERVED);
	conn->passed = q->s.hold > 0;
	atomic_store(&conn->kept, kind == CONN_KEPT);
	atomic_store(&conn->since, time_monotonic());
	if (copies_share(q->c, conn, fd))
		return conn;
	copies_end(q->c, conn);
	return NULL;
}

/* Serving. */

static void
give_out(struct queue *q, int fd, struct conn *conn, const struct peek *peek,
    struct queue_request *ret)
{
	q->fd = fd;
	q->conn = conn;
	q->keep = peek->keep;
	*ret = (struct queue_request){ .fd = fd,
		.too_long = peek->params > q->s.params_max,
		.whole = peek->whole };
}

/* Now, or since when requests that a worker which refuses finds have waited. */
static uint64_t
ready_since(const struct queue *q)
{
	uint64_t now = time_monotonic();

	return now < q->begun + BEGINNING && q->s.hold > 0 ? q->s.held_since
							   : now;
}

/* Puts one back whose request is not whole. What came meanwhile was told to a
 * worker that found it owned. */
static void
wait_for_more(
    struct queue *q, struct conn *conn, const struct peek *peek, bool watched)
{
	uint64_t lease = atomic_load(&conn->lease);

	conn->need = peek->need;
	conn->head = peek->head;
	if (!watched)
		copies_watch(q->c, conn, true);
	conn_leave(conn, q->c->owner, CONN_PARTIAL);
	if (peek_has_more(copies_fd(q->c, conn), peek))
		conn_notice(conn, lease_generation(lease), time_monotonic());
}

/* True: the connection has a request that is to be served now. Otherwise it
 * waits where all workers see it. */
static bool
take_in(struct queue *q, int fd, struct queue_request *ret)
{
	struct peek peek = { .need = 1 };
	enum peek_answer answer = peek_at(fd, &peek);
	struct conn *conn = NULL;

	if (answer == PEEK_REQUEST && q->s.hold == 0) {
		give_out(q, fd, NULL, &peek, ret);
		return true;
	}
	if (answer == PEEK_REQUEST || answer == PEEK_WAIT)
		conn = add(q, fd, CONN_NEW);
	close(fd);
	atomic_fetch_add(q->s.dropped, conn == NULL && answer != PEEK_END);
	if (conn != NULL && answer == PEEK_WAIT) {
		wait_for_more(q, conn, &peek, false);
	} else if (conn != NULL) {
		conn->need = 1;
		atomic_store(&conn->ready, ready_since(q));
		conn_leave(conn, q->c->owner, CONN_READY);
	}
	return false;
}

/* Nothing comes from the listener any more. */
static void
close_door(struct queue *q)
{
	q->fresh_waits = false;
	epoll_ctl(q->c->epoll, EPOLL_CTL_DEL, q->c->listener, NULL);
}

/* None waits, or there are too many open files, here or on the machine. */
static void
cannot_accept(struct queue *q)
{
	uint64_t now = time_monotonic();

	q->fresh_waits = false;
	if (errno == EAGAIN && q->stopped > 0)
		close_door(q);
	if (errno != EMFILE && errno != ENFILE && errno != ENOMEM &&
	    errno != ENOBUFS)
		return;
	if (now - q->complained > 1000000) {
		log_line(LEVEL_ERROR, "cannot accept: %s", strerror(errno));
		q->complained = now;
	}
	if (!evict(q, CONN_NEW))
		poll(NULL, 0, NO_DESCRIPTOR_PAUSE);
}

static bool
take_fresh(struct queue *q, struct queue_request *ret)
{
	while (q->fresh_waits && !is_crowded(q)) {
		int fd = accept4(q->c->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0) {
			cannot_accept(q);
			continue;
		}
		fcgi_send_ahead(fd, q->s.send_buffer);
		if (take_in(q, fd, ret)) {
			q->fresh_is_next = false;
			return true;
		}
	}
	return false;
}

/* There is nothing new on it, or a part of a request. */
static void
put_back(struct queue *q, struct conn *conn, const struct peek *peek)
{
	bool idle = atomic_load(&conn->kept) && conn->need == 1;

	if (idle && peek->need == 1) {
		conn_leave(conn, q->c->owner, CONN_IDLE);
		copies_watch(q->c, conn, false);
		return;
	}
	if (idle)
		atomic_store(&conn->since, time_monotonic());
	wait_for_more(q, conn, peek, !idle);
}

/* Looks at one that is this worker's. True: it is to be served. */
static bool
examine(struct queue *q, struct conn *conn, struct queue_request *ret)
{
	int fd = copies_fd(q->c, conn);
	struct peek peek = { .need = conn->need, .head = conn->head };
	enum peek_answer answer = peek_at(fd, &peek);

	if (answer == PEEK_REQUEST) {
		uint64_t ticket = conn_begin(q->c->conns, conn);

		conn_leave(conn, q->c->owner, CONN_SERVED);
		give_out(q, fd, conn, &peek, ret);
		ret->ticket = ticket;
	} else if (answer == PEEK_WAIT) {
		put_back(q, conn, &peek);
	} else {
		atomic_fetch_add(q->s.dropped, answer == PEEK_BAD);
		copies_end(q->c, conn);
	}
	return answer == PEEK_REQUEST;
}

static bool
take_ready(struct queue *q, struct queue_request *ret)
{
	struct conn *conn;
	uint64_t lease;

	do {
		conn = waiting_next(q->c, q->s.hold, is_crowded(q), &lease);
		if (conn == NULL)
			return false;
	} while (!copies_take(q->c, conn, lease) || !examine(q, conn, ret));
	if (atomic_load(&conn->kept))
		atomic_fetch_add(q->s.reused, 1);
	else
		atomic_fetch_add(q->s.handed, conn->passed && q->s.hold == 0);
	q->fresh_is_next = true;
	return true;
}

/* The connection that is to be kept, if there is room. */
static struct conn *
keep(struct queue *q)
{
	if (q->conn == NULL)
		return q->conn = add(q, q->fd, CONN_KEPT);
	if (!atomic_load(&q->conn->kept) && !make_room(q, CONN_KEPT))
		return NULL;
	return q->conn;
}

void
queue_answer(struct queue *q, bool last)
{
	bool wanted = q->keep && !last && q->stopped == 0;
	struct conn *conn = wanted ? keep(q) : NULL;

	q->keep = conn != NULL;
	if (!q->keep)
		return;
	conn->need = 1;
	conn->head = false;
	atomic_store(&conn->since, time_monotonic());
	atomic_store(&conn->kept, true);
	conn_leave(conn, q->c->owner, CONN_ANSWERED);
	q->keep = copies_watch(q->c, conn, false);
}

/* A worker that has taken the connection meanwhile finds that it ended. */
void
queue_done(struct queue *q, bool good)
{
	struct conn *conn = q->conn;

	if (conn != NULL && good && q->keep) {
		conn_leave(conn, q->c->owner, CONN_IDLE);
	} else if (conn != NULL) {
		shutdown(q->fd, SHUT_RDWR);
		copies_end(q->c, conn);
	}
	if (conn == NULL || q->fd != copies_fd(q->c, conn))
		close(q->fd);
}

/* Waiting. */

/* While others sleep each event has woken one of them, which takes it. True:
 * there is something to serve. */
static bool
take_events(struct queue *q, int timeout)
{
	bool found = false;
	struct epoll_event events[EVENTS_MAX];
	int most = conns_any_sleeping(q->c->conns) ? 1 : EVENTS_MAX;
	int n = epoll_wait(q->c->epoll, events, most, timeout);

	for (int i = 0; i < n; i++) {
		uint32_t what = (uint32_t)events[i].data.u64;

		found |= what <= EVENT_LISTENER;
		if (what < CONNS_MAX)
			conn_notice(&q->c->conns->all[what],
			    (uint32_t)(events[i].data.u64 >> 32),
			    ready_since(q));
		else if (what == EVENT_LISTENER)
			q->fresh_waits = true;
	}
	return found;
}

/* Whatever is noted once this worker has said that it sleeps wakes one. */
static bool
rest(struct queue *q)
{
	bool found = false;
	int ms = q->s.hold > 0    ? HOLDING_SLEEP
		 : q->stopped > 0 ? STOPPING_SLEEP
				  : LONGEST_SLEEP;

	log_flush();
	copies_sweep(q->c);
	conns_set_sleeping(q->c->conns, q->c->owner, true);
	if (q->s.hold == 0 && waiting_is_any(q->c))
		ms = LEFT_SLEEP;
	if (q->s.hold > 0 || !waiting_is_free(q->c))
		found = take_events(q, ms);
	conns_set_sleeping(q->c->conns, q->c->owner, false);
	return found;
}

static bool
is_watched(struct queue *q)
{
	struct pollfd watched = { .fd = q->s.watch, .events = POLLIN };
	uint64_t now = time_monotonic();

	if (now < q->next_check)
		return false;
	q->next_check = now + CHECK_PAUSE;
	return poll(&watched, 1, 0) == 1;
}

static bool
is_done(struct queue *q)
{
	if (q->stopped == 0 || q->fresh_waits)
		return false;
	if (conns_count(q->c->conns, ~CONN_TAKEN, CONN_ANY) == 0)
		return true;
	return getppid() != q->s.parent && !waiting_is_any(q->c) &&
	       time_monotonic() > q->stopped + ORPHAN_LINGER;
}

static bool
take_next(struct queue *q, struct queue_request *ret)
{
	return (q->fresh_is_next && take_fresh(q, ret)) || take_ready(q, ret) ||
	       take_fresh(q, ret);
}

static enum queue_event
next(struct queue *q, struct queue_request *ret)
{
	for (;;) {
		if (is_watched(q))
			return QUEUE_WATCHED;
		if (q->leaving)
			return QUEUE_DONE;
		take_events(q, 0);
		do {
			if (take_next(q, ret))
				return QUEUE_REQUEST;
			if (is_done(q))
				return QUEUE_DONE;
		} while (rest(q));
		q->next_check = 0;
	}
}

enum queue_event
queue_next(struct queue *q, struct queue_request *ret)
{
	enum queue_event event = next(q, ret);

	/* Of what this worker has noted others may not know. */
	if (conns_any_sleeping(q->c->conns) && waiting_is_free(q->c))
		copies_nudge(q->c);
	return event;
}

void
queue_leave(struct queue *q)
{
	q->leaving = true;
}

void
queue_stop(struct queue *q, bool backlog)
{
	if (q->stopped > 0)
		return;
	q->stopped = time_monotonic();
	q->fresh_waits = true;
	if (!backlog)
		close_door(q);
}

struct queue *
queue_new(const struct queue_settings *settings)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		abort();
	q->s = *settings;
	q->c = settings->copies;
	q->begun = time_monotonic();
	return q;
}

void
queue_free(struct queue *q)
{
	free(q);
}
