/*
 * src/conn/queue.c, copies.c and keeper.c: a lane with real sockets and
 * workers, and what the parent does when these die at a bad moment.
 */
#include <config.h>

#include "conn/queue.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "conn/fdpass.h"
#include "conn/keeper.h"

enum {
	WORKERS = 4,
	KEPT = 8,
	WAIT = 5000
};

static struct lane {
	struct conns *conns;
	struct copies copies;
	int mailboxes[WORKERS + 1];
	pid_t pids[WORKERS + 1];
	struct sockaddr_un address;
	atomic_uint_fast64_t *counters; /* dropped, reused, handed */
} lane;

/* A request without parameters that asks to be kept. */
static const unsigned char request[] = { 1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0,
	0, 0, 0, 1, 4, 0, 1, 0, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0 };

static void
open_lane(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct problem problem = { 0 };

	lane.conns = mmap(NULL, sizeof(*lane.conns) + 4096,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	lane.counters = (void *)(lane.conns + 1);
	lane.address.sun_family = AF_UNIX;
	snprintf(lane.address.sun_path + 1, 60, "connectors-test-%d", getpid());
	cr_assert(
	    bind(listener, (void *)&lane.address, sizeof(lane.address)) == 0);
	cr_assert(listen(listener, 64) == 0);
	memset(lane.mailboxes, -1, sizeof(lane.mailboxes));
	cr_assert(copies_open(listener, KEPT + CONNS_NEW_MAX, lane.conns,
		      &lane.copies, &problem) == OK);
}

/* A worker that serves in this way. */
static _Noreturn void
work(unsigned owner, int mailbox, void (*serve)(struct queue *, int fd))
{
	struct queue_settings settings = { .copies = &lane.copies,
		.parent = getppid(),
		.watch = -1,
		.keep_max = KEPT,
		.params_max = 1000,
		.dropped = &lane.counters[0],
		.reused = &lane.counters[1],
		.handed = &lane.counters[2] };
	struct queue_request given;
	struct queue *queue;

	lane.copies.owner = owner;
	lane.copies.mailbox = mailbox;
	queue = queue_new(&settings);
	while (queue_next(queue, &given) == QUEUE_REQUEST)
		serve(queue, given.fd);
	_exit(0);
}

/* Answers with its own number, as a letter. */
static void
answer(struct queue *queue, int fd)
{
	unsigned char bytes[sizeof(request)], letter;

	letter = (unsigned char)('a' + lane.copies.owner);
	if (read(fd, bytes, sizeof(bytes)) != sizeof(bytes))
		_exit(1);
	queue_answer(queue, false);
	queue_done(queue, write(fd, &letter, 1) == 1);
}

/* Dies in the middle of a request. */
static void
die(struct queue *queue, int fd)
{
	(void)queue;
	(void)fd;
	raise(SIGKILL);
}

/* Dies when the next request is waited for and the answer was not sent. */
static void
die_answered(struct queue *queue, int fd)
{
	unsigned char bytes[sizeof(request)];

	if (read(fd, bytes, sizeof(bytes)) == sizeof(bytes))
		queue_answer(queue, false);
	raise(SIGKILL);
}

static void
start(unsigned owner, void (*serve)(struct queue *, int fd))
{
	int pair[2];

	cr_assert(fdpass_open(pair));
	lane.mailboxes[owner] = pair[0];
	lane.pids[owner] = fork();
	if (lane.pids[owner] == 0)
		work(owner, pair[1], serve);
	close(pair[1]);
}

static unsigned
count(enum conn_state in)
{
	return conns_count(lane.conns, CONN_BIT(in), CONN_ANY);
}

static void
stop(unsigned owner)
{
	/* What comes after the last answer is behind it. */
	for (int i = 0; i < 100 && count(CONN_ANSWERED) > 0; i++)
		poll(NULL, 0, 1);
	kill(lane.pids[owner], SIGKILL);
	waitpid(lane.pids[owner], NULL, 0);
	keeper_receive(&lane.copies, lane.mailboxes, WORKERS + 1);
	keeper_reap(&lane.copies, owner);
	keeper_call(&lane.copies, true);
	lane.pids[owner] = 0;
}

static void
stop_all(void)
{
	for (unsigned i = 1; i <= WORKERS; i++)
		if (lane.pids[i] > 0)
			kill(lane.pids[i], SIGKILL);
}

/* The parent does what it has to until there is something to read. */
static bool
wait_for(int fd, int ms)
{
	struct pollfd both[] = { { .fd = fd, .events = POLLIN },
		{ .fd = lane.copies.parent[0], .events = POLLIN } };
	uint64_t end = time_monotonic() + (uint64_t)ms * 1000;

	while (time_monotonic() < end && both[0].revents == 0) {
		poll(both, 2, 5);
		keeper_call(&lane.copies, false);
		keeper_receive(&lane.copies, lane.mailboxes, WORKERS + 1);
	}
	return both[0].revents != 0;
}

static int
dial(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	cr_assert(
	    connect(fd, (void *)&lane.address, sizeof(lane.address)) == 0);
	return fd;
}

static void
say(int fd, size_t from, size_t to)
{
	cr_assert(write(fd, request + from, to - from) == (ssize_t)(to - from));
}

/* Who answers: the worker's number; 0: the connection ended. */
static unsigned
listen_to(int fd)
{
	unsigned char letter;

	cr_assert(wait_for(fd, WAIT), "nothing came");
	return read(fd, &letter, 1) == 1 ? (unsigned)(letter - 'a') : 0;
}

static unsigned
ask(int fd)
{
	say(fd, 0, sizeof(request));
	return listen_to(fd);
}

/* Of the only connection. */
static enum conn_state
state(void)
{
	return lease_state(atomic_load(&lane.conns->all[0].lease));
}

static const struct keeper_limits limits = { .read_timeout = 100,
	.body_timeout = 100,
	.keep_timeout = 200,
	.idle_end = UINT64_MAX };

static void
expire(const struct keeper_limits *l)
{
	keeper_expire(&lane.copies, l, UINT64_MAX, &lane.counters[0]);
}

TestSuite(queue, .init = open_lane, .fini = stop_all, .timeout = 60);

Test(queue, a_kept_connection_is_answered_again_and_by_others)
{
	int fd = dial();

	start(1, answer);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(ask(fd), 1);
	kill(lane.pids[1], SIGSTOP);
	start(2, answer);
	cr_expect_eq(ask(fd), 2, "it has inherited a copy");
	cr_expect_eq(lane.counters[1], 3);
}

Test(queue, a_worker_without_a_copy_gets_one)
{
	int fd;

	start(2, answer);
	kill(lane.pids[2], SIGSTOP);
	start(1, answer);
	fd = dial();
	cr_expect_eq(ask(fd), 1);
	stop(1);
	kill(lane.pids[2], SIGCONT);
	cr_expect_eq(ask(fd), 2);
	cr_expect_eq(ask(fd), 2);
}

Test(queue, a_request_in_pieces_is_anybodys)
{
	int fd = dial();

	start(1, answer);
	for (size_t i = 0; i < sizeof(request); i++) {
		say(fd, i, i + 1);
		wait_for(fd, 5);
		if (i == 10)
			stop(1);
		if (i == 12)
			start(2, answer);
	}
	cr_expect_eq(listen_to(fd), 2);
	say(fd, 0, 20);
	wait_for(fd, 20);
	cr_expect_eq(state(), CONN_PARTIAL);
	say(fd, 20, sizeof(request));
	cr_expect_eq(listen_to(fd), 2);
}

Test(queue, a_killed_worker_loses_what_it_served)
{
	int other = dial(), fd = dial();

	start(1, answer);
	cr_expect_eq(ask(other), 1);
	cr_expect_eq(ask(fd), 1);
	stop(1);
	start(2, die);
	say(fd, 0, sizeof(request));
	waitpid(lane.pids[2], NULL, 0);
	cr_expect(!wait_for(fd, 20), "the parent does not know yet");
	stop(2);
	cr_expect_eq(listen_to(fd), 0);
	start(3, answer);
	cr_expect_eq(ask(other), 3);
}

Test(queue, a_worker_killed_before_the_end_of_its_answer_loses_that)
{
	int fd = dial();

	start(1, die_answered);
	say(fd, 0, sizeof(request));
	waitpid(lane.pids[1], NULL, 0);
	cr_expect_eq(state(), CONN_ANSWERED);
	stop(1);
	cr_expect_eq(listen_to(fd), 0);
	cr_expect_eq(state(), CONN_FREE);
}

/* It was told of the request, and died before it could note that. */
Test(queue, an_event_that_died_with_its_worker_is_made_good)
{
	struct epoll_event event;
	int fd = dial();

	start(1, answer);
	cr_expect_eq(ask(fd), 1);
	wait_for(-1, 10);
	kill(lane.pids[1], SIGSTOP);
	wait_for(-1, 10);
	say(fd, 0, sizeof(request));
	cr_assert_eq(epoll_wait(lane.copies.epoll, &event, 1, WAIT), 1);
	kill(lane.pids[1], SIGCONT);
	cr_expect(!wait_for(fd, 50), "none is told again");
	keeper_reap(&lane.copies, 3);
	keeper_call(&lane.copies, true);
	cr_expect_eq(listen_to(fd), 1);
}

Test(queue, what_takes_too_long_is_closed)
{
	int idle = dial(), part = dial();

	start(1, answer);
	cr_expect_eq(ask(idle), 1);
	say(part, 0, 20);
	wait_for(part, 20);
	expire(&limits);
	cr_expect(!wait_for(part, 120));
	expire(&limits);
	cr_expect_eq(listen_to(part), 0);
	cr_expect_eq(lane.counters[0], 1);
	cr_expect(!wait_for(idle, 120));
	expire(&limits);
	cr_expect_eq(listen_to(idle), 0);
	cr_expect_eq(lane.counters[0], 1, "nothing was asked there");
}

Test(queue, what_waits_for_a_worker_is_not_closed)
{
	const struct keeper_limits now = { .idle_end = 1 };
	int fd = dial();

	start(1, answer);
	cr_expect_eq(ask(fd), 1);
	kill(lane.pids[1], SIGSTOP);
	say(fd, 0, sizeof(request));
	wait_for(fd, 20);
	expire(&now);
	kill(lane.pids[1], SIGCONT);
	cr_expect_eq(listen_to(fd), 1);
	wait_for(fd, 20);
	expire(&now);
	cr_expect_eq(listen_to(fd), 0);
}

Test(queue, peers_that_hang_up_leave_nothing)
{
	int whole, part, silent;

	start(1, answer); /* it would inherit them */
	whole = dial();
	part = dial();
	silent = dial();
	cr_expect_eq(ask(whole), 1);
	say(part, 0, 20);
	wait_for(part, 20);
	close(whole);
	shutdown(part, SHUT_WR);
	cr_expect_eq(listen_to(part), 0);
	close(silent);
	wait_for(-1, 50);
	cr_expect_eq(
	    conns_count(lane.conns, ~CONN_BIT(CONN_FREE), CONN_ANY), 0);
	cr_expect_eq(lane.counters[0], 1);
}

Test(queue, numbers_that_do_not_exist_do_no_harm)
{
	const struct fd_message bad[] = { { CONNS_MAX, 1, 1 },
		{ UINT32_MAX, 0, UINT32_MAX }, { 0, 77, WORKERS + 1 } };
	int fd = dial();

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cr_expect(fdpass_send(lane.copies.parent[1], fd, &bad[i]));
		cr_expect(fdpass_send(lane.copies.parent[1], -1, &bad[i]));
	}
	start(1, answer);
	cr_expect_eq(ask(fd), 1);
}

/* With as many as there may be, no other file gets one of the numbers. */
Test(queue, few_descriptors)
{
	struct rlimit few = { 40, 40 };
	struct problem problem = { 0 };
	struct copies copies;
	int fd;

	setrlimit(RLIMIT_NOFILE, &few);
	cr_assert_eq(copies_open(lane.copies.listener, 100, lane.conns, &copies,
			 &problem),
	    OK);
	cr_expect(copies.n < 40);
	fd = open("/dev/null", O_RDONLY);
	cr_expect(
	    fd >= 0 && (fd < copies.base || fd >= copies.base + (int)copies.n));
	copies_close(&copies);
}
