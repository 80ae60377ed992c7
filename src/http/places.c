/*
 * One place after the other, in an array that is never large.
 */
#include <config.h>

#include "http/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "http/scan.h"

/* A request that is longer is given out with its parameters: a sender in small
 * pieces fills the buffer long before its nominal size. */
#define BODY_WAIT (64 << 10)

/* The place is free afterwards; the descriptor is the caller's. */
static int
take_out(struct places *places, struct place *p)
{
	int fd = p->fd;

	if (p->watched)
		epoll_ctl(places->epoll, EPOLL_CTL_DEL, fd, NULL);
	places->n_kept -= p->kept;
	places->used--;
	p->fd = -1;
	while (places->top > 0 && places->all[places->top - 1].fd < 0)
		places->top--;
	return fd;
}

void
places_drop(struct places *places, struct place *p)
{
	close(take_out(places, p));
}

void
places_give_up(struct places *places, struct place *p)
{
	atomic_fetch_add(places->dropped, 1);
	places_drop(places, p);
}

static bool
is_fresh(const struct place *p)
{
	return !p->kept;
}

static bool
is_idle(const struct place *p)
{
	return p->idle;
}

static bool
is_ready(const struct place *p)
{
	return p->ready;
}

/* The one with the earliest moment, of *ret_n that count. */
static struct place *
oldest(struct places *places, bool (*counts)(const struct place *), int *ret_n)
{
	struct place *found = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];

		if (p->fd < 0 || !counts(p))
			continue;
		++*ret_n;
		if (found == NULL || p->since < found->since)
			found = p;
	}
	return found;
}

struct place *
places_oldest_fresh(struct places *places)
{
	int n;

	return oldest(places, is_fresh, &n);
}

struct place *
places_ready(struct places *places, int *ret_n)
{
	return oldest(places, is_ready, ret_n);
}

/* NULL: there is no place for a kept one. */
static struct place *
free_place(struct places *places, bool kept)
{
	if (kept && places->n_kept == KEPT_MAX)
		return NULL;
	if (!kept && places->used - places->n_kept == FRESH_MAX)
		places_give_up(places, places_oldest_fresh(places));
	for (size_t i = 0; i < PLACES_MAX; i++)
		if (places->all[i].fd < 0)
			return &places->all[i];
	abort();
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
	p->too_long = scan.params > places->params_max;
	p->ready = p->whole || (p->head && scan.need > BODY_WAIT);
	p->keep = scan.keep;
	if (scan.state == SCAN_JUNK || (!p->head && scan.need > PEEK_SIZE))
		places_give_up(places, p);
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

void
places_look(struct places *places, struct place *p, bool hung_up)
{
	if (p->fd < 0 || p->ready)
		return;
	look(places, p);
	if (!hung_up || p->fd < 0 || p->ready)
		return;
	if (p->idle)
		places_drop(places, p);
	else
		places_give_up(places, p);
}

/* Mostly a fresh connection has its request with it, and then never gets to
 * know the epoll before it is kept. Edges only: what stays unread is not told
 * again and again. */
static void
watch(struct places *places, struct place *p)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET,
		.data.u32 = (uint32_t)(p - places->all) };

	if (p->watched)
		return;
	p->watched =
	    epoll_ctl(places->epoll, EPOLL_CTL_ADD, p->fd, &event) == 0;
	if (!p->watched)
		places_drop(places, p);
}

void
places_take_in(struct places *places, int fd, const struct handoff *handoff)
{
	struct place *p = free_place(places, handoff->kept);

	if (p == NULL) {
		close(fd);
		return;
	}
	*p = (struct place){ .fd = fd,
		.since = handoff->since,
		.need = 1,
		.kept = handoff->kept,
		.idle = handoff->idle };
	places->used++;
	places->n_kept += p->kept;
	if (p >= places->all + places->top)
		places->top = (size_t)(p - places->all) + 1;
	look(places, p);
	if (p->fd >= 0 && !p->ready)
		watch(places, p);
}

/* Room for one more kept connection. The one on which nothing came for longest
 * goes, and not the one that was just answered on: the web server may send the
 * next request there before it sees that it is closed. */
static bool
make_room(struct places *places)
{
	struct place *idle;
	int n;

	if (places->n_kept < places->keep_max)
		return true;
	idle = places->keep_max == 0 ? NULL : oldest(places, is_idle, &n);
	if (idle != NULL)
		places_drop(places, idle);
	return idle != NULL;
}

bool
places_keep(struct places *places, struct place *p)
{
	if (!p->kept && !make_room(places))
		return false;
	places->n_kept += !p->kept;
	*p = (struct place){ .fd = p->fd,
		.since = time_monotonic(),
		.need = 1,
		.watched = p->watched,
		.kept = true,
		.idle = true };
	watch(places, p);
	return true;
}

static uint64_t
deadline_of(
    const struct places *places, const struct place *p, uint64_t idle_end)
{
	unsigned ms = p->idle   ? places->keep_timeout
		      : p->head ? places->body_timeout
				: places->read_timeout;
	uint64_t end = p->since + (uint64_t)ms * 1000;

	return p->idle && idle_end < end ? idle_end : end;
}

uint64_t
places_expire(
    struct places *places, uint64_t now, uint64_t idle_end, uint64_t most)
{
	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];
		uint64_t end;

		if (p->fd < 0 || p->ready)
			continue;
		end = deadline_of(places, p, idle_end);
		if (end > now)
			most = end - now < most ? end - now : most;
		else if (p->idle)
			places_drop(places, p);
		else
			places_give_up(places, p);
	}
	return most;
}

bool
places_hand_over(struct places *places, struct place *p, int to)
{
	struct handoff handoff = { p->since, p->kept, p->idle };

	if (!handoff_send(to, p->fd, &handoff))
		return false;
	places_drop(places, p);
	return true;
}
