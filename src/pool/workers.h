/*
 * The workers as the parent sees them: started, watched, told to leave, killed,
 * replaced. pool/pool.c decides when; included by pool*.c only.
 */
#ifndef POOL_WORKERS_H
#define POOL_WORKERS_H

#include <sys/types.h>

#include "config/settings.h"
#include "conn/fdpass.h"
#include "pool/listen.h"
#include "pool/load.h"
#include "stats/scoreboard.h"

struct child {
	pid_t pid; /* 0: the place is free */
	enum lane lane;
	unsigned seat;
	uint64_t generation; /* of the configuration it runs with */
	uint64_t started;    /* monotonic microseconds, as all times here */
	uint64_t asked;      /* when it was asked to leave; 0: it was not */
	uint64_t full_since; /* refuses since all others are busy; 0: serves */
	bool killed;
};

struct lane_state {
	struct listener listener;
	struct handoffs handoffs;
	unsigned failures;            /* workers in a row that died at once */
	unsigned dead;                /* that died and are not replaced yet */
	uint64_t not_before;          /* no new worker earlier than this */
	uint64_t none_refuses_before; /* nor one that refuses than this */
};

struct pool {
	struct loaded loaded;
	struct scoreboard *shared;
	struct lane_state lanes[LANE__MAX];
	struct child children[SLOTS_MAX];
	uint64_t generation;
	uint64_t restarts; /* workers that died and were replaced */
	bool stopping;
	int signals;
};

/* What the files about children share. A child's own slot, the state it says it
 * is in, and its number among all: no other worker's, from 1. */
struct slot *child_slot(const struct pool *, const struct child *);
enum slot_state child_state(const struct pool *, const struct child *);
unsigned child_number(const struct pool *, const struct child *);

/* Workers of a lane by where they sit. */
void children_count_seats(
    const struct pool *, enum lane, unsigned ret[SEATS_MAX]);

/* No worker of the lane is started for a while, each time for longer. */
void children_wait_longer(struct pool *, struct lane_state *);

/* Starts a worker, or with full_since one that refuses; false: not now. Tells a
 * child to leave. */
bool children_start(struct pool *, enum lane, uint64_t full_since);
void child_ask_to_leave(struct child *);

/* In pool/full.c: sees to it that somebody refuses in each lane whose workers
 * are all busy, and in no other. */
void children_adjust_full(struct pool *);

/* How soon, in ms, it should be called again. */
int children_full_tick(const struct pool *);

/* Brings every lane closer to what the configuration wants: starts workers,
 * tells those of an old configuration to leave once new ones are ready. */
void children_adjust(struct pool *);

/* In pool/leave.c: takes note of those that ended. */
void children_reap(struct pool *);

/* Kills those whose request, or whose leaving, takes too long. */
void children_kill_overdue(struct pool *);

/* Sends all of them a signal; SIGTERM counts as telling them to leave. */
void children_signal(struct pool *, int number);

/* All, and whether every lane has its workers with the present configuration,
 * ready, and no others. */
size_t children_count(const struct pool *);
bool children_are_settled(const struct pool *);

#endif
