/*
 * One worker. The only place that logs a request; what the request is about it
 * does not know.
 *
 * Signals are read from a descriptor between requests and never interrupt
 * one: SIGTERM and SIGINT mean "finish and leave", SIGUSR1 "open the log
 * anew".
 */
#include <config.h>

#include "worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "admin.h"
#include "base/json.h"
#include "base/log.h"
#include "base/process.h"
#include "base/time.h"
#include "cache.h"
#include "db/db.h"
#include "http/fcgi.h"
#include "http/inbox.h"
#include "serve.h"

#define ARENA_CHUNK (64 << 10)
/* Most bytes of an answer; a larger one becomes a 500. */
#define ANSWER_MAX (64 << 20)
/* An answer's buffer that grew beyond this is given back. */
#define KEPT_ANSWER (1 << 20)
/* How long the admin lane waits for the database. */
#define ADMIN_DATABASE_MS 1000

struct worker {
	const struct worker_setup *setup;
	struct db_settings database; /* of the service; the lane's own */
	struct service service;
	struct arena *arena;
	struct buf answer;
	struct fcgi *fcgi;
	struct inbox *inbox;
	int signals;
	uint64_t served;
	uint64_t most; /* requests; 0: no limit */
	bool leaving;
};

/* The parent's death is a SIGTERM to us, unless it came before we asked. */
static bool
tie_to_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return getppid() == parent;
}

static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
	/* Meant for the parent; a terminal sends them to everyone. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_DFL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
leave(struct worker *w)
{
	const struct worker_setup *s = w->setup;

	w->leaving = true;
	slot_set_state(s->slot, SLOT_LEAVING);
	if (atomic_load(&s->shared->stopping) || getppid() != s->parent)
		inbox_stop(w->inbox, s->listener_is_ours);
	else
		inbox_leave(w->inbox);
}

static void
take_signals(struct worker *w)
{
	struct signalfd_siginfo info;

	while (read(w->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			log_reopen();
		else
			leave(w);
	}
}

/* Answers by the problem alone, for what never gets to serve(). */
static void
refuse(const struct worker *w, enum error error, const struct problem *problem,
    struct response *ret)
{
	struct str message = problem->message;

	if (message.len == 0)
		message = str_of(error_message(error));
	ret->status = error_status(error);
	ret->log = problem->log;
	json_object_open(ret->body);
	json_key(ret->body, "message");
	json_string(ret->body, message);
	json_object_close(ret->body);
	if (error == ERROR_UNAVAILABLE)
		response_header(ret, "Retry-After",
		    arena_printf(
			w->arena, "%u", w->service.limits->retry_after));
}

static void
serve_admin(
    struct worker *w, const struct request *request, struct response *ret)
{
	struct admin admin = { .arena = w->arena,
		.db = w->service.db,
		.shared = w->setup->shared,
		.retry_after = w->service.limits->retry_after };

	admin_serve(&admin, request, ret);
}

static void
serve_api(struct worker *w, const struct request *request, struct response *ret)
{
	serve(&w->service, request, ret);
}

static void (*const lanes[])(
    struct worker *, const struct request *, struct response *) = {
	[LANE_API] = serve_api,
	[LANE_TEST] = serve_api,
	[LANE_ADMIN] = serve_admin,
};
_Static_assert(N_ELEMENTS(lanes) == LANE__MAX, "one server a lane");

static void
log_answer(const struct worker *w, const struct request *request,
    const struct response *response, const struct log_request *times)
{
	unsigned slow = w->setup->config->slow_request;
	struct log_request line = *times;

	line.id = request->id;
	line.method = request->method_text;
	line.lane = lane_name(w->setup->lane);
	line.route = response->route;
	line.status = response->status;
	line.bytes = response->no_body ? 0 : response->body->len;
	line.key_id = response->key_id;
	line.company_id = response->company_id;
	line.remote = request->remote_addr;
	line.error = response->log;
	line.slow = slow > 0 && line.duration >= (uint64_t)slow * 1000;
	log_request(&line);
}

/* The database's share of a request, by its counters before and after. */
static void
add_database(struct log_request *times, struct db_counters before,
    struct db_counters after)
{
	times->statements = after.statements - before.statements;
	times->database = (after.nanoseconds - before.nanoseconds) / 1000;
}

/* What the request did to the worker's own counters, for the whole pool. */
static void
count_work(const struct worker *w, struct db_counters before,
    struct cache_counters cache_before)
{
	struct metrics *metrics = &w->setup->shared->metrics;
	struct db_counters after = db_counters(w->service.db);
	struct cache_counters cache = cache_counters(w->service.cache);

	metrics_count(
	    metrics, METRIC_STATEMENTS, after.statements - before.statements);
	metrics_count(metrics, METRIC_DATABASE_MICROSECONDS,
	    (after.nanoseconds - before.nanoseconds) / 1000);
	metrics_count(
	    metrics, METRIC_DATABASE_RETRIES, after.retries - before.retries);
	metrics_count(metrics, METRIC_DATABASE_CONNECTS,
	    after.connects - before.connects);
	metrics_count(
	    metrics, METRIC_CACHE_HITS, cache.hits - cache_before.hits);
	metrics_count(
	    metrics, METRIC_CACHE_MISSES, cache.misses - cache_before.misses);
}

static void
count_answer(
    const struct worker *w, const struct response *response, uint64_t duration)
{
	struct metrics *metrics = &w->setup->shared->metrics;

	if (w->setup->lane == LANE_ADMIN)
		return;
	metrics_request(metrics, response->route, response->status, duration);
	if (response->tested)
		metrics_count(metrics,
		    response->status == 200 ? METRIC_TESTS_PASSED
					    : METRIC_TESTS_FAILED,
		    1);
}

static void
answer(struct worker *w, enum error error, const struct request *request,
    const struct problem *problem, uint64_t begun)
{
	struct response response = { .body = &w->answer };
	struct log_request times = { 0 };
	struct db_counters before = db_counters(w->service.db);
	struct cache_counters cache = cache_counters(w->service.cache);

	slot_begin(w->setup->slot, request);
	if (error == OK)
		lanes[w->setup->lane](w, request, &response);
	else
		refuse(w, error, problem, &response);
	if (request->method == METHOD_HEAD)
		response.no_body = true;
	times.unsent = !fcgi_write(w->fcgi, request, &response);
	times.duration = time_monotonic() - begun;
	add_database(&times, before, db_counters(w->service.db));
	count_work(w, before, cache);
	count_answer(w, &response, times.duration);
	log_answer(w, request, &response, &times);
}

static void
forget(struct worker *w)
{
	fcgi_done(w->fcgi);
	buf_reset(&w->answer);
	if (w->answer.capacity > KEPT_ANSWER)
		buf_done(&w->answer);
	arena_reset(w->arena);
	w->served++;
	atomic_store(&w->setup->slot->served, w->served);
}

static void
take_request(struct worker *w, const struct inbox_connection *connection)
{
	struct problem problem = { .arena = w->arena };
	uint64_t begun = time_monotonic();
	struct request request;
	enum error error;

	error = fcgi_read(w->fcgi, connection, w->arena, &request, &problem);
	if (error == ERROR_INTERNAL) {
		metrics_count(&w->setup->shared->metrics, METRIC_DROPPED, 1);
		log_problem(LEVEL_WARNING, "request not served", &problem);
	} else {
		answer(w, error, &request, &problem, begun);
	}
	forget(w);
}

static void
settle(struct worker *w)
{
	if (w->most > 0 && w->served == w->most) {
		w->leaving = true;
		inbox_leave(w->inbox);
	}
	slot_set_state(w->setup->slot, w->leaving ? SLOT_LEAVING : SLOT_IDLE);
}

static void
loop(struct worker *w)
{
	struct inbox_connection connection;

	slot_set_state(w->setup->slot, SLOT_IDLE);
	for (;;) {
		switch (inbox_next(w->inbox, &connection)) {
		case INBOX_REQUEST:
			take_request(w, &connection);
			settle(w);
			break;
		case INBOX_WATCHED:
			take_signals(w);
			break;
		case INBOX_DONE:
			return;
		}
	}
}

/* Each worker its own number of requests, so that they do not all leave in the
 * same moment. */
static uint64_t
choose_most(const struct pool_settings *pool)
{
	unsigned chance = 0;

	if (pool->max_requests == 0)
		return 0;
	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		chance = (unsigned)getpid();
	return (uint64_t)pool->max_requests +
	       chance % (pool->max_requests_jitter + 1);
}

static enum error
open_inbox(struct worker *w, struct problem *reterr)
{
	const struct worker_setup *s = w->setup;
	const struct fcgi_limits *limits = &s->config->fcgi;
	struct inbox_settings settings = { .listener = s->listener,
		.handoff = { s->handoff[0], s->handoff[1] },
		.watch = w->signals,
		.read_timeout = limits->read_timeout,
		.body_timeout = limits->body_timeout,
		.params_max = limits->params_max };

	return inbox_new(&settings, &w->inbox, reterr);
}

static void
set_up(struct worker *w)
{
	const struct config *config = w->setup->config;

	w->signals = open_signals();
	w->arena = arena_new(ARENA_CHUNK);
	buf_init(&w->answer, ANSWER_MAX);
	w->most = choose_most(&config->pool);
	w->fcgi = fcgi_new(&config->fcgi);
	w->database = config->database;
	if (w->setup->lane == LANE_ADMIN) {
		/* Who asks for the state of things wants an answer soon. */
		w->database.connect_timeout_ms = ADMIN_DATABASE_MS;
		w->database.read_timeout_ms = ADMIN_DATABASE_MS;
	}
	w->service = (struct service){ .db = db_new(&w->database),
		.keyring = w->setup->keyring,
		.limits = &config->serve,
		.cache = cache_new(config->cache_answers),
		.probe = w->setup->probe };
}

static void
tear_down(struct worker *w)
{
	inbox_free(w->inbox);
	fcgi_free(w->fcgi);
	cache_free(w->service.cache);
	db_free(w->service.db);
	buf_done(&w->answer);
	arena_free(w->arena);
	close(w->signals);
	process_show_to_sanitizer();
}

int
worker_run(const struct worker_setup *setup)
{
	struct worker w = { .setup = setup };
	struct problem problem;
	enum error error;

	process_hide();
	set_up(&w);
	problem = (struct problem){ .arena = w.arena };
	error = open_inbox(&w, &problem);
	if (error != OK)
		log_problem(LEVEL_ERROR, "worker", &problem);
	else if (tie_to_parent(setup->parent))
		loop(&w);
	tear_down(&w);
	return error == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
