/*
 * An epoll over the listener, the neighbours' hand-over, one watched
 * descriptor and the places.
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
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "http/places.h"

/* Wakes without an event this often, in ms: a lost one costs no more. */
#define LONGEST_WAIT 1000
/* How long a full queue is left alone by a worker that wants to leave, ms. */
#define LEAVE_PAUSE 20
/* Pause in ms when the system has no descriptor for another connection. */
#define NO_DESCRIPTOR_PAUSE 20
/* A request that lasts longer, in ms, keeps nobody else waiting. Between this
 * and twice as long. */
#define SERVING_LONG 20
/* A kept connection on which nothing comes for so long, in ms, is closed when
 * the lane stops. Long enough that a web server under load would have used
 * it, so that closing does not meet a request on its way. */
#define STOP_LINGER 100
#define EVENTS_MAX  64

/* What an event is about, beside the index of a place. */
enum {
	EVENT_LISTENER = PLACES_MAX,
	EVENT_HANDOFF,
	EVENT_WATCH
};

struct inbox {
	struct inbox_settings settings;
	struct places places;
	struct place *serving; /* given out; NULL: none */
	bool accepting;        /* the listener is watched */
	bool leaving;          /* the hand-over is not watched any more */
	bool stopping;
	uint64_t stopped;    /* when; monotonic microseconds */
	uint64_t complained; /* when the last lack of descriptors was logged */
	timer_t timer;
	bool has_timer;
	/* Shared with the timer's signal. */
	atomic_bool open; /* the places may be handed on by it */
	atomic_bool armed;
	atomic_uint served; /* requests given out, and */
	unsigned armed_at;  /* how many when the timer was armed */
};

/* The process's own, for the signal. */
static struct inbox *the_inbox;

static bool
watch(struct inbox *inbox, int fd, uint32_t events, uint32_t what)
{
	struct epoll_event event = { .events = events, .data.u32 = what };

	return epoll_ctl(inbox->places.epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void
unwatch(struct inbox *inbox, int fd)
{
	epoll_ctl(inbox->places.epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* Handing on. */

static bool
hand_over(struct inbox *inbox, struct place *p)
{
	if (!places_hand_over(&inbox->places, p, inbox->settings.handoff[1]))
		return false;
	atomic_fetch_add(inbox->settings.handed, 1);
	return true;
}

static void
hand_all_over(struct inbox *inbox)
{
	struct places *places = &inbox->places;

	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];

		if (p->fd >= 0 && p != inbox->serving && !hand_over(inbox, p))
			return;
	}
}

/* Tells the neighbours how many requests wait here. */
static void
publish(struct inbox *inbox, int n)
{
	const struct inbox_settings *s = &inbox->settings;
	int before = atomic_exchange(s->queue, n);

	if (n != before)
		atomic_fetch_add(s->all_queues, n - before);
}

/* How many of n waiting requests are for others: those beyond our share. */
static int
surplus(const struct inbox *inbox, int n)
{
	int all = atomic_load(inbox->settings.all_queues);
	int workers = (int)inbox->settings.n_workers;

	return n - (all + workers - 1) / workers;
}

static void
hand_some_over(struct inbox *inbox, int n)
{
	struct places *places = &inbox->places;
	int most = surplus(inbox, n);

	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];

		if (p->fd < 0 || p == inbox->serving ||
		    (p->kept && (!p->ready || most-- <= 0)))
			continue;
		if (!hand_over(inbox, p))
			return;
	}
}

void
inbox_rescue(void)
{
	if (the_inbox != NULL)
		hand_all_over(the_inbox);
}

static void
arm(struct inbox *inbox)
{
	struct itimerspec when = { .it_value.tv_nsec = SERVING_LONG * 1000000 };

	inbox->armed_at = atomic_load(&inbox->served);
	atomic_store(&inbox->armed, true);
	timer_settime(inbox->timer, 0, &when, NULL);
}

/* The timer went off: is it the same request as when it was armed? */
static void
on_timer(int number)
{
	int kept = errno;
	struct inbox *inbox = the_inbox;

	(void)number;
	log_flush();
	if (inbox == NULL)
		return;
	atomic_store(&inbox->armed, false);
	if (atomic_load(&inbox->open)) {
		if (inbox->armed_at == atomic_load(&inbox->served))
			hand_all_over(inbox);
		else
			arm(inbox);
	}
	errno = kept;
}

static enum error
make_timer(struct inbox *inbox, struct problem *reterr)
{
	struct sigaction action = { .sa_handler = on_timer,
		.sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN };

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGRTMIN, &action, NULL) != 0 ||
	    timer_create(CLOCK_MONOTONIC, &event, &inbox->timer) != 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "timer: %s", strerror(errno));
	inbox->has_timer = true;
	the_inbox = inbox;
	return OK;
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
receive_one(struct inbox *inbox)
{
	struct handoff handoff;
	int fd;

	if (!handoff_receive(inbox->settings.handoff[0], &handoff, &fd))
		return false;
	if (fd >= 0)
		places_take_in(&inbox->places, fd, &handoff);
	return true;
}

/* Giving out. */

static bool
give_out(struct inbox *inbox, struct inbox_connection *ret)
{
	int n;
	struct place *p = places_ready(&inbox->places, &n);

	publish(inbox, n);
	if (p == NULL)
		return false;
	*ret = (struct inbox_connection){
		.fd = p->fd, .too_long = p->too_long, .whole = p->whole
	};
	p->ready = false;
	inbox->serving = p;
	if (p->kept)
		atomic_fetch_add(inbox->settings.reused, 1);
	hand_some_over(inbox, n);
	/* In this order: the timer may go off anywhere between. */
	atomic_fetch_add(&inbox->served, 1);
	atomic_store(&inbox->open, true);
	if ((inbox->places.used > 1 || log_holds()) &&
	    !atomic_load(&inbox->armed))
		arm(inbox);
	return true;
}

void
inbox_done(struct inbox *inbox, bool good)
{
	struct place *p = inbox->serving;

	atomic_store(&inbox->open, false);
	inbox->serving = NULL;
	if (!good || !p->keep || inbox->stopping ||
	    !places_keep(&inbox->places, p))
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

/* Connections first: accepting may use the place of one again, and an event
 * of the old would then seem to be one of the new. */
static bool
handle(struct inbox *inbox, const struct epoll_event *events, int n, bool lull)
{
	bool watched = false, handed = lull, listener = lull;

	for (int i = 0; i < n; i++) {
		uint32_t what = events[i].data.u32;

		watched |= what == EVENT_WATCH;
		handed |= what == EVENT_HANDOFF;
		listener |= what == EVENT_LISTENER;
		if (what < PLACES_MAX)
			places_look(&inbox->places, &inbox->places.all[what],
			    (events[i].events &
				(EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
	}
	if (!inbox->leaving && handed)
		receive_one(inbox);
	if (inbox->accepting && listener)
		accept_one(inbox);
	return watched;
}

/* One look at what happened, after a wait unless a request is ready. True: the
 * watched descriptor can be read. */
static bool
wait_for_events(struct inbox *inbox, int wait)
{
	struct epoll_event events[EVENTS_MAX];
	int n;

	if (places_ready(&inbox->places, &n) != NULL)
		wait = 0;
	else if (inbox->leaving && wait > LEAVE_PAUSE)
		wait = LEAVE_PAUSE;
	publish(inbox, n);
	if (wait > 0)
		log_flush();
	n = epoll_wait(inbox->places.epoll, events, EVENTS_MAX, wait);
	return handle(inbox, events, n < 0 ? 0 : n, n <= 0 && wait > 0);
}

static bool
is_done(struct inbox *inbox)
{
	if ((!inbox->leaving && !inbox->stopping) || inbox->places.used > 0)
		return false;
	return inbox->leaving || !receive_one(inbox);
}

enum inbox_event
inbox_next(struct inbox *inbox, struct inbox_connection *ret)
{
	for (;;) {
		int wait = expire(inbox);

		if (inbox->leaving)
			hand_all_over(inbox);
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
	unwatch(inbox, inbox->settings.handoff[0]);
	inbox->leaving = true;
	hand_all_over(inbox);
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
	inbox->places.params_max = settings->params_max;
	inbox->places.read_timeout = settings->read_timeout;
	inbox->places.body_timeout = settings->body_timeout;
	inbox->places.keep_timeout = settings->keep_timeout;
	inbox->places.keep_max =
	    settings->keep_max < KEPT_MAX ? settings->keep_max : KEPT_MAX;
	inbox->places.dropped = settings->dropped;
	for (size_t i = 0; i < PLACES_MAX; i++)
		inbox->places.all[i].fd = -1;
	return inbox;
}

static enum error
watch_all(struct inbox *inbox, struct problem *reterr)
{
	const struct inbox_settings *s = &inbox->settings;

	inbox->places.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (inbox->places.epoll >= 0 &&
	    watch(
		inbox, s->listener, EPOLLIN | EPOLLEXCLUSIVE, EVENT_LISTENER) &&
	    watch(inbox, s->handoff[0], EPOLLIN | EPOLLEXCLUSIVE,
		EVENT_HANDOFF) &&
	    watch(inbox, s->watch, EPOLLIN, EVENT_WATCH))
		return OK;
	return problem_log(reterr, ERROR_INTERNAL,
	    "cannot watch the listener: %s", strerror(errno));
}

enum error
inbox_new(const struct inbox_settings *settings, struct inbox **ret,
    struct problem *reterr)
{
	struct inbox *inbox = allocate(settings);
	enum error error = watch_all(inbox, reterr);

	if (error == OK)
		error = make_timer(inbox, reterr);
	if (error == OK)
		*ret = inbox;
	else
		inbox_free(inbox);
	return error;
}

void
inbox_free(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	the_inbox = NULL;
	if (inbox->has_timer)
		timer_delete(inbox->timer);
	for (size_t i = 0; i < PLACES_MAX; i++)
		if (inbox->places.all[i].fd >= 0)
			close(inbox->places.all[i].fd);
	if (inbox->places.epoll >= 0)
		close(inbox->places.epoll);
	free(inbox);
}
