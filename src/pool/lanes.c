/*
 * Opening lanes at the start and at a reload.
 */
#include <config.h>

#include "pool/lanes.h"

#include <string.h>

#include "base/log.h"

static bool
is_open(const struct lane_state *lane)
{
	return lane->listener.fd >= 0;
}

static enum error
open_lane(struct lane_state *lane, const struct lane_settings *settings,
    unsigned keep_max, struct conns *conns, struct problem *reterr)
{
	enum error error;

	TRY(listener_open(settings, &lane->listener, reterr));
	if (!is_open(lane))
		return OK;
	error = copies_open(lane->listener.fd, keep_max + CONNS_NEW_MAX, conns,
	    &lane->copies, reterr);
	if (error != OK) {
		listener_unlink(&lane->listener);
		listener_close(&lane->listener);
	}
	return error;
}

static void
close_lane(struct lane_state *lane)
{
	if (!is_open(lane))
		return;
	listener_unlink(&lane->listener);
	listener_close(&lane->listener);
	copies_close(&lane->copies);
}

enum error
lanes_open(struct pool *pool, struct problem *reterr)
{
	for (unsigned i = 0; i < LANE__MAX; i++) {
		const struct lane_settings *settings =
		    &pool->loaded.config.lanes[i];

		if (settings->workers > 0)
			TRY(open_lane(&pool->lanes[i], settings,
			    pool->loaded.config.fcgi.keep_max,
			    &pool->scoreboard->conns[i], reterr));
	}
	return OK;
}

/* A changed `listen` takes a restart anyway. */
static bool
is_to_be_opened(
    const struct pool *pool, const struct config *fresh, unsigned lane)
{
	const struct lane_settings *old = &pool->loaded.config.lanes[lane];
	const struct lane_settings *new = &fresh->lanes[lane];

	return !is_open(&pool->lanes[lane]) && new->workers > 0 &&
	       strcmp(old->listen, new->listen) == 0;
}

static void
keep_workers(const struct pool *pool, struct config *fresh, enum lane lane)
{
	if (!is_open(&pool->lanes[lane]) || fresh->lanes[lane].workers > 0)
		return;
	fresh->lanes[lane].workers = pool->loaded.config.lanes[lane].workers;
	log_line(LEVEL_WARNING,
	    "%s.workers changed: that takes effect with a restart",
	    lane_name(lane));
}

enum error
lanes_reload(struct pool *pool, struct config *fresh, struct problem *reterr)
{
	bool opened[LANE__MAX] = { false };
	enum error error = OK;

	for (unsigned i = 0; i < LANE__MAX && error == OK; i++) {
		if (!is_to_be_opened(pool, fresh, i))
			continue;
		error = open_lane(&pool->lanes[i], &fresh->lanes[i],
		    fresh->fcgi.keep_max, &pool->scoreboard->conns[i], reterr);
		opened[i] = true;
	}
	for (unsigned i = 0; i < LANE__MAX; i++) {
		if (error != OK && opened[i])
			close_lane(&pool->lanes[i]);
		else if (error == OK)
			keep_workers(pool, fresh, (enum lane)i);
	}
	return error;
}

void
lanes_close(struct pool *pool)
{
	for (unsigned i = 0; i < LANE__MAX; i++)
		close_lane(&pool->lanes[i]);
}
