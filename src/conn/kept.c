/*
 * Places of connections that the workers of a lane have in common.
 *
 * Nothing that comes on one is lost between them: an event wakes one worker
 * that waits, and all that are busy come across it later (EPOLLEXCLUSIVE). Who
 * finds the claim taken says so, and the taker has somebody look once more.
 * And whenever deadlines are checked, each connection is looked at.
 */
#include <config.h>

#include "conn/kept.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "conn/hold.h"

/* Claims. */

static bool
has_bytes(const struct place *p)
{
	char byte;

	return recv(p->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

/* Who answered has not come to give it back, but the web server is content. */
static bool
take_over(struct places *places, const struct place *p)
{
	return claims_is_answered(places->settings->claims, p->claim) &&
	       has_bytes(p) &&
	       claims_take_over(
		   places->settings->claims, p->claim, places->settings->taker);
}

/* What became of it; when it is gone the place is free. want: see claims.h. */
static enum claim_answer
take(struct places *places, struct place *p, bool want)
{
	const struct claim *claim =
	    claims_at(places->settings->claims, p->claim);
	enum claim_answer answer = claims_take(
	    places->settings->claims, p->claim, places->settings->taker, want);

	if (answer == CLAIM_GONE)
		places_forget(places, p);
	if (answer == CLAIM_BUSY && take_over(places, p))
		answer = CLAIM_OURS;
	if (answer != CLAIM_OURS)
		return answer;
	p->since = p->turn = atomic_load(&claim->since);
	p->need = claim->need;
	p->idle = claim->idle;
	p->head = claim->head;
	p->taken = true;
	return answer;
}

/* For who takes it next. */
static void
write_down(struct places *places, const struct place *p)
{
	struct claim *claim = claims_at(places->settings->claims, p->claim);

	atomic_store(&claim->since, p->since);
	claim->need = p->need;
	claim->idle = p->idle;
	claim->head = p->head;
}

/* As it was written down. True: a neighbour wanted it meanwhile. */
static bool
release(struct places *places, struct place *p)
{
	p->taken = false;
	return claims_give_back(
	    places->settings->claims, p->claim, places->settings->taker);
}

/* The same, with what we found. */
static bool
give_back(struct places *places, struct place *p)
{
	write_down(places, p);
	return release(places, p);
}

static struct handoff
handoff_of(const struct place *p)
{
	return (struct handoff){
		.since = p->since, .kept = p->kept, .claim = p->claim
	};
}

/* A copy for each neighbour that has none. One whose queue is full gets it
 * another time. */
static void
share(struct places *places, const struct place *p)
{
	const struct inbox_settings *s = places->settings;
	struct claim *claim = claims_at(s->claims, p->claim);
	unsigned missing =
	    atomic_load(&s->claims->occupied) & ~atomic_load(&claim->seats);
	struct handoff handoff = handoff_of(p);

	for (unsigned i = 0; missing != 0; i++, missing >>= 1)
		if ((missing & 1) != 0 &&
		    handoff_send(s->handoffs->seats[i][1], p->fd, &handoff))
			atomic_fetch_or(&claim->seats, 1U << i);
}

static struct place *
find_kept(struct places *places, struct claim_name name)
{
	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];

		if (p->fd >= 0 && p->kept && p->claim.number == name.number &&
		    p->claim.generation == name.generation)
			return p;
	}
	return NULL;
}

/* Since when nothing came on it, or for how long what came is not complete. */
static uint64_t
rests_since(const struct places *places, const struct place *p)
{
	return atomic_load(
	    &claims_at(places->settings->claims, p->claim)->since);
}

void
kept_notice(struct places *places, struct place *p, bool first)
{
	uint64_t rests = rests_since(places, p);

	if (!p->pending || p->noticed != rests)
		hold_begin(places, p, 0);
	places->n_pending += !p->pending;
	p->pending = true;
	p->noticed = rests;
	p->turn = first ? 0 : p->noticed;
}

/* An event that perhaps nobody else knows of. */
static bool
is_ours_alone(const struct place *p)
{
	return p->pending && p->turn == 0;
}

static enum claim_answer
look(struct places *places, struct place *p, bool want)
{
	do {
		enum claim_answer answer = take(places, p, want);

		if (answer != CLAIM_OURS)
			return answer;
		places_examine(places, p, false);
		if (p->fd < 0 || p->ready)
			return CLAIM_OURS;
	} while (give_back(places, p));
	return CLAIM_OURS;
}

/* If it has rested since another moment, the event was for a neighbour. */
bool
kept_settle(struct places *places, struct place *p, bool last)
{
	uint64_t turn = p->turn;
	bool want = last || is_ours_alone(p);
	enum claim_answer answer = CLAIM_GONE;

	if (p->noticed == rests_since(places, p))
		answer = look(places, p, want);
	p->turn = turn;
	p->passed = answer == CLAIM_BUSY && !want;
	if (p->fd >= 0 && !p->passed) {
		places->n_pending--;
		p->pending = false;
	}
	return p->passed;
}

size_t
kept_max(const struct places *places)
{
	unsigned most = places->settings->keep_max;

	return most < KEPT_MAX ? most : KEPT_MAX;
}

/* Room for one more? */
static bool
is_welcome(const struct places *places, struct claim_name name)
{
	return claims_lives(places->settings->claims, name) &&
	       places->n_kept < kept_max(places);
}

void
kept_take_in(struct places *places, int fd, struct claim_name name)
{
	struct place *p = find_kept(places, name);

	if (p != NULL || !is_welcome(places, name)) {
		close(fd);
		if (p != NULL)
			kept_notice(places, p, true);
		return;
	}
	/* Watching tells what is there already. */
	p = places_occupy(
	    places, (struct place){ .fd = fd, .kept = true, .claim = name });
	atomic_fetch_or(&claims_at(places->settings->claims, name)->seats,
	    1U << places->settings->seat);
	if (!places_watch(places, p))
		places_forget(places, p);
}

/* Keeping. */

/* Room for one more kept connection. The one on which nothing came for longest
 * goes, and not the one that was just answered on: the web server may send the
 * next request there before it sees that it is closed. */
static bool
make_room(struct places *places)
{
	struct place *found = NULL;
	uint64_t least = UINT64_MAX;

	if (places->n_kept < kept_max(places))
		return true;
	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];
		uint64_t since;

		if (p->fd < 0 || !p->kept || p->taken)
			continue;
		since = rests_since(places, p);
		if (since >= least)
			continue;
		found = p;
		least = since;
	}
	if (found != NULL && take(places, found, false) == CLAIM_OURS)
		places_drop(places, found);
	return places->n_kept < kept_max(places);
}

/* Of a fresh one a kept one. */
static bool
begin_keeping(struct places *places, struct place *p)
{
	struct claim *claim;

	if (kept_max(places) == 0 || !make_room(places) ||
	    !claims_add(
		places->settings->claims, places->settings->taker, &p->claim))
		return false;
	claim = claims_at(places->settings->claims, p->claim);
	atomic_fetch_or(&claim->seats, 1U << places->settings->seat);
	places_unwatch(places, p);
	p->kept = p->taken = true;
	places->n_kept++;
	return true;
}

/* Whoever has nothing to do looks at it. */
static bool
have_looked_at(struct places *places, const struct place *p)
{
	struct handoff handoff = handoff_of(p);

	if (!handoff_send(places->settings->handoffs->all[1], p->fd, &handoff))
		return false;
	atomic_fetch_add(places->settings->handed, 1);
	return true;
}

/* The next request is waited for. */
static void
rest(struct places *places, struct place *p)
{
	p->since = time_monotonic();
	p->need = 1;
	p->idle = true;
	p->head = false;
	write_down(places, p);
	share(places, p);
}

void
places_answer(struct places *places, struct place *p)
{
	if (!p->kept && p->keep)
		p->keep = begin_keeping(places, p) && places_watch(places, p);
	if (!p->keep)
		return;
	rest(places, p);
	claims_answered(places->settings->claims, p->claim);
}

void
places_keep(struct places *places, struct place *p)
{
	if (release(places, p) && !have_looked_at(places, p))
		look(places, p, true);
}

/* Of one that is ours: gives it back or ends it. */
static void
check_deadline(
    struct places *places, struct place *p, uint64_t now, uint64_t idle_end)
{
	if (places_deadline(places, p, idle_end) > now) {
		if (give_back(places, p))
			kept_notice(places, p, true);
	} else if (p->idle) {
		places_drop(places, p);
	} else {
		places_give_up(places, p);
	}
}

/* A look, too: should an event ever be lost, this finds what it told of. What
 * is found waits for its turn. */
void
kept_check(
    struct places *places, struct place *p, uint64_t now, uint64_t idle_end)
{
	enum claim_answer answer =
	    p->pending ? CLAIM_GONE : take(places, p, true);

	if (answer == CLAIM_BUSY && idle_end <= now)
		places_forget(places, p);
	if (answer != CLAIM_OURS)
		return;
	if (p->idle && has_bytes(p)) {
		release(places, p);
		kept_notice(places, p, false);
		return;
	}
	places_examine(places, p, false);
	if (p->fd >= 0 && !p->ready)
		check_deadline(places, p, now, idle_end);
}

/* Handing over. */

/* One that was taken is given back only now: if this fails it stays ours. */
bool
places_hand_over(struct places *places, struct place *p)
{
	if (!have_looked_at(places, p))
		return false;
	if (p->taken && give_back(places, p))
		have_looked_at(places, p);
	places_forget(places, p);
	return true;
}

/* Those who share a seat do not all have copies. */
static bool
may_lack(const struct claims *claims)
{
	return atomic_load(&claims->crowded) &&
	       atomic_load(&claims->resting) != 0;
}

bool
places_help(struct places *places, struct place *p)
{
	if (!p->kept || p->taken)
		return places_hand_over(places, p);
	share(places, p);
	return (!is_ours_alone(p) && !may_lack(places->settings->claims)) ||
	       have_looked_at(places, p);
}

void
places_rest(struct places *places, bool now)
{
	struct claims *claims = places->settings->claims;
	unsigned ours = 1U << places->settings->seat;

	if (((atomic_load(&claims->resting) & ours) != 0) == now)
		return;
	if (now)
		atomic_fetch_or(&claims->resting, ours);
	else if (!atomic_load(&claims->crowded))
		atomic_fetch_and(&claims->resting, ~ours);
}

/* In this order: who wakes of it finds that it has ended. */
void
places_abandon(struct places *places, const struct place *p)
{
	if (!p->kept || claims_end(places->settings->claims, p->claim,
			    places->settings->taker))
		shutdown(p->fd, SHUT_RDWR);
}
