/*
 * The parent: one loop over signals and time.
 */
#include <config.h>

#include "pool/pool.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "base/time.h"
#include "pool/lanes.h"
#include "pool/load.h"
#include "pool/notify.h"
#include "pool/privileges.h"
#include "pool/signals.h"
#include "pool/workers.h"
#include "secret/secret.h"

/* The longest wait between two rounds of the loop, in ms: while workers are
 * being started or replaced, and otherwise. */
#define BUSY_TICK 5
#define IDLE_TICK 500 /* at the most */
/* A kept connection on which nothing comes for so long, in microseconds, is
 * closed when the pool stops. Long enough that a web server under load would
 * have used it, so that closing does not meet a request on its way. */
#define STOP_LINGER 100000

/* What only the loop needs. */
struct parent {
	struct pool *pool;
	const struct pool_source *source;
	/* From the start or a reload on, until all workers are replaced. */
	bool changing;
	uint64_t next_watchdog;
	uint64_t announced_restarts;
};

static int
open_signals(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP,
		SIGUSR1, SIGCHLD };

	signal(SIGPIPE, SIG_IGN);
	return signals_open(SIG_BLOCK, numbers, N_ELEMENTS(numbers));
}

static void
print_advice(const char *sentence)
{
	fprintf(stderr, "connectors-fcgi: warning: %s\n", sentence);
}

static void
log_advice(const char *sentence)
{
	log_line(LEVEL_WARNING, "%s", sentence);
}

enum error
pool_check(const struct pool_source *source, struct problem *reterr)
{
	struct loaded loaded;

	TRY(secret_start(reterr));
	TRY(load_all(source, NULL, &loaded, reterr));
	config_advise(&loaded.config, print_advice);
	loaded_free(&loaded);
	return OK;
}

static enum error
use_log(const struct pool_settings *settings, struct problem *reterr)
{
	log_set_level(log_level_of(settings->log_level));
	if (log_open(settings->log_file))
		return OK;
	return problem_log(reterr, ERROR_INTERNAL, "cannot open the log %s",
	    settings->log_file);
}

/* Sockets and pid file are made with the rights of the start (root's, mostly);
 * the log is opened after they are given up, so that it can be reopened. */
static enum error
set_up(struct pool *pool, struct problem *reterr)
{
	const struct pool_settings *settings = &pool->loaded.config.pool;

	TRY(lanes_open(pool, reterr));
	TRY(pid_file_write(settings, reterr));
	TRY(privileges_drop(settings, reterr));
	TRY(use_log(settings, reterr));
	config_advise(&pool->loaded.config, log_advice);
	caches_renew(pool->caches, &pool->loaded.config);
	pool->signals = open_signals();
	return OK;
}

static struct pool *
pool_new(const struct loaded *loaded)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		abort();
	pool->loaded = *loaded;
	pool->signals = -1;
	pool->idle_end = UINT64_MAX;
	memset(pool->mailboxes, -1, sizeof(pool->mailboxes));
	pool->scoreboard = scoreboard_new();
	for (unsigned i = 0; i < LANE__MAX; i++)
		pool->lanes[i].listener.fd = -1;
	return pool;
}

static void
pool_free(struct pool *pool)
{
	lanes_close(pool);
	caches_free(pool->caches);
	if (pool->signals >= 0)
		close(pool->signals);
	scoreboard_free(pool->scoreboard);
	loaded_free(&pool->loaded);
	free(pool);
}

static void
stop(struct parent *p)
{
	if (p->pool->stopping)
		return;
	log_line(LEVEL_INFO, "stopping");
	notify_send("STOPPING=1\nSTATUS=finishing requests");
	p->pool->stopping = true;
	p->pool->idle_end = time_monotonic() + STOP_LINGER;
	atomic_store(&p->pool->scoreboard->stopping, true);
	for (unsigned i = 0; i < LANE__MAX; i++)
		listener_unlink(&p->pool->lanes[i].listener);
	children_signal(p->pool, SIGTERM);
}

static void
use_again(struct parent *p, const struct loaded *fresh, struct problem *problem)
{
	struct pool *pool = p->pool;
	const char *fixed =
	    config_needs_restart(&pool->loaded.config, &fresh->config);

	if (fixed != NULL)
		log_line(LEVEL_WARNING,
		    "%s changed: that takes effect with a restart", fixed);
	if (use_log(&fresh->config.pool, problem) != OK)
		log_problem(LEVEL_ERROR, "reload", problem);
	config_advise(&fresh->config, log_advice);
	loaded_free(&pool->loaded);
	pool->loaded = *fresh;
	caches_renew(pool->caches, &pool->loaded.config);
	pool->generation++;
	p->changing = true;
	log_line(LEVEL_INFO, "configuration read, replacing the workers");
}

/* A line for each fault. */
static void
refuse_reload(const struct problem *problem)
{
	struct str rest = problem->log, fault;

	while (str_next_part(&rest, '\n', &fault))
		log_line(LEVEL_ERROR,
		    "reload refused, going on as before: %.*s", STR_FMT(fault));
}

/* Either all of the new configuration is used, or nothing of it. */
static enum error
load_again(struct parent *p, struct loaded *ret, struct problem *reterr)
{
	struct pool *pool = p->pool;
	enum error error;

	TRY(load_all(p->source, &pool->loaded.config, ret, reterr));
	error = lanes_reload(pool, &ret->config, reterr);
	if (error != OK)
		loaded_free(ret);
	return error;
}

static void
reload(struct parent *p)
{
	struct problem problem = { .arena = arena_new(4096) };
	struct loaded fresh;

	notify_send("RELOADING=1\nMONOTONIC_USEC=%llu",
	    (unsigned long long)time_monotonic());
	if (load_again(p, &fresh, &problem) == OK) {
		use_again(p, &fresh, &problem);
	} else {
		refuse_reload(&problem);
		notify_send("READY=1");
	}
	arena_free(problem.arena);
}

static void
take_signal(struct parent *p, uint32_t number)
{
	switch (number) {
	case SIGTERM:
	case SIGINT:
		stop(p);
		break;
	case SIGQUIT:
		stop(p);
		children_signal(p->pool, SIGKILL);
		break;
	case SIGHUP:
		if (!p->pool->stopping)
			reload(p);
		break;
	case SIGUSR1:
		log_reopen();
		children_signal(p->pool, SIGUSR1);
		break;
	default:
		break; /* SIGCHLD: the loop looks after the children anyway */
	}
}

static void
take_signals(struct parent *p)
{
	struct signalfd_siginfo info;

	while (read(p->pool->signals, &info, sizeof(info)) == sizeof(info))
		take_signal(p, info.ssi_signo);
}

/* Tells the service manager and the log once when all workers of a start or a
 * reload are ready, and the service manager when a worker was replaced. */
static void
announce(struct parent *p)
{
	struct pool *pool = p->pool;

	if (pool->stopping || !children_are_settled(pool))
		return;
	if (!p->changing && p->announced_restarts == pool->restarts)
		return;
	notify_send("READY=1\nSTATUS=%llu workers had to be replaced",
	    (unsigned long long)pool->restarts);
	if (p->changing)
		log_line(LEVEL_INFO, "ready");
	p->changing = false;
	p->announced_restarts = pool->restarts;
}

static void
feed_watchdog(struct parent *p)
{
	uint64_t interval = notify_watchdog();
	uint64_t now = time_monotonic();

	if (interval == 0 || now < p->next_watchdog)
		return;
	notify_send("WATCHDOG=1");
	p->next_watchdog = now + interval / 3;
}

static int
next_tick(const struct parent *p)
{
	int full;

	if (p->changing || p->pool->stopping || !children_are_settled(p->pool))
		return BUSY_TICK;
	full = children_full_tick(p->pool);
	return full < IDLE_TICK ? full : IDLE_TICK;
}

/* Until there is a signal, a message of a worker, or something is due. */
static void
wait_for_news(struct parent *p)
{
	struct pool *pool = p->pool;
	struct pollfd wake[1 + LANE__MAX] = { { .fd = pool->signals,
	    .events = POLLIN } };
	int due = children_keep_connections(pool), tick = next_tick(p);

	for (unsigned i = 0; i < LANE__MAX; i++) {
		const struct lane_state *lane = &pool->lanes[i];

		wake[1 + i].fd =
		    lane->listener.fd < 0 ? -1 : lane->copies.parent[0];
		wake[1 + i].events = POLLIN;
	}
	poll(wake, 1 + LANE__MAX, due < tick ? due : tick);
}

static void
loop(struct parent *p)
{
	struct pool *pool = p->pool;

	do {
		children_adjust(pool);
		children_adjust_full(pool);
		announce(p);
		feed_watchdog(p);
		wait_for_news(p);
		take_signals(p);
		children_reap(pool);
		children_kill_overdue(pool);
	} while (!pool->stopping || children_count(pool) > 0);
}

static enum error
run(const struct pool_source *source, struct pool *pool, struct problem *reterr)
{
	struct parent parent = {
		.pool = pool,
		.source = source,
		.changing = true,
	};

	TRY(set_up(pool, reterr));
	loop(&parent);
	pid_file_remove(&pool->loaded.config.pool);
	log_line(LEVEL_INFO, "stopped");
	return OK;
}

enum error
pool_run(const struct pool_source *source, struct problem *reterr)
{
	struct loaded loaded;
	struct pool *pool;
	enum error error;

	process_hide();
	TRY(secret_start(reterr));
	TRY(probe_start(reterr));
	TRY(load_all(source, NULL, &loaded, reterr));
	pool = pool_new(&loaded);
	error = run(source, pool, reterr);
	pool_free(pool);
	process_show_to_sanitizer();
	return error;
}
