/*
 * Keeps the workers of each lane at their number.
 */
#include <config.h>

#include "pool/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "conn/fdpass.h"
#include "pool/worker.h"

#define MAX_DOUBLINGS 16
/* Connections are looked at this often, in microseconds; and how long workers
 * are called for. */
#define LONGEST_LOOK 250000
#define CALL_LASTS   4000

struct slot *
child_slot(const struct pool *pool, const struct child *child)
{
	return &pool->scoreboard->slots[child - pool->children];
}

enum slot_state
child_state(const struct pool *pool, const struct child *child)
{
	return (enum slot_state)atomic_load(&child_slot(pool, child)->state);
}

static struct child *
free_place(struct pool *pool)
{
	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (pool->children[i].pid == 0)
			return &pool->children[i];
	return NULL;
}

/* In the child: closes what belongs to the parent and to other lanes. */
static void
close_others(const struct pool *pool, enum lane lane)
{
	close(pool->signals);
	close(pool->lanes[lane].copies.parent[0]);
	for (unsigned i = 0; i < LANE__MAX; i++) {
		const struct lane_state *other = &pool->lanes[i];

		if (i == (unsigned)lane || other->listener.fd < 0)
			continue;
		close(other->listener.fd);
		copies_close(&other->copies);
	}
	for (size_t i = 0; i <= SLOTS_MAX; i++)
		if (pool->mailboxes[i] >= 0)
			close(pool->mailboxes[i]);
}

unsigned
child_number(const struct pool *pool, const struct child *child)
{
	return (unsigned)(child - pool->children) + 1;
}

static _Noreturn void
be_worker(
    struct pool *pool, const struct child *child, int mailbox, pid_t parent)
{
	struct lane_state *state = &pool->lanes[child->lane];
	struct worker_setup setup = { .config = &pool->loaded.config,
		.lane = child->lane,
		.listener_is_ours = state->listener.ours,
		.copies = &state->copies,
		.mailbox = mailbox,
		.number = child_number(pool, child),
		.keyring = pool->loaded.keyring,
		.probe = &pool->loaded.probe,
		.openapi = &pool->loaded.openapi,
		.caches = pool->caches,
		.scoreboard = pool->scoreboard,
		.slot = child_slot(pool, child),
		.parent = parent,
		.full_since = child->full_since };

	close_others(pool, child->lane);
	exit(worker_run(&setup));
}

void
children_wait_longer(struct pool *pool, struct lane_state *lane)
{
	const struct pool_settings *s = &pool->loaded.config.pool;
	unsigned doublings =
	    lane->failures < MAX_DOUBLINGS ? lane->failures : MAX_DOUBLINGS;
	uint64_t pause = (uint64_t)s->restart_backoff << doublings;

	if (pause > s->restart_backoff_max)
		pause = s->restart_backoff_max;
	lane->failures++;
	lane->not_before = time_monotonic() + pause * 1000;
}

static void
prepare_slot(struct slot *slot, enum lane lane)
{
	atomic_store(&slot->lane, lane);
	atomic_store(&slot->started, time_monotonic());
	atomic_store(&slot->served, 0);
	slot->method[0] = slot->path[0] = slot->request_id[0] = '\0';
	slot_set_state(slot, SLOT_STARTING);
}

/* The log has a line for each worker that died; this line ends the matter. */
static void
log_replacement(struct pool *pool, const struct child *child)
{
	unsigned *dead = &pool->lanes[child->lane].dead;

	if (*dead == 0)
		return;
	--*dead;
	log_line(LEVEL_INFO, "worker %ld of %s replaces one that died",
	    (long)child->pid, lane_name(child->lane));
}

static void
cannot_start(struct pool *pool, enum lane lane)
{
	log_line(LEVEL_ERROR, "cannot start a worker: %s", strerror(errno));
	children_wait_longer(pool, &pool->lanes[lane]);
}

static bool
open_mailbox(struct pool *pool, enum lane lane, int ret[2])
{
	bool opened = fdpass_open(ret);

	if (!opened)
		cannot_start(pool, lane);
	return opened;
}

/* In the parent: the child runs, or could not be forked (pid < 0). */
static bool
started(struct pool *pool, struct child *child, pid_t pid, int mailbox)
{
	struct slot *slot = child_slot(pool, child);

	if (pid < 0) {
		cannot_start(pool, child->lane);
		close(mailbox);
		slot_set_state(slot, SLOT_FREE);
		return false;
	}
	pool->mailboxes[child_number(pool, child)] = mailbox;
	child->pid = pid;
	atomic_store(&slot->pid, pid);
	return true;
}

bool
children_start(struct pool *pool, enum lane lane, uint64_t full_since)
{
	struct child *child = free_place(pool);
	pid_t parent = getpid(), pid;
	int mailbox[2];

	if (child == NULL || !open_mailbox(pool, lane, mailbox))
		return false;
	*child = (struct child){ .lane = lane,
		.generation = pool->generation,
		.started = time_monotonic(),
		.full_since = full_since };
	prepare_slot(child_slot(pool, child), lane);
	pid = fork();
	if (pid == 0) {
		close(mailbox[0]);
		be_worker(pool, child, mailbox[1], parent);
	}
	close(mailbox[1]);
	if (!started(pool, child, pid, mailbox[0]))
		return false;
	if (full_since == 0)
		log_replacement(pool, child);
	return true;
}

void
children_call(struct pool *pool)
{
	pool->call_until = time_monotonic() + CALL_LASTS;
}

void
child_ask_to_leave(struct pool *pool, struct child *child)
{
	if (child->asked != 0)
		return;
	child->asked = time_monotonic();
	kill(child->pid, SIGTERM);
	children_call(pool);
}

/* Whether the child is a worker of the lane that serves. */
static bool
is_worker(const struct child *child, enum lane lane)
{
	return child->pid != 0 && child->lane == lane && child->full_since == 0;
}

/* How many workers a lane has, by what they are for. */
struct counts {
	unsigned fresh; /* with the present configuration */
	unsigned ready; /* of those: can serve */
	unsigned old;   /* with a former one */
};

static struct counts
count_lane(const struct pool *pool, enum lane lane)
{
	struct counts n = { 0 };

	for (size_t i = 0; i < SLOTS_MAX; i++) {
		const struct child *child = &pool->children[i];

		if (!is_worker(child, lane) || child->asked != 0)
			continue;
		if (child->generation != pool->generation) {
			n.old++;
			continue;
		}
		n.fresh++;
		if (child_state(pool, child) != SLOT_STARTING)
			n.ready++;
	}
	return n;
}

static void
ask_some_to_leave(struct pool *pool, enum lane lane, bool fresh, unsigned n)
{
	for (size_t i = 0; i < SLOTS_MAX && n > 0; i++) {
		struct child *child = &pool->children[i];
		bool is_fresh = child->generation == pool->generation;

		if (!is_worker(child, lane) || child->asked != 0 ||
		    is_fresh != fresh)
			continue;
		child_ask_to_leave(pool, child);
		n--;
	}
}

static unsigned
wanted(const struct pool *pool, enum lane lane)
{
	if (pool->stopping || pool->lanes[lane].listener.fd < 0)
		return 0;
	return pool->loaded.config.lanes[lane].workers;
}

/* At a reload one worker is started at a time, so that the machine never runs
 * two pools; at the start all at once. */
static void
start_missing(struct pool *pool, enum lane lane, struct counts *n)
{
	unsigned want = wanted(pool, lane);

	while (n->fresh < want &&
	       time_monotonic() >= pool->lanes[lane].not_before) {
		if (n->old > 0 && n->fresh > n->ready)
			return;
		if (!children_start(pool, lane, 0))
			return;
		n->fresh++;
	}
}

static void
adjust_lane(struct pool *pool, enum lane lane)
{
	struct counts n = count_lane(pool, lane);
	unsigned want = wanted(pool, lane);
	unsigned keep = want > n.ready ? want - n.ready : 0;

	start_missing(pool, lane, &n);
	if (n.old > keep)
		ask_some_to_leave(pool, lane, false, n.old - keep);
	if (n.fresh > want)
		ask_some_to_leave(pool, lane, true, n.fresh - want);
}

void
children_adjust(struct pool *pool)
{
	for (unsigned lane = 0; lane < LANE__MAX; lane++)
		adjust_lane(pool, (enum lane)lane);
}

void
children_signal(struct pool *pool, int number)
{
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		struct child *child = &pool->children[i];

		if (child->pid == 0)
			continue;
		if (number == SIGTERM)
			child_ask_to_leave(pool, child);
		else
			kill(child->pid, number);
	}
	children_call(pool);
}

size_t
children_count(const struct pool *pool)
{
	size_t n = 0;

	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (pool->children[i].pid != 0)
			n++;
	return n;
}

bool
children_are_settled(const struct pool *pool)
{
	for (unsigned i = 0; i < LANE__MAX; i++) {
		struct counts n = count_lane(pool, (enum lane)i);

		if (n.old > 0 || n.ready != wanted(pool, (enum lane)i))
			return false;
	}
	return true;
}

int
children_keep_connections(struct pool *pool)
{
	const struct fcgi_limits *fcgi = &pool->loaded.config.fcgi;
	const struct keeper_limits limits = { .read_timeout =
						  fcgi->read_timeout,
		.body_timeout = fcgi->body_timeout,
		.keep_timeout = fcgi->keep_timeout,
		.idle_end = pool->idle_end };
	uint64_t now = time_monotonic(), next = now + LONGEST_LOOK;
	bool calls = now < pool->call_until;

	for (unsigned i = 0; i < LANE__MAX; i++) {
		struct copies *copies = &pool->lanes[i].copies;

		if (pool->lanes[i].listener.fd < 0)
			continue;
		keeper_receive(copies, pool->mailboxes, SLOTS_MAX + 1);
		next = keeper_expire(copies, &limits, next,
		    &pool->scoreboard->metrics.counters[METRIC_DROPPED]);
		keeper_call(copies, calls);
	}
	if (calls && pool->call_until < next)
		next = pool->call_until;
	return next <= now ? 0 : (int)((next - now) / 1000) + 1;
}
