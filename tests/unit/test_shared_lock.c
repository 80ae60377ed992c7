/*
 * src/base/shared_lock.c: what becomes of a lock whose owner dies, or is
 * stopped.
 */
#include <config.h>

#include "base/shared_lock.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"

#define SECOND UINT64_C(1000000)

struct locking {
	pthread_mutex_t *mutex; /* shared with the processes forked later */
	struct shared_lock lock;
};

static void
locking_begin(struct locking *f)
{
	f->mutex = mmap(NULL, sizeof(*f->mutex), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(f->mutex, MAP_FAILED);
	cr_assert(shared_lock_make(f->mutex));
	f->lock = (struct shared_lock){ .mutex = f->mutex };
}

static void
locking_end(struct locking *f)
{
	munmap(f->mutex, sizeof(*f->mutex));
}

/* A process that takes the lock and keeps it; returns when it has it. */
static pid_t
start_owner(struct locking *f)
{
	int ready[2];
	char byte;
	pid_t owner;

	cr_assert_eq(pipe(ready), 0);
	owner = fork();
	if (owner == 0) {
		if (shared_lock_take(&f->lock) != LOCK_TAKEN ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	cr_assert_gt(owner, 0);
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return owner;
}

static void
kill_owner(pid_t owner)
{
	kill(owner, SIGKILL);
	waitpid(owner, NULL, 0);
}

Test(shared_lock, is_taken_and_released)
{
	struct locking f;

	locking_begin(&f);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(shared_lock_take(&f.lock), LOCK_TAKEN);
		shared_lock_release(&f.lock);
	}
	locking_end(&f);
}

Test(shared_lock, of_a_dead_owner_is_had_once_with_a_warning)
{
	struct locking f;

	locking_begin(&f);
	for (int i = 0; i < 3; i++) {
		kill_owner(start_owner(&f));
		cr_expect_eq(shared_lock_take(&f.lock), LOCK_TAKEN_FROM_DEAD);
		shared_lock_release(&f.lock);
		cr_expect_eq(shared_lock_take(&f.lock), LOCK_TAKEN);
		shared_lock_release(&f.lock);
	}
	locking_end(&f);
}

/* The second one dies before it has done anything about it. */
Test(shared_lock, of_two_that_died_one_after_the_other_is_had)
{
	struct locking f;
	pid_t child;

	locking_begin(&f);
	kill_owner(start_owner(&f));
	child = fork();
	if (child == 0) {
		shared_lock_take(&f.lock);
		raise(SIGKILL);
	}
	waitpid(child, NULL, 0);
	cr_expect_eq(shared_lock_take(&f.lock), LOCK_TAKEN_FROM_DEAD);
	shared_lock_release(&f.lock);
	locking_end(&f);
}

Test(shared_lock, of_an_owner_that_does_not_run_is_not_waited_for_long)
{
	struct locking f;
	pid_t owner;
	uint64_t begun;

	locking_begin(&f);
	owner = start_owner(&f);
	kill(owner, SIGSTOP);
	begun = time_monotonic();
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(shared_lock_take(&f.lock), LOCK_NOT_TAKEN);
	cr_expect_lt(
	    time_monotonic() - begun, 1000 * 2000, "it waited each time");
	kill_owner(owner);
	cr_expect_eq(shared_lock_take(&f.lock), LOCK_TAKEN_FROM_DEAD);
	shared_lock_release(&f.lock);
	locking_end(&f);
}

Test(shared_lock, is_waited_for_where_it_is_soon_released)
{
	struct locking f;
	pid_t child;
	int taken = 0;

	locking_begin(&f);
	child = fork();
	if (child == 0)
		for (;;)
			if (shared_lock_take(&f.lock) == LOCK_TAKEN)
				shared_lock_release(&f.lock);
	for (int i = 0; i < 10000; i++)
		if (shared_lock_take(&f.lock) == LOCK_TAKEN) {
			taken++;
			shared_lock_release(&f.lock);
		}
	cr_expect_gt(taken, 1000, "%d", taken);
	kill_owner(child);
	locking_end(&f);
}

/* Nobody mends it any more: done without, at once and for ever. */
Test(shared_lock, that_is_not_recoverable_is_not_taken)
{
	struct locking f;
	uint64_t begun;

	locking_begin(&f);
	kill_owner(start_owner(&f));
	cr_assert_neq(pthread_mutex_lock(f.mutex), 0);
	pthread_mutex_unlock(f.mutex);
	begun = time_monotonic();
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(shared_lock_take(&f.lock), LOCK_NOT_TAKEN);
	cr_expect_lt(time_monotonic() - begun, SECOND);
	locking_end(&f);
}
