/*
 * The child process in which a database is tried out, and its end.
 *
 * Must not touch struct db, and must not look up names: the address was judged
 * before.
 */
#include <config.h>

#include "db/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/time.h"
#include "db/probe_session.h"

/* Bytes that the child may take: TLS with the system's authorities takes a
 * few MiB, what the server sends next to nothing. */
#define MEMORY_MAX ((size_t)64 * 1024 * 1024)

/* The child stops this much before the deadline, to tell what it waited for. */
#define REPORT_MS 50

static _Noreturn void
be_child(const struct db_probe_target *target, uint64_t deadline_us,
    pid_t parent, int fd)
{
	struct db_probe_result result = { 0 };
	unsigned report_ms = target->timeout_ms / 2 < REPORT_MS ? 0 : REPORT_MS;

	/* The child also ends if the parent dies, or does not kill it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, SIG_DFL);
	alarm(target->timeout_ms / 1000 + 2);
	if (getppid() != parent)
		_exit(1);
	process_limit_memory(MEMORY_MAX);
	session_run(target, deadline_us - report_ms * UINT64_C(1000), &result);
	if (write(fd, &result, sizeof(result)) != (ssize_t)sizeof(result))
		_exit(1);
	_exit(0);
}

/* Whether the result makes sense. A server may have taken over the child that
 * wrote it. */
static bool
is_sound(const struct db_probe_result *result)
{
	return (unsigned)result->outcome < DB_PROBE__MAX &&
	       (unsigned)result->step < DB_PROBE_STEP__MAX &&
	       result->tls_error[DB_PROBE_TEXT_SIZE - 1] == 0;
}

/* Waits for the child's result; false if it did not come in time. */
static bool
await(int fd, uint64_t deadline_us, struct db_probe_result *ret)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int ready;

	do {
		ready = poll(&wait, 1, time_left_ms(deadline_us));
	} while (ready < 0 && errno == EINTR);
	return ready > 0 &&
	       read(fd, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret) &&
	       is_sound(ret);
}

static void
reap(pid_t child)
{
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

enum error
db_probe(const struct db_probe_target *target, struct db_probe_result *ret,
    struct problem *reterr)
{
	uint64_t started = time_monotonic();
	uint64_t deadline = started + target->timeout_ms * UINT64_C(1000);
	struct db_probe_result result = { 0 };
	pid_t parent = getpid(), child;
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return problem_log(reterr, ERROR_INTERNAL, "no pipe");
	child = fork();
	if (child == 0)
		be_child(target, deadline, parent, pipe_fds[1]);
	close(pipe_fds[1]);
	if (child > 0 && !await(pipe_fds[0], deadline, &result)) {
		/* A child that ended without a result before the deadline
		 * crashed. */
		result = (struct db_probe_result){
			.outcome = time_left(deadline) == 0 ? DB_PROBE_TIMEOUT
							    : DB_PROBE_FAILED,
			.step_us[DB_PROBE_CONNECT] = time_monotonic() - started,
		};
	}
	close(pipe_fds[0]);
	if (child < 0)
		return problem_log(reterr, ERROR_INTERNAL, "no process");
	reap(child);
	*ret = result;
	return OK;
}
