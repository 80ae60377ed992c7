/*
 * One place after the other, in an array that is never large.
 */
#include <config.h>

#include "conn/places.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "conn/fcgi_scan.h"
#include "conn/hold.h"
#include "conn/kept.h"

/* A request that is longer is given out with its parameters: a sender in small
 * pieces fills the buffer long before its nominal size. */
#define BODY_WAIT (64 << 10)

void
places_init(
    struct places *places, const struct inbox_settings *settings, int epoll)
{
	places->settings = settings;
	places->epoll = epoll;
	for (size_t i = 0; i < PLACES_MAX; i++)
		places->all[i].fd = -1;
	places->begun = time_monotonic();
}

/* Letting go. */

/* The place is free afterwards; the descriptor is the caller's. */
static int
take_out(struct places *places, struct place *p)
{
	int fd = p->fd;

	places_unwatch(places, p);
	places->n_kept -= p->kept;
	places->n_ready -= p->ready;
	places->n_pending -= p->pending;
	places->used--;
	p->fd = -1;
	while (places->top > 0 && places->all[places->top - 1].fd < 0)
		places->top--;
	return fd;
}

void
places_forget(struct places *places, struct place *p)
{
	close(take_out(places, p));
}

void
places_drop(struct places *places, struct place *p)
{
	if (p->kept)
		places_abandon(places, p);
	places_forget(places, p);
}

void
places_give_up(struct places *places, struct place *p)
{
	atomic_fetch_add(places->settings->dropped, 1);
	places_drop(places, p);
}

/* Finding. */

static bool
is_fresh(const struct place *p)
{
	return !p->kept;
}

static bool
is_ready_fresh(const struct place *p)
{
	return p->ready && !p->kept && !p->held;
}

static bool
is_ready_kept(const struct place *p)
{
	return p->ready && p->kept;
}

struct place *
places_oldest(struct places *places, bool (*counts)(const struct place *))
{
	struct place *found = NULL;

	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];

		if (p->fd < 0 || !counts(p))
			continue;
		if (found == NULL || p->turn < found->turn)
			found = p;
	}
	return found;
}

struct place *
places_oldest_fresh(struct places *places)
{
	return places_oldest(places, is_fresh);
}

static bool
is_pending(const struct place *p)
{
	return p->pending && !p->passed && !p->held;
}

static bool
is_next(const struct place *p)
{
	return is_ready_fresh(p) || is_ready_kept(p) || is_pending(p);
}

static struct place *
oldest_ready(struct places *places, bool (*counts)(const struct place *))
{
	return places->n_ready == 0 ? NULL : places_oldest(places, counts);
}

static struct place *
oldest_pending(struct places *places)
{
	return places->n_pending == 0 ? NULL
				      : places_oldest(places, is_pending);
}

bool
places_have_next(struct places *places)
{
	if (places->n_ready + places->n_pending == 0)
		return false;
	return places->settings->hold == 0 ||
	       places_oldest(places, is_next) != NULL;
}

bool
places_want_fresh(struct places *places)
{
	if (oldest_ready(places, is_ready_fresh) != NULL)
		return false;
	if (places->settings->hold > 0)
		return true;
	return places->fresh_is_next || !places_have_next(places);
}

static void
pass_no_more(struct places *places)
{
	for (size_t i = 0; i < places->top; i++)
		places->all[i].passed = false;
}

static struct place *
choose_kept(struct places *places, bool last)
{
	struct place *p = oldest_ready(places, is_ready_kept), *pending;
	bool passed = false;

	while ((pending = oldest_pending(places)) != NULL &&
	       (p == NULL || pending->turn < p->turn)) {
		passed |= kept_settle(places, pending, last);
		p = oldest_ready(places, is_ready_kept);
	}
	if (passed)
		pass_no_more(places);
	return p;
}

struct place *
places_next(struct places *places)
{
	struct place *fresh = oldest_ready(places, is_ready_fresh), *p = NULL;

	if (fresh == NULL || !places->fresh_is_next)
		p = choose_kept(places, false);
	if (p == NULL)
		p = fresh;
	if (p == NULL && places->n_pending > 0)
		p = choose_kept(places, true);
	if (p != NULL)
		places->fresh_is_next = p->kept;
	return p;
}

static struct place *
free_place(struct places *places)
{
	for (size_t i = 0; i < PLACES_MAX; i++)
		if (places->all[i].fd < 0)
			return &places->all[i];
	abort();
}

/* Looking. */

uint64_t
places_deadline(
    const struct places *places, const struct place *p, uint64_t idle_end)
{
	const struct inbox_settings *s = places->settings;
	unsigned ms = p->idle   ? s->keep_timeout
		      : p->head ? s->body_timeout
				: s->read_timeout;
	uint64_t end = p->since + (uint64_t)ms * 1000;

	return p->idle && idle_end < end ? idle_end : end;
}

void
places_check_by(struct places *places, uint64_t deadline)
{
	if (deadline < places->check)
		places->check = deadline;
}

/* Decides on p by its first len bytes; p may be gone afterwards. Parameters are
 * secret, so no trace of them stays. */
static void
judge(struct places *places, struct place *p, size_t len)
{
	struct scan scan = scan_request(places->peek, len, places->scratch);

	explicit_bzero(places->peek, len);
	explicit_bzero(places->scratch, scan.params);
	if (p->idle)
		p->since = time_monotonic();
	p->idle = false;
	p->need = scan.need;
	p->whole = scan.state == SCAN_WHOLE;
	p->head = p->whole || scan.state == SCAN_HEAD;
	p->too_long = scan.params > places->settings->params_max;
	p->ready = p->whole || (p->head && scan.need > BODY_WAIT);
	p->keep = scan.keep;
	if (p->ready)
		places->n_ready++;
	else if (scan.state == SCAN_JUNK || (!p->head && scan.need > PEEK_SIZE))
		places_give_up(places, p);
	else
		places_check_by(places, places_deadline(places, p, UINT64_MAX));
}

static void
look(struct places *places, struct place *p)
{
	int available = 0;
	ssize_t len;

	if (p->need > 1 && ioctl(p->fd, FIONREAD, &available) == 0 &&
	    available > 0 && (size_t)available < p->need)
		return;
	len = recv(p->fd, places->peek, PEEK_SIZE, MSG_PEEK | MSG_DONTWAIT);
	if (len > 0)
		judge(places, p, (size_t)len);
	else if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	else if (p->need > 1)
		places_give_up(places, p);
	else
		places_drop(places, p); /* of a peer that asks nothing */
}

/* EPOLLEXCLUSIVE does not go with EPOLLRDHUP, so it is asked for where bytes
 * hide the end behind them. */
static bool
has_hung_up(const struct place *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLRDHUP };

	return poll(&fd, 1, 0) == 1;
}

void
places_examine(struct places *places, struct place *p, bool hung_up)
{
	look(places, p);
	if (p->fd < 0 || p->ready)
		return;
	if (p->kept && !p->idle)
		hung_up = has_hung_up(p);
	if (!hung_up)
		return;
	if (p->idle)
		places_drop(places, p);
	else
		places_give_up(places, p);
}

void
places_notice(
    struct places *places, struct place *p, bool hung_up, bool woke_us)
{
	if (p->fd < 0 || p->ready)
		return;
	if (p->kept)
		kept_notice(places, p, woke_us);
	else
		places_examine(places, p, hung_up);
}

/* Edges only: what stays unread is not told again and again. */
bool
places_watch(struct places *places, struct place *p)
{
	uint32_t how = p->kept ? EPOLLEXCLUSIVE : EPOLLRDHUP;
	struct epoll_event event = { .events = EPOLLIN | EPOLLET | how,
		.data.u32 = (uint32_t)(p - places->all) };

	if (!p->watched)
		p->watched =
		    epoll_ctl(places->epoll, EPOLL_CTL_ADD, p->fd, &event) == 0;
	return p->watched;
}

void
places_unwatch(struct places *places, struct place *p)
{
	if (p->watched)
		epoll_ctl(places->epoll, EPOLL_CTL_DEL, p->fd, NULL);
	p->watched = false;
}

/* Taking in. */

struct place *
places_occupy(struct places *places, struct place place)
{
	struct place *p = free_place(places);

	*p = place;
	places->used++;
	places->n_kept += p->kept;
	if (p >= places->all + places->top)
		places->top = (size_t)(p - places->all) + 1;
	return p;
}

/* Of all that are fresh the oldest makes room for one more. */
static void
make_room(struct places *places)
{
	struct place *oldest = NULL;

	if (places->used - places->n_kept == hold_fresh_max(places))
		oldest = places_oldest_fresh(places);
	if (oldest != NULL)
		places_give_up(places, oldest);
}

/* Mostly it has its request with it, and then never gets to know the epoll
 * before it is kept. */
static void
take_in_fresh(struct places *places, int fd, uint64_t since)
{
	struct place *p;

	make_room(places);
	p = places_occupy(
	    places, (struct place){
			.fd = fd, .since = since, .need = 1, .turn = since });
	places_check_by(places, places_deadline(places, p, UINT64_MAX));
	hold_begin(places, p, since);
	look(places, p);
	hold_fewer(places);
	if (p->fd >= 0 && !p->ready && !places_watch(places, p))
		places_drop(places, p);
}

void
places_take_in(struct places *places, int fd, const struct handoff *handoff)
{
	if (handoff->kept)
		kept_take_in(places, fd, handoff->claim);
	else
		take_in_fresh(places, fd, handoff->since);
}

/* Deadlines. */

static void
check_fresh(struct places *places, struct place *p, uint64_t now)
{
	uint64_t end = places_deadline(places, p, UINT64_MAX);

	if (end <= now)
		places_give_up(places, p);
	else
		places_check_by(places, end);
}

uint64_t
places_expire(
    struct places *places, uint64_t now, uint64_t idle_end, uint64_t most)
{
	places_check_by(places, idle_end);
	if (now < places->check)
		return places->check - now;
	places->check = now + most;
	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];

		if (p->fd < 0)
			continue;
		hold_check(places, p, now);
		if (p->ready)
			continue;
		if (p->kept)
			kept_check(places, p, now, idle_end);
		else
			check_fresh(places, p, now);
	}
	return places->check - now;
}
