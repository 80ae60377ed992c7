/*
 * A request from libfcgi, of one connection that queue.c has found complete,
 * and its answer.
 *
 * The library's own accept has no limits, so it is given the descriptor of a
 * connection and never a listener; its output is never used (fcgi_send.h).
 * Reading and sending have a deadline: a timer whose signal shuts the
 * connection down, whereupon the library sees the end of the stream. Whether
 * the connection is kept is queue.c's affair.
 */
#include <config.h>

#include "conn/fcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "conn/cgi.h"
#include "conn/fcgi_send.h"

/* Members that the header calls private, and that are set here; their places
 * have been the same since 2.4.1. */
_Static_assert(sizeof(((FCGX_Request *)0)->ipcFd) == sizeof(int) &&
		   offsetof(FCGX_Request, keepConnection) >
		       offsetof(FCGX_Request, ipcFd) &&
		   offsetof(FCGX_Request, listen_sock) >
		       offsetof(FCGX_Request, keepConnection),
    "FCGX_Request is not as expected");

#define READ_SIZE 16384
/* In microseconds, between one time and twice. */
#define LINES_WAIT 20000
/* A larger buffer is given back after the request. */
#define KEPT_BODY (256 << 10)
/* A request that was sent so many ms ago or in the future tells of a clock
 * that is wrong, not of a queue. */
#define PLAUSIBLE_QUEUE 600000

struct fcgi {
	const struct fcgi_limits *limits;
	FCGX_Request request;
	int fd; /* of the connection, the caller's; -1: none */
	struct buf body;
	struct buf head; /* of the answer */
	struct fcgi_answer answer;
};

/* What the alarm shuts down, when its time has come; -1: nothing. */
static volatile sig_atomic_t guarded_fd = -1;
static atomic_uint_fast64_t guarded_until; /* monotonic microseconds */
static volatile sig_atomic_t ticking;      /* the timer runs */
static atomic_uint_fast64_t rings;         /* when it goes off, likewise */

/* Sets it off in so many microseconds. */
static void
start_timer(uint64_t us)
{
	struct itimerval timer = { 0 };

	timer.it_value.tv_sec = (time_t)(us / 1000000);
	timer.it_value.tv_usec = (suseconds_t)(us % 1000000);
	ticking = 1;
	atomic_store(&rings, time_monotonic() + us);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void
on_alarm(int number)
{
	int kept = errno;
	uint64_t now = time_monotonic(), end = atomic_load(&guarded_until);

	(void)number;
	ticking = 0;
	log_flush();
	if (guarded_fd >= 0 && now < end)
		start_timer(end - now);
	else if (guarded_fd >= 0)
		shutdown(guarded_fd, SHUT_RDWR);
	errno = kept;
}

/* A timer that runs already goes off before this time and is then set to the
 * rest of it: nearly all answers need no call of the system. */
static void
guard(int fd, unsigned ms)
{
	atomic_store(&guarded_until, time_monotonic() + (uint64_t)ms * 1000);
	guarded_fd = fd;
	if (!ticking)
		start_timer((uint64_t)ms * 1000);
}

/* Lines of the log that are held back do not wait for a request that takes
 * long. */
static void
guard_lines(void)
{
	if (log_holds() &&
	    (!ticking || atomic_load(&rings) > time_monotonic() + LINES_WAIT))
		start_timer(LINES_WAIT);
}

static void
unguard(void)
{
	guarded_fd = -1;
}

struct fcgi *
fcgi_new(const struct fcgi_limits *limits)
{
	struct sigaction action = { .sa_handler = on_alarm,
		.sa_flags = SA_RESTART };
	struct fcgi *fcgi = calloc(1, sizeof(*fcgi));

	if (fcgi == NULL)
		abort();
	fcgi->limits = limits;
	fcgi->fd = -1;
	buf_init(&fcgi->body, limits->body_max);
	buf_init(&fcgi->head, 64 << 10);
	/* How long the library waits for a peer to hang up when it closes by
	 * itself, in ms: with a connection that turns out to be junk. */
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "100", 1);
	if (FCGX_Init() != 0)
		abort();
	sigaction(SIGALRM, &action, NULL);
	/* The library has its own for these. */
	signal(SIGPIPE, SIG_IGN);
	return fcgi;
}

void
fcgi_free(struct fcgi *fcgi)
{
	if (fcgi == NULL)
		return;
	fcgi_done(fcgi);
	buf_done(&fcgi->body);
	buf_done(&fcgi->head);
	free(fcgi);
}

/* Reads parameters: they are all there, so this does not wait. */
static enum error
accept_request(struct fcgi *fcgi, int fd, struct problem *reterr)
{
	FCGX_Request *r = &fcgi->request;

	if (FCGX_InitRequest(r, -1, 0) != 0)
		abort();
	r->ipcFd = fd;
	r->keepConnection = 1; /* or it would close the descriptor first */
	if (FCGX_Accept_r(r) < 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "not a FastCGI request");
	fcgi->fd = fd;
	r->keepConnection = 0;
	if (FCGX_GetError(r->in) != 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "parameters were cut");
	return OK;
}

/* Reads to the end of the body, also beyond the limit, so that the web server
 * gets to reading the answer. Returns the bytes that came. */
static uint64_t
read_body(struct fcgi *fcgi)
{
	char chunk[READ_SIZE];
	uint64_t total = 0;
	int len;

	do {
		len = FCGX_GetStr(chunk, sizeof(chunk), fcgi->request.in);
		if (len > 0) {
			buf_add(&fcgi->body, chunk, (size_t)len);
			total += (uint64_t)len;
		}
	} while (len == (int)sizeof(chunk));
	explicit_bzero(
	    chunk, total < sizeof(chunk) ? (size_t)total : sizeof(chunk));
	return total;
}

static enum error
take_body(struct fcgi *fcgi, const struct params *params, struct request *ret,
    struct problem *reterr)
{
	uint64_t len = read_body(fcgi);

	if (FCGX_GetError(fcgi->request.in) != 0)
		return problem_log(reterr, ERROR_INTERNAL,
		    "the body was cut or came too "
		    "slowly");
	if (params->has_length && params->length != len)
		return problem_log(reterr, ERROR_INTERNAL,
		    "the body has %llu bytes, not CONTENT_LENGTH",
		    (unsigned long long)len);
	ret->body_too_large = fcgi->body.overflow;
	if (!ret->body_too_large)
		ret->body = buf_str(&fcgi->body);
	return OK;
}

/* Milliseconds between the web server's passing on and now. */
static uint64_t
time_in_queue(const struct params *params)
{
	uint64_t now = time_real() / 1000;

	if (params->sent == 0 || params->sent > now ||
	    now - params->sent > PLAUSIBLE_QUEUE)
		return 0;
	return now - params->sent;
}

static enum error
check_limits(const struct fcgi *fcgi, const struct queue_request *c,
    uint64_t waited, struct problem *reterr)
{
	if (c->too_long)
		return problem_set(reterr, ERROR_BAD_REQUEST,
		    "The request header is too large.");
	if (fcgi->limits->queue_timeout == 0 ||
	    waited <= fcgi->limits->queue_timeout)
		return OK;
	problem_log(reterr, ERROR_UNAVAILABLE, "waited %llu ms for a worker",
	    (unsigned long long)waited);
	return problem_set(
	    reterr, ERROR_UNAVAILABLE, "%s", error_message(ERROR_UNAVAILABLE));
}

static const char *const *
params_of(const FCGX_Request *r)
{
	return (const char *const *)r->envp;
}

static enum error
read_all(struct fcgi *fcgi, const struct queue_request *c, struct request *ret,
    struct problem *reterr)
{
	struct params params;
	uint64_t waited;

	TRY(accept_request(fcgi, c->fd, reterr));
	params_read(params_of(&fcgi->request), ret, &params);
	waited = time_in_queue(&params);
	ret->queued = waited * 1000;
	if (fcgi->limits->end_parameter && !params.end)
		return problem_log(
		    reterr, ERROR_INTERNAL, "no CONNECTORS_END=1");
	TRY(take_body(fcgi, &params, ret, reterr));
	return check_limits(fcgi, c, waited, reterr);
}

enum error
fcgi_read(struct fcgi *fcgi, const struct queue_request *c, struct arena *arena,
    struct request *ret, struct problem *reterr)
{
	struct request request = { .arena = arena, .ticket = c->ticket };
	enum error error;

	guard_lines();
	/* What is all there needs no deadline. */
	if (!c->whole)
		guard(c->fd, fcgi->limits->body_timeout);
	error = read_all(fcgi, c, &request, reterr);
	if (!c->whole)
		unguard();
	*ret = request;
	return error;
}

static bool
has_header(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->n_headers; i++)
		if (strcasecmp(response->headers[i].name, name) == 0)
			return true;
	return false;
}

static void
add_header(struct buf *head, const char *name, struct str value)
{
	buf_add_text(head, name);
	buf_add(head, ": ", 2);
	buf_add_str(head, value);
	buf_add(head, "\r\n", 2);
}

/* A HEAD has the length that a GET would have; 204 and 304 have none. */
static void
add_content_headers(struct buf *head, const struct response *response)
{
	size_t len = response->body == NULL ? 0 : response->body->len;

	if (response->status == 204 || response->status == 304)
		return;
	if (len > 0 && !has_header(response, "Content-Type"))
		add_header(head, "Content-Type", STR("application/json"));
	buf_add_text(head, "Content-Length: ");
	buf_add_int(head, (int64_t)len);
	buf_add(head, "\r\n", 2);
}

static void
build_head(struct buf *head, const struct request *request,
    const struct response *response)
{
	buf_reset(head);
	buf_add_text(head, "Status: ");
	buf_add_int(head, response->status);
	buf_add_char(head, ' ');
	buf_add_text(head, status_phrase(response->status));
	buf_add(head, "\r\n", 2);
	for (size_t i = 0; i < response->n_headers; i++)
		add_header(head, response->headers[i].name,
		    response->headers[i].value);
	add_content_headers(head, response);
	if (!has_header(response, "Cache-Control"))
		add_header(head, "Cache-Control", STR("no-cache, private"));
	add_header(head, "X-Request-Id", request->id);
	buf_add(head, "\r\n", 2);
}

bool
fcgi_write(struct fcgi *fcgi, const struct request *request,
    const struct response *response)
{
	bool empty = response->body == NULL || response->no_body;

	build_head(&fcgi->head, request, response);
	fcgi->answer = (struct fcgi_answer){ .fd = fcgi->fd,
		.id = (unsigned)fcgi->request.requestId,
		.head = buf_str(&fcgi->head),
		.body = empty ? STR("") : buf_str(response->body) };
	guard(fcgi->fd, fcgi->limits->body_timeout);
	return fcgi_send_most(&fcgi->answer);
}

bool
fcgi_end(struct fcgi *fcgi)
{
	bool sent = fcgi_send_end(&fcgi->answer);

	unguard();
	return sent;
}

static void
wipe_params(char **list)
{
	for (; list != NULL && *list != NULL; list++)
		explicit_bzero(*list, strlen(*list));
}

/* The library must not close the descriptor: it would wait for the peer to hang
 * up. */
void
fcgi_done(struct fcgi *fcgi)
{
	if (fcgi->fd < 0)
		return;
	wipe_params(fcgi->request.envp);
	FCGX_Free(&fcgi->request, 0);
	fcgi->fd = -1;
	buf_reset(&fcgi->head);
	buf_reset(&fcgi->body);
	if (fcgi->body.capacity > KEPT_BODY)
		buf_done(&fcgi->body);
}
