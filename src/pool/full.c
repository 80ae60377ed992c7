/*
 * A lane whose workers are all busy gets one worker more, which serves nothing:
 * it refuses requests that have waited for too long.
 *
 * The refusing worker takes connections from the listener to where all workers
 * see them, and answers 503 to those that have waited for pool.queue_timeout.
 * As soon as another worker is idle, or has begun another request, the parent
 * asks the refusing one to leave. So it exists only while every worker is busy
 * with a long request. Short requests need none: however many wait, a worker is
 * free again soon.
 */
#include <config.h>

#include <limits.h>

#include "base/time.h"
#include "pool/workers.h"

/* How long all workers must have been busy with the same requests, in ms,
 * before a refusing one is started; less if queue_timeout is short. */
#define FULL_AFTER 400u
/* How often the parent looks, in ms: while a worker refuses, and when
 * queue_timeout is off. */
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

/* Since when all workers of a lane are busy with their present requests; 0: a
 * worker is not busy. */
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
find_refusing(struct pool *pool, enum lane lane)
{
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		struct child *child = &pool->children[i];

		if (child->pid != 0 && child->lane == lane &&
		    child->full_since > 0)
			return child;
	}
	return NULL;
}

/* Whether all workers are still busy with the requests that they had when the
 * refusing worker was started. */
static bool
is_needed(const struct pool *pool, const struct child *child, uint64_t since)
{
	return child->generation == pool->generation && since > 0 &&
	       since <= child->started;
}

static void
adjust(struct pool *pool, enum lane lane)
{
	struct child *child = find_refusing(pool, lane);
	uint64_t since = full_since(pool, lane), now = time_monotonic();

	if (child != NULL) {
		if (!is_needed(pool, child, since))
			child_ask_to_leave(pool, child);
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
