/*
 * The end of a wait on a descriptor, and what it must leave alone.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/time.h"
#include "db/deadline.h"

#define SOON  30000   /* microseconds: a deadline that passes */
#define NEVER 5000000 /* one that does not */
#define BOUNDS                                                        \
	2000000 /* within which what passes has to end, on a slow day \
		 */

static void
make_pair(int ends[2])
{
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

static void
sleep_us(uint64_t us)
{
	uint64_t end = time_monotonic() + us;
	struct timespec t = { .tv_nsec = 1000000 };

	while (time_monotonic() < end)
		nanosleep(&t, NULL);
}

static bool
is_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

/* A read of a socket on which nothing comes. */
static void
expect_end_of_wait(int fd)
{
	uint64_t begun = time_monotonic();
	char byte;

	cr_expect_leq(read(fd, &byte, 1), 0);
	cr_expect(deadline_clear());
	cr_expect_lt(time_monotonic() - begun, BOUNDS);
}

/* A pair that is made within a deadline so many microseconds away. */
static void
make_in_time(int ends[2], uint64_t us)
{
	deadline_set(DEADLINE_NEW, time_monotonic() + us);
	make_pair(ends);
	cr_expect_not(deadline_clear());
}

Test(deadline, a_wait_for_a_new_socket_ends)
{
	int ends[2];

	deadline_set(DEADLINE_NEW, time_monotonic() + SOON);
	make_pair(ends);
	expect_end_of_wait(ends[0]);
}

Test(deadline, a_wait_for_a_known_socket_ends)
{
	int ends[2];

	make_in_time(ends, NEVER);
	deadline_set(ends[0], time_monotonic() + SOON);
	expect_end_of_wait(ends[0]);
	cr_expect(is_socket(ends[1]), "the other one is left alone");
}

Test(deadline, a_socket_made_after_the_end_is_dead_soon)
{
	int ends[2];

	deadline_set(DEADLINE_NEW, time_monotonic() + SOON);
	sleep_us(2 * (uint64_t)SOON);
	make_pair(ends);
	expect_end_of_wait(ends[0]);
}

Test(deadline, sending_to_what_is_dead_is_an_error)
{
	char bytes[4096] = { 0 };
	int ends[2];

	deadline_set(DEADLINE_NEW, time_monotonic() + SOON);
	make_pair(ends);
	while (send(ends[0], bytes, sizeof(bytes), MSG_NOSIGNAL) > 0)
		;
	cr_expect(deadline_clear());
	cr_expect_eq(write(ends[0], bytes, 1), -1);
	cr_expect_eq(errno, EBADF);
}

/* Before: a socket whose number is free by then, given to somebody else. */
Test(deadline, what_comes_after_is_left_alone)
{
	int ends[2];

	deadline_set(DEADLINE_NEW, time_monotonic() + SOON);
	cr_expect_not(deadline_clear());
	make_pair(ends);
	sleep_us(3 * (uint64_t)SOON);
	cr_expect(is_socket(ends[0]));
	deadline_set(ends[0], time_monotonic() + SOON);
	cr_expect_not(deadline_clear());
	sleep_us(3 * (uint64_t)SOON);
	cr_expect(is_socket(ends[0]));
}

/* The timer of the first still runs when the second begins. */
Test(deadline, an_earlier_deadline_does_not_end_a_later_wait)
{
	int ends[2];

	make_in_time(ends, SOON);
	deadline_set(ends[0], time_monotonic() + NEVER);
	sleep_us(3 * (uint64_t)SOON);
	cr_expect(is_socket(ends[0]));
	cr_expect_not(deadline_clear());
}

Test(deadline, a_later_deadline_does_not_delay_an_earlier_one)
{
	int ends[2];

	make_in_time(ends, NEVER);
	deadline_set(ends[0], time_monotonic() + SOON);
	expect_end_of_wait(ends[0]);
}

Test(deadline, a_file_is_left_alone)
{
	char byte;
	int fd;

	deadline_set(DEADLINE_NEW, time_monotonic() + SOON);
	fd = open("/dev/zero", O_RDONLY);
	cr_assert_geq(fd, 0);
	sleep_us(3 * (uint64_t)SOON);
	cr_expect(deadline_clear());
	cr_expect_eq(read(fd, &byte, 1), 1);
}

Test(deadline, a_child_has_a_timer_of_its_own)
{
	int ends[2], status;
	pid_t child;

	deadline_set(DEADLINE_NEW, time_monotonic() + NEVER);
	cr_expect_not(deadline_clear());
	child = fork();
	if (child == 0) {
		char byte;

		deadline_set(DEADLINE_NEW, time_monotonic() + SOON);
		make_pair(ends);
		_exit(read(ends[0], &byte, 1) <= 0 && deadline_clear() ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
