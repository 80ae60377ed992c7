/*
 * An epoll over the listener, the neighbours' hand-over, one watched
 * descriptor and the pending connections.
 *
 * The listener is watched with EPOLLEXCLUSIVE, so a connection wakes one idle
 * worker and not all of them. This asks that a worker which is woken always
 * accepts: it cannot decline without leaving the connection to nobody. That
 * is why what it cannot serve at once it hands on, and why a full inbox drops
 * its oldest connection instead of not looking.
 */
#include <config.h>

#include "http/inbox.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "http/scan.h"

#define MAX_PENDING 64
/* Most that is looked at: the largest head that is answered 400 and not just
 * dropped. Less than what a socket buffers by default. */
#define PEEK_SIZE (160 << 10)
/* A request that is longer is given out with its parameters: a sender in small
 * pieces fills the buffer long before its nominal size. */
#define BODY_WAIT (64 << 10)
/* Wakes without an event this often, in ms: a lost one costs no more. */
#define LONGEST_WAIT 1000
/* Pause in ms when the system has no descriptor for another connection. */
#define NO_DESCRIPTOR_PAUSE 20

/* What an event is about, beside the index of a pending connection. */
enum {
	EVENT_LISTENER = MAX_PENDING,
	EVENT_HANDOFF,
	EVENT_WATCH,
	EVENT__MAX
};

struct pending {
	int fd;            /* -1: the place is free */
	uint64_t accepted; /* monotonic microseconds */
	size_t need;       /* bytes for which looking again makes sense */
	bool watched;      /* by the epoll */
	bool ready;
	bool head;     /* all parameters are there */
	bool too_long; /* more of them than allowed */
};

struct inbox {
	struct inbox_settings settings;
	int epoll;
	bool accepting; /* the listener is watched */
	bool leaving;   /* the hand-over is not watched any more */
	bool stopping;
	uint64_t complained; /* when the last lack of descriptors was logged */
	size_t n_pending;
	struct pending pending[MAX_PENDING];
	unsigned char peek[PEEK_SIZE];
	unsigned char scratch[PEEK_SIZE];
};

/* What goes along with a descriptor that is handed over. */
struct handed {
	uint64_t accepted;
};

static bool
watch(struct inbox *inbox, int fd, uint32_t events, uint32_t what)
{
	struct epoll_event event = { .events = events, .data.u32 = what };

	return epoll_ctl(inbox->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void
unwatch(struct inbox *inbox, int fd)
{
	epoll_ctl(inbox->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static uint64_t
deadline_of(const struct inbox *inbox, const struct pending *p)
{
	unsigned ms = p->head ? inbox->settings.body_timeout
			      : inbox->settings.read_timeout;

	return p->accepted + (uint64_t)ms * 1000;
}

/* The place is free afterwards; the descriptor is the caller's. */
static int
take_out(struct inbox *inbox, struct pending *p)
{
	int fd = p->fd;

	if (p->watched)
		unwatch(inbox, fd);
	p->fd = -1;
	inbox->n_pending--;
	return fd;
}

static void
drop(struct inbox *inbox, struct pending *p)
{
	close(take_out(inbox, p));
}

/* Its request did not become whole. */
static void
give_up(struct inbox *inbox, struct pending *p)
{
	if (inbox->settings.dropped != NULL)
		atomic_fetch_add(inbox->settings.dropped, 1);
	drop(inbox, p);
}

static struct pending *
oldest(struct inbox *inbox)
{
	struct pending *found = NULL;

	for (size_t i = 0; i < MAX_PENDING; i++) {
		struct pending *p = &inbox->pending[i];

		if (p->fd >= 0 &&
		    (found == NULL || p->accepted < found->accepted))
			found = p;
	}
	return found;
}

static struct pending *
free_place(struct inbox *inbox)
{
	if (inbox->n_pending == MAX_PENDING)
		give_up(inbox, oldest(inbox));
	for (size_t i = 0; i < MAX_PENDING; i++)
		if (inbox->pending[i].fd < 0)
			return &inbox->pending[i];
	abort();
}

/* Decides on p by its first len bytes; p may be gone afterwards. Parameters are
 * secret, so no trace of them stays. */
static void
judge(struct inbox *inbox, struct pending *p, size_t len)
{
	struct scan scan = scan_request(inbox->peek, len, inbox->scratch);

	explicit_bzero(inbox->peek, len);
	explicit_bzero(inbox->scratch, scan.params);
	p->need = scan.need;
	p->head = scan.state == SCAN_HEAD || scan.state == SCAN_WHOLE;
	p->too_long = scan.params > inbox->settings.params_max;
	p->ready =
	    scan.state == SCAN_WHOLE || (p->head && scan.need > BODY_WAIT);
	if (scan.state == SCAN_JUNK || (!p->head && scan.need > PEEK_SIZE))
		give_up(inbox, p);
}

static void
look(struct inbox *inbox, struct pending *p)
{
	int available = 0;
	ssize_t len;

	if (p->need > 1 && ioctl(p->fd, FIONREAD, &available) == 0 &&
	    available > 0 && (size_t)available < p->need)
		return;
	len = recv(p->fd, inbox->peek, PEEK_SIZE, MSG_PEEK | MSG_DONTWAIT);
	if (len > 0)
		judge(inbox, p, (size_t)len);
	else if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	else if (p->need > 1)
		give_up(inbox, p);
	else
		drop(inbox, p); /* only looked whether somebody listens */
}

/* Takes a new connection in. Mostly its request is there already, and then it
 * never gets to know the epoll. */
static void
take_in(struct inbox *inbox, int fd, uint64_t accepted)
{
	struct pending *p = free_place(inbox);

	*p = (struct pending){ .fd = fd, .accepted = accepted, .need = 1 };
	inbox->n_pending++;
	look(inbox, p);
	if (p->fd < 0 || p->ready)
		return;
	p->watched = watch(inbox, fd, EPOLLIN | EPOLLRDHUP | EPOLLET,
	    (uint32_t)(p - inbox->pending));
	if (!p->watched)
		drop(inbox, p);
}

/* Too many open files, here or on the machine. An old connection makes room
 * for a new one; without any there is only waiting. */
static void
make_room(struct inbox *inbox)
{
	uint64_t now = time_monotonic();

	if (now - inbox->complained > 1000000) {
		log_line(LEVEL_ERROR, "cannot accept: %s", strerror(errno));
		inbox->complained = now;
	}
	if (inbox->n_pending > 0)
		give_up(inbox, oldest(inbox));
	else
		poll(NULL, 0, NO_DESCRIPTOR_PAUSE);
}

/* False: none is waiting. */
static bool
accept_one(struct inbox *inbox)
{
	int fd = accept4(inbox->settings.listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0) {
		take_in(inbox, fd, time_monotonic());
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	    errno == ENOBUFS)
		make_room(inbox);
	return false;
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* The descriptor of a message; -1 without one. */
static int
descriptor_of(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fd;

	if (c == NULL || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* False: nothing was handed over. */
static bool
receive_one(struct inbox *inbox)
{
	struct handed handed;
	union control control;
	struct iovec part = { &handed, sizeof(handed) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t len = recvmsg(inbox->settings.handoff[0], &message,
	    MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fd;

	if (len != sizeof(handed))
		return false;
	fd = descriptor_of(&message);
	if (fd >= 0)
		take_in(inbox, fd, handed.accepted);
	return true;
}

/* False: the neighbours have too many already, and p stays here. */
static bool
hand_over(struct inbox *inbox, struct pending *p)
{
	struct handed handed = { p->accepted };
	union control control = { 0 };
	struct iovec part = { &handed, sizeof(handed) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(p->fd));
	memcpy(CMSG_DATA(c), &p->fd, sizeof(p->fd));
	if (sendmsg(inbox->settings.handoff[1], &message,
		MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return false;
	drop(inbox, p);
	return true;
}

static void
hand_all_over(struct inbox *inbox)
{
	for (size_t i = 0; i < MAX_PENDING && inbox->n_pending > 0; i++) {
		struct pending *p = &inbox->pending[i];

		if (p->fd >= 0 && !hand_over(inbox, p))
			return;
	}
}

static bool
give_out(struct inbox *inbox, struct inbox_connection *ret)
{
	for (size_t i = 0; i < MAX_PENDING && inbox->n_pending > 0; i++) {
		struct pending *p = &inbox->pending[i];

		if (p->fd < 0 || !p->ready)
			continue;
		*ret = (struct inbox_connection){ .accepted = p->accepted,
			.too_long = p->too_long };
		ret->fd = take_out(inbox, p);
		hand_all_over(inbox);
		return true;
	}
	return false;
}

/* Drops what took too long; returns the ms until the next would. */
static int
expire(struct inbox *inbox)
{
	uint64_t now = time_monotonic();
	uint64_t wait = LONGEST_WAIT * 1000;

	for (size_t i = 0; i < MAX_PENDING && inbox->n_pending > 0; i++) {
		struct pending *p = &inbox->pending[i];
		uint64_t deadline;

		if (p->fd < 0)
			continue;
		deadline = deadline_of(inbox, p);
		if (deadline <= now)
			give_up(inbox, p);
		else if (deadline - now < wait)
			wait = deadline - now;
	}
	return (int)(wait / 1000) + 1;
}

static void
connection_event(struct inbox *inbox, struct pending *p, uint32_t events)
{
	if (p->fd < 0)
		return;
	look(inbox, p);
	if (p->fd >= 0 && !p->ready &&
	    (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		give_up(inbox, p);
}

/* Connections first: accepting may use the place of one again, and an event
 * of the old would then seem to be one of the new. */
static bool
handle(struct inbox *inbox, const struct epoll_event *events, int n)
{
	bool happened[EVENT__MAX] = { false };

	for (int i = 0; i < n; i++) {
		uint32_t what = events[i].data.u32;

		happened[what] = true;
		if (what < MAX_PENDING)
			connection_event(
			    inbox, &inbox->pending[what], events[i].events);
	}
	if (!inbox->leaving && (happened[EVENT_HANDOFF] || n == 0))
		receive_one(inbox);
	if (inbox->accepting && (happened[EVENT_LISTENER] || n == 0))
		accept_one(inbox);
	return happened[EVENT_WATCH];
}

static bool
is_done(const struct inbox *inbox)
{
	return (inbox->leaving || inbox->stopping) && inbox->n_pending == 0;
}

enum inbox_event
inbox_next(struct inbox *inbox, struct inbox_connection *ret)
{
	struct epoll_event events[EVENT__MAX];

	for (;;) {
		int wait, n;

		if (give_out(inbox, ret))
			return INBOX_REQUEST;
		wait = expire(inbox);
		if (is_done(inbox)) {
			if (inbox->leaving || !receive_one(inbox))
				return INBOX_DONE;
			continue;
		}
		n = epoll_wait(inbox->epoll, events, EVENT__MAX, wait);
		if (handle(inbox, events, n < 0 ? 0 : n))
			return INBOX_WATCHED;
	}
}

static void
stop_accepting(struct inbox *inbox)
{
	if (!inbox->accepting)
		return;
	unwatch(inbox, inbox->settings.listener);
	inbox->accepting = false;
}

void
inbox_leave(struct inbox *inbox)
{
	if (inbox->leaving)
		return;
	stop_accepting(inbox);
	unwatch(inbox, inbox->settings.handoff[0]);
	inbox->leaving = true;
	hand_all_over(inbox);
}

void
inbox_stop(struct inbox *inbox, bool backlog)
{
	if (inbox->accepting && backlog)
		while (inbox->n_pending < MAX_PENDING && accept_one(inbox))
			continue;
	stop_accepting(inbox);
	inbox->stopping = true;
}

enum error
inbox_handoff(int ret[2], struct problem *reterr)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, ret) == 0)
		return OK;
	return problem_log(
	    reterr, ERROR_INTERNAL, "socketpair: %s", strerror(errno));
}

enum error
inbox_new(const struct inbox_settings *settings, struct inbox **ret,
    struct problem *reterr)
{
	struct inbox *inbox = calloc(1, sizeof(*inbox));

	if (inbox == NULL)
		abort();
	inbox->settings = *settings;
	inbox->accepting = true;
	for (size_t i = 0; i < MAX_PENDING; i++)
		inbox->pending[i].fd = -1;
	inbox->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (inbox->epoll >= 0 &&
	    watch(inbox, settings->listener, EPOLLIN | EPOLLEXCLUSIVE,
		EVENT_LISTENER) &&
	    watch(inbox, settings->handoff[0], EPOLLIN | EPOLLEXCLUSIVE,
		EVENT_HANDOFF) &&
	    watch(inbox, settings->watch, EPOLLIN, EVENT_WATCH)) {
		*ret = inbox;
		return OK;
	}
	problem_log(reterr, ERROR_INTERNAL, "cannot watch the listener: %s",
	    strerror(errno));
	inbox_free(inbox);
	return ERROR_INTERNAL;
}

void
inbox_free(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	for (size_t i = 0; i < MAX_PENDING; i++)
		if (inbox->pending[i].fd >= 0)
			close(inbox->pending[i].fd);
	if (inbox->epoll >= 0)
		close(inbox->epoll);
	free(inbox);
}
