/*
 * How long a connection is held. What is not given out meanwhile, and when that
 * is looked at again, stands in places.c.
 */
#include <config.h>

#include "conn/hold.h"

#include "base/time.h"
#include "conn/kept.h"

/* Fresh ones that are held at once, where there is room: one more, and the
 * oldest waits no longer. */
#define HELD_MAX 512
/* Of the room, so that none is pushed out without a word. */
#define HELD_SPARE 4
/* For so long, in microseconds, what comes in was there before us. */
#define BEGINNING 100000

/* Who holds them has time, and takes what the others leave in the listener. */
size_t
hold_fresh_max(const struct places *places)
{
	return places->settings->hold == 0 ? FRESH_MAX
					   : PLACES_MAX - kept_max(places);
}

static size_t
held_max(const struct places *places)
{
	size_t room = hold_fresh_max(places) - HELD_SPARE;

	return room < HELD_MAX ? room : HELD_MAX;
}

static uint64_t
end_of(const struct places *places, const struct place *p)
{
	return p->asked + (uint64_t)places->settings->hold * 1000;
}

void
hold_begin(struct places *places, struct place *p, uint64_t since)
{
	const struct inbox_settings *s = places->settings;
	uint64_t now;

	if (s->hold == 0)
		return;
	now = time_monotonic();
	p->held = true;
	p->asked = now < places->begun + BEGINNING ? s->held_since : now;
	if (since > 0 && since < p->asked)
		p->asked = since;
	places_check_by(places, end_of(places, p));
}

static bool
is_held_fresh(const struct place *p)
{
	return p->ready && !p->kept && p->held;
}

void
hold_fewer(struct places *places)
{
	struct place *p;

	if (places->settings->hold == 0 ||
	    places->used - places->n_kept <= held_max(places))
		return;
	p = places_oldest(places, is_held_fresh);
	if (p != NULL)
		p->held = false;
}

void
hold_check(struct places *places, struct place *p, uint64_t now)
{
	if (!p->held)
		return;
	if (end_of(places, p) <= now)
		p->held = false;
	else
		places_check_by(places, end_of(places, p));
}
