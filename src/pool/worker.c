/*
 * One worker. With pool/worker_cost.c the only place that logs a request. Must
 * not know what a request is about.
 *
 * Signals are read from a descriptor between requests and never interrupt
 * one: SIGTERM and SIGINT mean "finish and leave", SIGUSR1 "open the log
 * anew", TIDY_SIGNAL "remove old rows".
 */
#include <config.h>

#include "pool/worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "admin/admin.h"
#include "api/ahead.h"
#include "api/implementation_cache.h"
#include "api/serve.h"
#include "base/log.h"
#include "base/process.h"
#include "base/time.h"
#include "conn/copies.h"
#include "conn/fcgi.h"
#include "conn/queue.h"
#include "conn/waiting.h"
#include "db/db.h"
#include "pool/caches.h"
#include "pool/crash.h"
#include "pool/listen.h"
#include "pool/signals.h"
#include "pool/tidy.h"
#include "pool/worker_cost.h"

/* What a page of a list needs; a larger answer costs a further block. */
#define ARENA_CHUNK (256 << 10)
/* Most bytes of an answer; a larger one becomes a 500. */
#define ANSWER_MAX (64 << 20)
/* An answer's buffer that grew beyond this is freed. */
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
	struct queue *queue;
	int signals;
	uint64_t served;
	uint64_t most; /* requests; 0: no limit */
	bool leaving;
};

/* Has the system send a SIGTERM when the parent dies. False: it is dead
 * already. */
static bool
tie_to_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return getppid() == parent;
}

static int
open_signals(void)
{
	const int numbers[] = { SIGTERM, SIGINT, SIGUSR1, TIDY_SIGNAL };

	/* Meant for the parent; a terminal sends them to every process. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_DFL);
	return signals_open(SIG_SETMASK, numbers, N_ELEMENTS(numbers));
}

static void
leave(struct worker *w)
{
	const struct worker_setup *s = w->setup;

	w->leaving = true;
	slot_set_state(s->slot, SLOT_LEAVING);
	if (s->full_since > 0)
		queue_leave(w->queue);
	else if (atomic_load(&s->scoreboard->stopping) ||
		 getppid() != s->parent)
		queue_stop(w->queue, s->listener_is_ours);
	else
		queue_leave(w->queue);
}

static void
tidy(const struct worker *w)
{
	tidy_turn(w->arena, w->setup->config, w->setup->scoreboard);
	arena_reset(w->arena);
}

static void
take_signals(struct worker *w)
{
	struct signalfd_siginfo info;

	while (read(w->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			log_reopen();
		else if (info.ssi_signo == (uint32_t)TIDY_SIGNAL)
			tidy(w);
		else
			leave(w);
	}
}

static void
serve_admin(
    struct worker *w, const struct request *request, struct response *ret)
{
	struct caches_held held = caches_held(w->setup->caches);
	struct admin admin = { .arena = w->arena,
		.db = w->service.db,
		.keyring = w->setup->keyring,
		.config = w->setup->config,
		.scoreboard = w->setup->scoreboard,
		.pid = w->setup->parent,
		.answer_bytes = held.answers,
		.fragment_bytes = held.fragments };

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

/* False: the web server did not take the answer. */
static bool
send_answer(const struct worker *w, const struct request *request,
    const struct response *response)
{
	bool sent = fcgi_write(w->fcgi, request, response);

	if (sent)
		queue_answer(w->queue, request->last);
	return fcgi_end(w->fcgi) && sent;
}

/* Does what could wait until the answer was sent. */
static void
finish(struct worker *w)
{
	struct cost cost = cost_begin(&w->service, time_monotonic());

	serve_more(&w->service, w->arena);
	cost_end(&w->service, &cost);
	cost_count(w->setup, &cost);
}

/* Answers a request. False: the web server did not take the answer. */
static bool
answer(struct worker *w, enum error error, const struct request *request,
    const struct problem *problem, uint64_t begun)
{
	struct response response = { .body = &w->answer };
	struct cost cost = cost_begin(&w->service, begun);
	bool sent;

	slot_begin(w->setup->slot, request);
	db_limit(w->service.db, w->database.request_limit_ms);
	if (error == OK)
		lanes[w->setup->lane](w, request, &response);
	else
		response_error(
		    &response, error, problem, w->service.limits->retry_after);
	if (request->method == METHOD_HEAD)
		response.no_body = true;
	cost.served = time_monotonic();
	sent = send_answer(w, request, &response);
	cost_end(&w->service, &cost);
	cost_report(w->setup, request, &response, &cost, sent);
	if (serve_has_more(&w->service))
		finish(w);
	return sent;
}

/* Reads the request. A refusing worker refuses it, however long it says that it
 * has waited. */
static enum error
read_request(struct worker *w, const struct queue_request *connection,
    struct request *ret, struct problem *reterr)
{
	TRY(fcgi_read(w->fcgi, connection, w->arena, ret, reterr));
	if (w->setup->full_since == 0)
		return OK;
	return problem_log(reterr, ERROR_UNAVAILABLE, "all workers are busy");
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
take_request(struct worker *w, const struct queue_request *connection)
{
	struct problem problem = { .arena = w->arena };
	uint64_t begun = time_monotonic();
	struct request request;
	enum error error;
	bool good = false;

	error = read_request(w, connection, &request, &problem);
	if (error == ERROR_INTERNAL) {
		metrics_count(
		    &w->setup->scoreboard->metrics, METRIC_DROPPED, 1);
		log_problem(LEVEL_WARNING, "request not served", &problem);
	} else {
		good = answer(w, error, &request, &problem, begun);
	}
	forget(w);
	queue_done(w->queue, good);
}

/* The state of a worker between requests. */
static enum slot_state
rest_state(const struct worker *w)
{
	return w->setup->full_since > 0 ? SLOT_REFUSING : SLOT_IDLE;
}

static void
settle(struct worker *w)
{
	if (w->most > 0 && w->served == w->most) {
		w->leaving = true;
		queue_leave(w->queue);
	}
	slot_set_state(
	    w->setup->slot, w->leaving ? SLOT_LEAVING : rest_state(w));
}

static void
loop(struct worker *w)
{
	struct queue_request connection;

	slot_set_state(w->setup->slot, rest_state(w));
	/* A refusing worker has to answer at once, so it removes no rows. */
	if (w->setup->full_since == 0)
		tidy_start(w->setup->config, w->setup->lane);
	for (;;) {
		switch (queue_next(w->queue, &connection)) {
		case QUEUE_REQUEST:
			take_request(w, &connection);
			settle(w);
			break;
		case QUEUE_WATCHED:
			take_signals(w);
			break;
		case QUEUE_DONE:
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

static void
open_queue(struct worker *w)
{
	const struct worker_setup *s = w->setup;
	const struct fcgi_limits *limits = &s->config->fcgi;
	atomic_uint_fast64_t *counters = s->scoreboard->metrics.counters;
	struct queue_settings settings = { .copies = s->copies,
		.parent = s->parent,
		.watch = w->signals,
		.keep_max = limits->keep_max,
		.params_max = limits->params_max,
		.send_buffer = listener_is_unix(s->copies->listener)
				   ? limits->send_buffer
				   : 0,
		.hold = s->full_since > 0 ? limits->queue_timeout : 0,
		.held_since = s->full_since,
		.dropped = &counters[METRIC_DROPPED],
		.reused = &counters[METRIC_REUSED],
		.handed = &counters[METRIC_HANDED_OVER] };

	s->copies->owner = s->number;
	s->copies->mailbox = s->mailbox;
	w->queue = queue_new(&settings);
}

static size_t
look_at_waiting(
    void *context, struct arena *arena, struct request *ret, size_t max)
{
	const struct worker_setup *setup = ((struct worker *)context)->setup;
	const struct waiting_rule rule = {
		.workers = setup->config->lanes[setup->lane].workers,
		.reserved = AHEAD_LIFETIME
	};

	return waiting_look(setup->copies, &rule, arena, ret, max);
}

static void
leave_waiting(void *context, uint64_t ticket)
{
	const struct copies *copies = ((struct worker *)context)->setup->copies;

	conns_release(copies->conns, ticket, copies->owner);
}

static bool
waits(void *context, uint64_t ticket)
{
	const struct worker *w = context;

	return conns_wait(w->setup->copies->conns, ticket);
}

/* A worker that refuses reads nothing, and each test takes long. */
static struct ahead *
open_ahead(struct worker *w)
{
	const struct ahead_source source = { w, look_at_waiting, leave_waiting,
		waits };
	unsigned together = w->setup->config->serve.keys_together;

	return w->setup->lane == LANE_API && together > 1
		   ? ahead_new(together - 1, &source)
		   : NULL;
}

static void
set_up(struct worker *w)
{
	const struct config *config = w->setup->config;
	const struct caches *caches = &w->setup->caches[w->setup->lane];

	caches_keep(w->setup->caches, w->setup->lane);
	w->signals = open_signals();
	w->arena = arena_new(ARENA_CHUNK);
	buf_init(&w->answer, ANSWER_MAX);
	w->most = choose_most(&config->pool);
	w->fcgi = fcgi_new(&config->fcgi);
	w->database = config->database;
	if (w->setup->lane == LANE_ADMIN) {
		/* A health check wants an answer soon. */
		w->database.connect_timeout_ms = ADMIN_DATABASE_MS;
		w->database.read_timeout_ms = ADMIN_DATABASE_MS;
		w->database.request_limit_ms = ADMIN_DATABASE_MS;
	}
	w->service = (struct service){ .db = db_new(&w->database),
		.keyring = w->setup->keyring,
		.limits = &config->serve,
		.cache = caches->answers,
		.fragments = caches->fragments,
		.implementations =
		    implementation_cache_new(config_own_catalogue(config)),
		.probe = w->setup->probe,
		.openapi = w->setup->openapi,
		.key_hints = caches->hints,
		.ahead = open_ahead(w),
		.next_variable = &w->setup->scoreboard->next_variable };
	db_share_news(w->service.db, w->setup->scoreboard->host_news);
}

static void
tear_down(struct worker *w)
{
	queue_free(w->queue);
	fcgi_free(w->fcgi);
	caches_free(w->setup->caches);
	implementation_cache_free(w->service.implementations);
	ahead_free(w->service.ahead);
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

	process_hide();
	log_hold();
	crash_prepare();
	set_up(&w);
	open_queue(&w);
	if (tie_to_parent(setup->parent))
		loop(&w);
	log_flush();
	tear_down(&w);
	return EXIT_SUCCESS;
}
