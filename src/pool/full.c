/*
 * A lane whose workers are all busy: one worker more, which serves nothing and
 * tells those who wait for too long to come again.
 *
 * It takes what waits in the lane, holds it for pool.queue_timeout and answers
 * 503 then. As soon as a worker is free, or took another request, it is told to
 * leave and hands on what it holds. So it is there for requests that last long;
 * where short ones pile up the workers themselves come by often enough.
 */
#include <config.h>

#include <limits.h>

#include "base/time.h"
#include "pool/workers.h"

/* All are busy with the same requests for so long, in ms, before one refuses:
 * less if queue_timeout is short. */
#define FULL_AFTER 400u
/* How often to look, in ms: while one refuses, and where nobody ever does. */
#define REFUSING_TICK 20
#define NEVER_TICK    INT_MAX

static unsigned
queue_timeout(const struct pool *pool)
{
	return pool->loaded.config.fcgi.queue_timeout;
}

static unsigned
full_after(const struct pool *pool)
{
	unsigned quarter = queue_timeout(pool) / 4;

	return quarter < FULL_AFTER ? quarter : FULL_AFTER;
}

/* Since when all workers of a lane are busy with what they do now; 0: one is
 * not. */
static uint64_t
full_since(const struct pool *pool, enum lane lane)
{
	uint64_t latest = 0;

	for (size_t i = 0; i < SLOTS_MAX; i++) {
		const struct child *child = &pool->children[i];
		uint64_t since;

		if (child->pid == 0 || child->lane != lane ||
		    child->asked != 0 || child->full_since > 0)
			continue;
		if (child_state(pool, child) != SLOT_BUSY)
			return 0;
		since = atomic_load(&child_slot(pool, child)->since);
		latest = since > latest ? since : latest;
	}
	return latest;
}

static struct child *
who_refuses(struct pool *pool, enum lane lane)
{
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		struct child *child = &pool->children[i];

		if (child->pid != 0 && child->lane == lane &&
		    child->full_since > 0)
			return child;
	}
	return NULL;
}

/* Whether the lane is as full as when it was started. */
static bool
is_needed(const struct pool *pool, const struct child *child, uint64_t since)
{
	return child->generation == pool->generation && since > 0 &&
	       since <= child->started;
}

static void
adjust(struct pool *pool, enum lane lane)
{
	struct child *child = who_refuses(pool, lane);
	uint64_t since = full_since(pool, lane), now = time_monotonic();

	if (child != NULL) {
		if (!is_needed(pool, child, since))
			child_ask_to_leave(child);
		return;
	}
	if (since > 0 && now >= pool->lanes[lane].none_refuses_before &&
	    now >= since + (uint64_t)full_after(pool) * 1000)
		children_start(pool, lane, since);
}

void
children_adjust_full(struct pool *pool)
{
	if (pool->stopping || queue_timeout(pool) == 0)
		return;
	for (unsigned lane = 0; lane < LANE__MAX; lane++)
		adjust(pool, (enum lane)lane);
}

int
children_full_tick(const struct pool *pool)
{
	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (pool->children[i].pid != 0 &&
		    pool->children[i].full_since > 0)
			return REFUSING_TICK;
	if (queue_timeout(pool) == 0)
		return NEVER_TICK;
	return full_after(pool) < REFUSING_TICK ? REFUSING_TICK
						: (int)full_after(pool);
}
