/*
 * The end of workers: those that ended are reaped, those whose request, start
 * or leaving takes too long are killed.
 */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "pool/workers.h"

/* A worker that ends before this age and served nothing could not work: the
 * next one is started after a pause. */
#define YOUNG           1000000 /* microseconds */
#define DESCRIPTION_MAX 256
/* Between two refusing workers of a lane, in microseconds: what waits is to be
 * taken meanwhile, and one that dies at once is not started again and again. */
#define REFUSE_PAUSE 50000

/* "GET /api/v1/connectors (request id x)", or "nothing". */
static void
describe_work(const struct pool *pool, const struct child *child,
    char out[DESCRIPTION_MAX])
{
	const struct slot *slot = child_slot(pool, child);
	char method[sizeof(slot->method)], path[sizeof(slot->path)];
	char id[sizeof(slot->request_id)];

	slot_copy_text(method, sizeof(method), slot->method);
	slot_copy_text(path, sizeof(path), slot->path);
	slot_copy_text(id, sizeof(id), slot->request_id);
	if (child_state(pool, child) == SLOT_BUSY)
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

	if (child->asked != 0 || child->full_since > 0)
		return;
	metrics_count_lane(&pool->scoreboard->metrics,
	    well ? LANE_METRIC_RECYCLED : LANE_METRIC_RESTARTED, child->lane);
	if (well)
		return;
	pool->lanes[child->lane].dead++;
	pool->restarts++;
}

/* Ends the connections that a dead worker was serving, and has the other
 * workers of the lane look at all others. */
static void
end_connections(struct pool *pool, const struct child *child)
{
	unsigned number = child_number(pool, child);

	struct copies *copies = &pool->lanes[child->lane].copies;

	keeper_receive(copies, pool->mailboxes, SLOTS_MAX + 1);
	keeper_reap(copies, number);
	close(pool->mailboxes[number]);
	pool->mailboxes[number] = -1;
	children_call(pool);
}

static void
reap(struct pool *pool, struct child *child, int status)
{
	struct lane_state *lane = &pool->lanes[child->lane];
	struct slot *slot = child_slot(pool, child);
	uint64_t age = time_monotonic() - child->started;

	log_end(pool, child, status);
	count_end(pool, child, status);
	if (child->full_since > 0) {
		lane->none_refuses_before = time_monotonic() + REFUSE_PAUSE;
	} else if (child->asked == 0) {
		if (age < YOUNG && atomic_load(&slot->served) == 0)
			children_wait_longer(pool, lane);
		else
			lane->failures = 0;
	}
	end_connections(pool, child);
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
				reap(pool, &pool->children[i], status);
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
	    &pool->scoreboard->metrics, LANE_METRIC_KILLED, child->lane);
	kill(child->pid, SIGKILL);
}

static void
check_child(struct pool *pool, struct child *child, uint64_t now)
{
	const struct slot *slot = child_slot(pool, child);
	enum slot_state state = child_state(pool, child);
	uint64_t since = atomic_load(&slot->since);
	uint64_t age = now > since ? now - since : 0;
	uint64_t limit = pool->loaded.config.lanes[child->lane].request_timeout;
	uint64_t grace = pool->loaded.config.pool.graceful_timeout;

	if ((state == SLOT_BUSY || state == SLOT_STARTING) &&
	    age > limit * 1000)
		kill_child(pool, child, "request_timeout", age);
	else if (child->asked != 0 && now - child->asked > grace * 1000)
		kill_child(pool, child, "graceful_timeout", now - child->asked);
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
