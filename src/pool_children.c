/*
 * Keeps the workers of each lane at their number.
 */
#include <config.h>

#include "pool_children.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "http/inbox.h"
#include "worker.h"

/* A worker that ends earlier, without having served, was never well. */
#define YOUNG           1000000 /* microseconds */
#define MAX_DOUBLINGS   16
#define DESCRIPTION_MAX 256

static struct slot *
slot_of(const struct pool *pool, const struct child *child)
{
	return &pool->shared->slots[child - pool->children];
}

static enum slot_state
state_of(const struct pool *pool, const struct child *child)
{
	return (enum slot_state)atomic_load(&slot_of(pool, child)->state);
}

static struct child *
free_place(struct pool *pool)
{
	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (pool->children[i].pid == 0)
			return &pool->children[i];
	return NULL;
}

/* In the child: what belongs to the parent and to other lanes is closed. */
static void
close_others(const struct pool *pool, enum lane lane)
{
	close(pool->signals);
	for (unsigned i = 0; i < LANE__MAX; i++) {
		const struct lane_state *other = &pool->lanes[i];

		if (i == (unsigned)lane || other->listener.fd < 0)
			continue;
		close(other->listener.fd);
		handoffs_close(&other->handoffs);
	}
}

/* Workers of a lane by where they sit. */
static void
count_seats(const struct pool *pool, enum lane lane, unsigned ret[SEATS_MAX])
{
	memset(ret, 0, SEATS_MAX * sizeof(*ret));
	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (pool->children[i].pid != 0 &&
		    pool->children[i].lane == lane)
			ret[pool->children[i].seat]++;
}

static unsigned
emptiest_seat(const struct pool *pool, enum lane lane)
{
	unsigned n[SEATS_MAX], best = 0;

	count_seats(pool, lane, n);
	for (unsigned i = 1; i < pool->lanes[lane].handoffs.n_seats; i++)
		if (n[i] < n[best])
			best = i;
	return best;
}

static unsigned
number_of(const struct pool *pool, const struct slot *slot)
{
	return (unsigned)(slot - pool->shared->slots) + 1;
}

static _Noreturn void
be_worker(const struct pool *pool, enum lane lane, unsigned seat,
    struct slot *slot, pid_t parent)
{
	const struct lane_state *state = &pool->lanes[lane];
	struct worker_setup setup = { .config = &pool->loaded.config,
		.lane = lane,
		.listener = state->listener.fd,
		.listener_is_ours = state->listener.ours,
		.handoffs = &state->handoffs,
		.seat = seat,
		.number = number_of(pool, slot),
		.keyring = pool->loaded.keyring,
		.probe = &pool->loaded.probe,
		.shared = pool->shared,
		.slot = slot,
		.parent = parent };

	close_others(pool, lane);
	exit(worker_run(&setup));
}

static void
wait_longer(struct pool *pool, struct lane_state *lane)
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
	atomic_store(&slot->cache_bytes, 0);
	slot->method[0] = slot->path[0] = slot->request_id[0] = '\0';
	slot_set_state(slot, SLOT_STARTING);
}

/* Who reads that one died wants to read that it is over. */
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

/* The others of its lane are to give it copies of what they keep. */
static void
sit_down(struct pool *pool, const struct child *child)
{
	claims_sit(&pool->shared->claims[child->lane], child->seat);
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		const struct child *other = &pool->children[i];

		if (other->pid != 0 && other->lane == child->lane &&
		    other != child)
			kill(other->pid, INBOX_NEWCOMER);
	}
}

/* False: not now. */
static bool
start(struct pool *pool, enum lane lane)
{
	struct child *child = free_place(pool);
	pid_t parent = getpid();
	unsigned seat = emptiest_seat(pool, lane);
	struct slot *slot;
	pid_t pid;

	if (child == NULL)
		return false;
	slot = slot_of(pool, child);
	prepare_slot(slot, lane);
	pid = fork();
	if (pid == 0)
		be_worker(pool, lane, seat, slot, parent);
	if (pid < 0) {
		log_line(
		    LEVEL_ERROR, "cannot start a worker: %s", strerror(errno));
		slot_set_state(slot, SLOT_FREE);
		wait_longer(pool, &pool->lanes[lane]);
		return false;
	}
	*child = (struct child){ .pid = pid,
		.lane = lane,
		.seat = seat,
		.generation = pool->generation,
		.started = time_monotonic() };
	atomic_store(&slot->pid, pid);
	sit_down(pool, child);
	log_replacement(pool, child);
	return true;
}

static void
tell(struct child *child)
{
	if (child->told != 0)
		return;
	child->told = time_monotonic();
	kill(child->pid, SIGTERM);
}

/* How many workers a lane has, by what they are for. */
struct census {
	unsigned fresh; /* with the present configuration */
	unsigned ready; /* of those: can serve */
	unsigned old;   /* with a former one */
};

static struct census
count_lane(const struct pool *pool, enum lane lane)
{
	struct census n = { 0 };

	for (size_t i = 0; i < SLOTS_MAX; i++) {
		const struct child *child = &pool->children[i];

		if (child->pid == 0 || child->lane != lane || child->told != 0)
			continue;
		if (child->generation != pool->generation) {
			n.old++;
			continue;
		}
		n.fresh++;
		if (state_of(pool, child) != SLOT_STARTING)
			n.ready++;
	}
	return n;
}

static void
tell_some(struct pool *pool, enum lane lane, bool fresh, unsigned n)
{
	for (size_t i = 0; i < SLOTS_MAX && n > 0; i++) {
		struct child *child = &pool->children[i];
		bool is_fresh = child->generation == pool->generation;

		if (child->pid == 0 || child->lane != lane ||
		    child->told != 0 || is_fresh != fresh)
			continue;
		tell(child);
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

/* At a reload one new worker at a time, so that the machine never carries two
 * pools; at the start all at once. */
static void
start_missing(struct pool *pool, enum lane lane, struct census *n)
{
	unsigned want = wanted(pool, lane);

	while (n->fresh < want &&
	       time_monotonic() >= pool->lanes[lane].not_before) {
		if (n->old > 0 && n->fresh > n->ready)
			return;
		if (!start(pool, lane))
			return;
		n->fresh++;
	}
}

static void
adjust_lane(struct pool *pool, enum lane lane)
{
	struct census n = count_lane(pool, lane);
	unsigned want = wanted(pool, lane);
	unsigned keep = want > n.ready ? want - n.ready : 0;

	start_missing(pool, lane, &n);
	if (n.old > keep)
		tell_some(pool, lane, false, n.old - keep);
	if (n.fresh > want)
		tell_some(pool, lane, true, n.fresh - want);
}

void
children_adjust(struct pool *pool)
{
	for (unsigned lane = 0; lane < LANE__MAX; lane++)
		adjust_lane(pool, (enum lane)lane);
}

/* "GET /api/v1/connectors (request id x)", or "nothing". */
static void
describe_work(const struct pool *pool, const struct child *child,
    char out[DESCRIPTION_MAX])
{
	const struct slot *slot = slot_of(pool, child);
	char method[sizeof(slot->method)], path[sizeof(slot->path)];
	char id[sizeof(slot->request_id)];

	slot_copy_text(method, sizeof(method), slot->method);
	slot_copy_text(path, sizeof(path), slot->path);
	slot_copy_text(id, sizeof(id), slot->request_id);
	if (state_of(pool, child) == SLOT_BUSY)
		snprintf(out, DESCRIPTION_MAX, "%s %s (request id %s)", method,
		    path, id);
	else
		snprintf(out, DESCRIPTION_MAX, "nothing");
}

static bool
ended_well(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
log_end(const struct pool *pool, const struct child *child, int status)
{
	const char *lane = lane_name(child->lane);
	char work[DESCRIPTION_MAX];

	if (child->killed)
		return;
	if (ended_well(status)) {
		log_line(LEVEL_DEBUG, "worker %ld of %s left", (long)child->pid,
		    lane);
		return;
	}
	describe_work(pool, child, work);
	if (WIFSIGNALED(status))
		log_line(LEVEL_ERROR,
		    "worker %ld of %s died of signal %d, serving %s",
		    (long)child->pid, lane, WTERMSIG(status), work);
	else
		log_line(LEVEL_ERROR,
		    "worker %ld of %s ended with status %d, serving %s",
		    (long)child->pid, lane, WEXITSTATUS(status), work);
}

static void
count_end(struct pool *pool, const struct child *child, int status)
{
	bool well = ended_well(status);

	if (child->told != 0)
		return;
	metrics_count_lane(&pool->shared->metrics,
	    well ? LANE_METRIC_RECYCLED : LANE_METRIC_RESTARTED, child->lane);
	pool->lanes[child->lane].dead += !well;
}

/* What it was serving ends, and neighbours are woken to close their copies. */
static void
bury_connections(struct pool *pool, const struct child *child)
{
	const struct handoffs *handoffs = &pool->lanes[child->lane].handoffs;
	struct claims *claims = &pool->shared->claims[child->lane];
	const struct handoff nothing = { 0 };
	unsigned n[SEATS_MAX];

	count_seats(pool, child->lane, n);
	if (n[child->seat] == 1)
		claims_leave(claims, child->seat);
	if (claims_bury(claims, number_of(pool, slot_of(pool, child)),
		child->seat) == 0)
		return;
	for (unsigned i = 0; i < SEATS_MAX; i++)
		if (n[i] > 0)
			handoff_send(handoffs->seats[i][1], -1, &nothing);
}

static void
bury(struct pool *pool, struct child *child, int status)
{
	struct lane_state *lane = &pool->lanes[child->lane];
	struct slot *slot = slot_of(pool, child);
	uint64_t age = time_monotonic() - child->started;

	log_end(pool, child, status);
	count_end(pool, child, status);
	if (child->told == 0) {
		pool->restarts++;
		if (age < YOUNG && atomic_load(&slot->served) == 0)
			wait_longer(pool, lane);
		else
			lane->failures = 0;
	}
	bury_connections(pool, child);
	atomic_store(&slot->pid, 0);
	slot_set_state(slot, SLOT_FREE);
	*child = (struct child){ 0 };
}

void
children_reap(struct pool *pool)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	while (pid > 0) {
		for (size_t i = 0; i < SLOTS_MAX; i++)
			if (pool->children[i].pid == pid)
				bury(pool, &pool->children[i], status);
		pid = waitpid(-1, &status, WNOHANG);
	}
}

static void
kill_child(
    struct pool *pool, struct child *child, const char *why, uint64_t age)
{
	char work[DESCRIPTION_MAX];

	describe_work(pool, child, work);
	log_line(LEVEL_ERROR,
	    "worker %ld of %s killed after %llu ms: %s, serving %s",
	    (long)child->pid, lane_name(child->lane),
	    (unsigned long long)(age / 1000), why, work);
	child->killed = true;
	metrics_count_lane(
	    &pool->shared->metrics, LANE_METRIC_KILLED, child->lane);
	kill(child->pid, SIGKILL);
}

static void
check_child(struct pool *pool, struct child *child, uint64_t now)
{
	const struct slot *slot = slot_of(pool, child);
	enum slot_state state = state_of(pool, child);
	uint64_t since = atomic_load(&slot->since);
	uint64_t age = now > since ? now - since : 0;
	uint64_t limit = pool->loaded.config.lanes[child->lane].request_timeout;
	uint64_t grace = pool->loaded.config.pool.graceful_timeout;

	if ((state == SLOT_BUSY || state == SLOT_STARTING) &&
	    age > limit * 1000)
		kill_child(pool, child, "request_timeout", age);
	else if (child->told != 0 && now - child->told > grace * 1000)
		kill_child(pool, child, "graceful_timeout", now - child->told);
}

void
children_kill_overdue(struct pool *pool)
{
	uint64_t now = time_monotonic();

	for (size_t i = 0; i < SLOTS_MAX; i++) {
		struct child *child = &pool->children[i];

		if (child->pid != 0 && !child->killed)
			check_child(pool, child, now);
	}
}

void
children_signal(struct pool *pool, int number)
{
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		struct child *child = &pool->children[i];

		if (child->pid == 0)
			continue;
		if (number == SIGTERM)
			tell(child);
		else
			kill(child->pid, number);
	}
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
		struct census n = count_lane(pool, (enum lane)i);

		if (n.old > 0 || n.ready != wanted(pool, (enum lane)i))
			return false;
	}
	return true;
}
