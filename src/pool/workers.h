/*
 * The workers as the parent sees them: it starts them, watches them, asks them
 * to leave, kills and replaces them. pool/pool.c decides when. For files of
 * this folder.
 */
#ifndef POOL_WORKERS_H
#define POOL_WORKERS_H

#include <sys/types.h>

#include "config/settings.h"
#include "conn/keeper.h"
#include "pool/caches.h"
#include "pool/listen.h"
#include "pool/load.h"
#include "stats/scoreboard.h"

struct child {
	pid_t pid; /* 0: this row is free */
	enum lane lane;
	uint64_t generation; /* of the configuration it runs with */
	uint64_t started;    /* monotonic microseconds, as all times here */
	uint64_t asked;      /* when it was asked to leave; 0: it was not */
	/* Since when all others are busy, so that this one refuses; 0: it
	 * serves. */
	uint64_t full_since;
	bool killed;
};

struct lane_state {
	struct listener listener;
	struct copies copies;
	unsigned failures;            /* workers in a row that died at once */
	unsigned dead;                /* workers that died, not yet replaced */
	uint64_t not_before;          /* earliest time of a new worker */
	uint64_t none_refuses_before; /* and of one that refuses */
};

struct pool {
	struct loaded loaded;
	struct scoreboard *scoreboard;
	struct lane_state lanes[LANE__MAX];
	struct caches caches[LANE__MAX]; /* of the present generation */
	struct child children[SLOTS_MAX];
	uint64_t generation;
	uint64_t restarts; /* workers that died and were replaced */
	bool stopping;
	uint64_t call_until; /* sleeping workers are woken, see keeper_call() */
	uint64_t idle_end;   /* when idle connections end */
	int signals;
	/* Where the worker of each number is sent copies to; -1: there is none.
	 * None has the number 0. */
	int mailboxes[SLOTS_MAX + 1];
};

/* A child's slot of the scoreboard, the state that stands there, and the
 * child's number, from 1: no other worker of the pool has it. */
struct slot *child_slot(const struct pool *, const struct child *);
enum slot_state child_state(const struct pool *, const struct child *);
unsigned child_number(const struct pool *, const struct child *);

/* Starts no worker of the lane for a while; each time for longer. */
void children_wait_longer(struct pool *, struct lane_state *);

/* Starts a worker; with full_since other than 0, one that refuses. False: there
 * is no room, or fork() failed. */
bool children_start(struct pool *, enum lane, uint64_t full_since);

/* Asks a child to leave (SIGTERM), once. */
void child_ask_to_leave(struct pool *, struct child *);

/* In pool/full.c: starts a refusing worker in each lane whose workers are all
 * busy, and asks it to leave when they no longer are. */
void children_adjust_full(struct pool *);

/* In how many ms, at the latest, children_adjust_full() should be called
 * again. */
int children_full_tick(const struct pool *);

/* Brings every lane closer to what the configuration wants: starts workers,
 * asks those of an old configuration to leave once new ones are ready. */
void children_adjust(struct pool *);

/* In pool/reap.c: reaps the workers that ended. */
void children_reap(struct pool *);

/* Kills workers whose request, start or leaving takes too long. */
void children_kill_overdue(struct pool *);

/* Sends all workers a signal; SIGTERM asks them to leave. */
void children_signal(struct pool *, int number);

/* Wakes workers that sleep: they look at their signals and at what is ready. */
void children_call(struct pool *);

/* Does for the connections of all lanes what is due. Returns in how many ms, at
 * the latest, it should be called again. */
int children_keep_connections(struct pool *);

/* How many children there are, and whether every lane has all its workers,
 * ready and with the present configuration, and no others. */
size_t children_count(const struct pool *);
bool children_are_settled(const struct pool *);

#endif
