/*
 * The timer of a wait, and what it does to the socket.
 *
 * Setting a deadline costs no call of the system as a rule: a timer that runs
 * already goes off no later than the deadline, and is then set to what is left.
 */
#include <config.h>

#include "db/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

#define SIGNAL (SIGRTMIN + 3)
/* Older versions of glibc have no name for it. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif
/* Microseconds until sockets are looked for again: a library whose socket was
 * ended may make another one (for the next address of a name). */
#define AGAIN 20000
/* Numbers of descriptors that are watched for new sockets. The system gives out
 * the lowest one that is free, and a library has few open at once. */
#define WATCHED_MAX 16
/* Where the search for free descriptors ends; no process has as many. */
#define FD_END (1 << 20)

static struct {
	pid_t owner; /* timers are not inherited */
	timer_t timer;
	int dead;
	int watched[WATCHED_MAX];
	atomic_uint n_watched; /* 0: there is no wait */
	atomic_uint_fast64_t until;
	atomic_uint_fast64_t
	    rings; /* when the timer goes off; 0: it is not set */
	atomic_bool passed;
} deadline;

static void
ring_at(uint64_t now, uint64_t at)
{
	uint64_t us = at > now ? at - now : 1;
	struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(us / 1000000),
		    .tv_nsec = (long)(us % 1000000) * 1000 }
	};

	atomic_store(&deadline.rings, now + us);
	timer_settime(deadline.timer, 0, &when, NULL);
}

/* Puts the dead descriptor in the place of a socket. A descriptor that is no
 * socket (a file that the library reads meanwhile) is left alone. */
static void
kill_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0)
		dup3(deadline.dead, fd, O_CLOEXEC);
}

static void
on_ring(int number)
{
	int kept = errno;
	uint64_t now = time_monotonic(), until = atomic_load(&deadline.until);
	unsigned n = atomic_load(&deadline.n_watched);

	(void)number;
	atomic_store(&deadline.rings, 0);
	if (n > 0 && now < until) {
		ring_at(now, until);
	} else if (n > 0) {
		atomic_store(&deadline.passed, true);
		for (unsigned i = 0; i < n; i++)
			kill_socket(deadline.watched[i]);
		ring_at(now, now + AGAIN);
	}
	errno = kept;
}

/* A descriptor on which a read is at its end at once and every other call
 * fails, without a SIGPIPE. */
static int
make_dead(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		abort();
	close(ends[1]);
	return ends[0];
}

static void
prepare(void)
{
	struct sigaction action = { .sa_handler = on_ring,
		.sa_flags = SA_RESTART };
	/* The signal goes to the waiting thread and to no other: a thread of
	 * libcurl's may be left from a look-up, and a handler that ran there
	 * might end a descriptor that has been closed and opened anew. */
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
		.sigev_notify_thread_id = gettid(),
		.sigev_signo = SIGNAL };

	if (deadline.owner == getpid())
		return;
	deadline.owner = getpid();
	deadline.dead = make_dead();
	atomic_store(&deadline.rings, 0);
	if (sigaction(SIGNAL, &action, NULL) != 0 ||
	    timer_create(CLOCK_MONOTONIC, &event, &deadline.timer) != 0)
		abort();
}

static unsigned
watch_free(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < FD_END && n < WATCHED_MAX; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			deadline.watched[n++] = fd;
	return n;
}

void
deadline_set(int fd, uint64_t until)
{
	uint64_t rings;
	unsigned n = 1;

	if (fd == DEADLINE_NEW) {
		prepare();
		n = watch_free();
	} else {
		deadline.watched[0] = fd;
	}
	atomic_store(&deadline.passed, false);
	atomic_store(&deadline.until, until);
	atomic_store(&deadline.n_watched, n);
	rings = atomic_load(&deadline.rings);
	if (rings == 0 || rings > until)
		ring_at(time_monotonic(), until);
}

bool
deadline_clear(void)
{
	atomic_store(&deadline.n_watched, 0);
	return atomic_load(&deadline.passed);
}
