/*
 * An epoll over the listener, the neighbours' hand-over, one watched
 * descriptor and the places. Kept connections are in the epolls of all
 * workers (kept.c), so the queue of requests is the kernel's and everybody's.
 *
 * The listener is watched with EPOLLEXCLUSIVE, so a connection wakes one idle
 * worker and not all of them. This asks that a worker which is woken always
 * accepts: it cannot decline without leaving the connection to nobody. That
 * is why what it cannot serve at once it hands on, and why a full inbox drops
 * its oldest connection instead of not looking.
 */
#include <config.h>

#include "conn/inbox_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "base/time.h"

/* Wakes without an event this often, in ms: a lost one costs no more. */
#define LONGEST_WAIT 1000
/* How long a full queue is left alone by a worker that wants to leave, ms. */
#define LEAVE_PAUSE 20
/* Pause in ms when the system has no descriptor for another connection. */
#define NO_DESCRIPTOR_PAUSE 20
/* A kept connection on which nothing comes for so long, in ms, is closed when
 * the lane stops. Long enough that a web server under load would have used
 * it, so that closing does not meet a request on its way. */
#define STOP_LINGER 100
#define EVENTS_MAX  64

/* What an event is about, beside the index of a place; see watch_all(). */
enum {
	EVENT_LISTENER = PLACES_MAX,
	EVENT_HANDOFF,
	EVENT_SEAT,
	EVENT_WATCH
};

/* Where our copies come in. */
static int
own_seat(const struct inbox *inbox)
{
	return inbox->settings.handoffs->seats[inbox->settings.seat][0];
}

static void
unwatch(struct inbox *inbox, int fd)
{
	epoll_ctl(inbox->places.epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* Handing on. */

/* What would have to wait for us: fresh ones, and a kept one that happens to be
 * ready at the same time. */
static bool
hand_waiting_over(struct places *places, struct place *p)
{
	return (p->kept && !p->ready) || places_hand_over(places, p);
}

/* Taking in. */

/* Too many open files, here or on the machine. An old connection makes room
 * for a new one; without any there is only waiting. */
static void
make_room(struct inbox *inbox)
{
	struct place *oldest = places_oldest_fresh(&inbox->places);
	uint64_t now = time_monotonic();

	if (now - inbox->complained > 1000000) {
		log_line(LEVEL_ERROR, "cannot accept: %s", strerror(errno));
		inbox->complained = now;
	}
	if (oldest != NULL)
		places_give_up(&inbox->places, oldest);
	else
		poll(NULL, 0, NO_DESCRIPTOR_PAUSE);
}

/* False: none is waiting. */
static bool
accept_one(struct inbox *inbox)
{
	int fd = accept4(inbox->settings.listener, NULL, NULL, SOCK_CLOEXEC);
	struct handoff fresh = { .since = time_monotonic() };

	if (fd >= 0) {
		places_take_in(&inbox->places, fd, &fresh);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	    errno == ENOBUFS)
		make_room(inbox);
	return false;
}

/* False: nothing was handed over. */
static bool
receive(struct inbox *inbox, int from)
{
	struct handoff handoff;
	int fd;

	if (!handoff_receive(from, &handoff, &fd))
		return false;
	if (fd >= 0)
		places_take_in(&inbox->places, fd, &handoff);
	else
		inbox->places.check = 0; /* somebody wants us to look around */
	return true;
}

/* Giving out. */

static bool
give_out(struct inbox *inbox, struct inbox_connection *ret)
{
	struct place *p = places_next(&inbox->places);

	if (p == NULL)
		return false;
	*ret = (struct inbox_connection){
		.fd = p->fd, .too_long = p->too_long, .whole = p->whole
	};
	p->ready = false;
	inbox->places.n_ready--;
	inbox->serving = p;
	places_rest(&inbox->places, false);
	if (p->kept)
		atomic_fetch_add(inbox->settings.reused, 1);
	/* Who holds them refuses this one, which takes no time. */
	if (inbox->settings.hold == 0)
		inbox_with_others(inbox, hand_waiting_over);
	/* In this order: the timer may go off anywhere between. */
	atomic_fetch_add(&inbox->served, 1);
	atomic_store(&inbox->open, true);
	inbox_arm(inbox);
	return true;
}

void
inbox_read(struct inbox *inbox)
{
	const struct place *p = inbox->serving;

	if (p->kept)
		claims_seen(inbox->settings.claims, p->claim);
}

void
inbox_answer(struct inbox *inbox, bool last)
{
	if (last)
		inbox->serving->keep = false;
	else if (!inbox->stopping)
		places_answer(&inbox->places, inbox->serving);
}

void
inbox_done(struct inbox *inbox, bool good)
{
	struct place *p = inbox->serving;

	atomic_store(&inbox->open, false);
	inbox->serving = NULL;
	if (good && p->keep && !inbox->stopping)
		places_keep(&inbox->places, p);
	else
		places_drop(&inbox->places, p);
}

/* Waiting. */

/* Drops what took too long; returns the ms until the next would. */
static int
expire(struct inbox *inbox)
{
	uint64_t idle_end =
	    inbox->stopping ? inbox->stopped + STOP_LINGER * 1000 : UINT64_MAX;

	return (int)(places_expire(&inbox->places, time_monotonic(), idle_end,
			 LONGEST_WAIT * 1000) /
		     1000) +
	       1;
}

/* What the lane's workers take fresh connections from, if there are any: what
 * the others hand on first, for it is older. One that is taken while another is
 * ready would only be handed on, and that costs more than a neighbour's taking
 * it himself; but where we are the only one who was told, we take it. */
static void
take_fresh(struct inbox *inbox, bool handed, bool listener, uint32_t told)
{
	if (listener && told == EVENT_LISTENER)
		accept_one(inbox);
	if (handed &&
	    (told == EVENT_HANDOFF || places_want_fresh(&inbox->places)))
		receive(inbox, inbox->settings.handoffs->all[0]);
	if (listener && told != EVENT_LISTENER &&
	    places_want_fresh(&inbox->places))
		accept_one(inbox);
}

/* What happened. Connections first: accepting may use the place of one again,
 * and an event of the old would then seem to be one of the new.
 * The first event after a wait is the one that ended it; as long as one worker
 * waits, no other is told (EPOLLEXCLUSIVE). All later ones neighbours know,
 * too: they were woken then, or find them when they ask. */
static bool
handle(
    struct inbox *inbox, const struct epoll_event *events, int n, bool waited)
{
	bool lull = waited && n == 0;
	bool seat = lull, handed = lull, listener = lull, watched = false;
	uint32_t told = waited && n > 0 ? events[0].data.u32 : EVENT_WATCH;

	for (int i = 0; i < n; i++) {
		uint32_t what = events[i].data.u32;

		seat |= what == EVENT_SEAT;
		handed |= what == EVENT_HANDOFF;
		listener |= what == EVENT_LISTENER;
		watched |= what == EVENT_WATCH;
		if (what < PLACES_MAX)
			places_notice(&inbox->places, &inbox->places.all[what],
			    (events[i].events &
				(EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0,
			    waited && i == 0);
	}
	if (!inbox->leaving && seat)
		receive(inbox, own_seat(inbox));
	take_fresh(inbox, !inbox->leaving && handed,
	    inbox->accepting && listener, told);
	return watched;
}

/* Until something happens. */
static int
rest(struct inbox *inbox, struct epoll_event *events, int wait)
{
	if (inbox->leaving && wait > LEAVE_PAUSE)
		wait = LEAVE_PAUSE;
	log_flush();
	if (!inbox->leaving)
		places_rest(&inbox->places, true);
	return epoll_wait(inbox->places.epoll, events, EVENTS_MAX, wait);
}

/* One look at what happened, after a wait if there is nothing to do. True: the
 * watched descriptor can be read. */
static bool
wait_for_events(struct inbox *inbox, int wait)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(inbox->places.epoll, events, EVENTS_MAX, 0);
	bool waited = n == 0 && !places_have_next(&inbox->places);

	if (waited)
		n = rest(inbox, events, wait);
	return handle(inbox, events, n < 0 ? 0 : n, waited);
}

static bool
is_done(struct inbox *inbox)
{
	if ((!inbox->leaving && !inbox->stopping) || inbox->places.used > 0)
		return false;
	return inbox->leaving ||
	       !receive(inbox, inbox->settings.handoffs->all[0]);
}

enum inbox_event
inbox_next(struct inbox *inbox, struct inbox_connection *ret)
{
	for (;;) {
		int wait = expire(inbox);

		if (inbox->leaving)
			inbox_with_others(inbox, places_hand_over);
		if (is_done(inbox))
			return INBOX_DONE;
		if (wait_for_events(inbox, wait))
			return INBOX_WATCHED;
		if (give_out(inbox, ret))
			return INBOX_REQUEST;
	}
}

/* Ending. */

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
	unwatch(inbox, inbox->settings.handoffs->all[0]);
	unwatch(inbox, own_seat(inbox));
	inbox->leaving = true;
	places_rest(&inbox->places, false);
	inbox_with_others(inbox, places_hand_over);
}

void
inbox_stop(struct inbox *inbox, bool backlog)
{
	const struct places *places = &inbox->places;

	if (inbox->accepting && backlog)
		while (places->used - places->n_kept < FRESH_MAX &&
		       accept_one(inbox))
			continue;
	stop_accepting(inbox);
	inbox->stopping = true;
	inbox->stopped = time_monotonic();
}

/* Making and freeing. */

static struct inbox *
allocate(const struct inbox_settings *settings)
{
	struct inbox *inbox = calloc(1, sizeof(*inbox));

	if (inbox == NULL)
		abort();
	inbox->settings = *settings;
	inbox->accepting = true;
	places_init(
	    &inbox->places, &inbox->settings, epoll_create1(EPOLL_CLOEXEC));
	return inbox;
}

/* In the order of the events. The last is no other worker's anyway. */
static bool
watch_all(const struct inbox *inbox)
{
	const struct inbox_settings *s = &inbox->settings;
	const int fds[] = { s->listener, s->handoffs->all[0], own_seat(inbox),
		s->watch };
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE,
		.data.u32 = EVENT_LISTENER };
	bool watched = inbox->places.epoll >= 0;

	for (size_t i = 0; i < N_ELEMENTS(fds); i++, event.data.u32++)
		watched = watched && epoll_ctl(inbox->places.epoll,
					 EPOLL_CTL_ADD, fds[i], &event) == 0;
	return watched;
}

enum error
inbox_new(const struct inbox_settings *settings, struct inbox **ret,
    struct problem *reterr)
{
	struct inbox *inbox = allocate(settings);

	if (watch_all(inbox) && inbox_catch_signals(inbox)) {
		*ret = inbox;
		return OK;
	}
	problem_log(reterr, ERROR_INTERNAL, "cannot wait for requests: %s",
	    strerror(errno));
	inbox_free(inbox);
	return ERROR_INTERNAL;
}

void
inbox_free(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	inbox_leave_signals(inbox);
	for (size_t i = 0; i < PLACES_MAX; i++)
		if (inbox->places.all[i].fd >= 0)
			close(inbox->places.all[i].fd);
	if (inbox->places.epoll >= 0)
		close(inbox->places.epoll);
	free(inbox);
}
