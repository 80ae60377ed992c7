/*
 * A robust mutex of POSIX: the kernel notes the death of its owner.
 */
#include <config.h>

#include "base/shared_lock.h"

#include <errno.h>
#include <time.h>

#include "base/time.h"

/* Microseconds: the longest wait, and how long there is none after it. */
#define LONGEST_WAIT UINT64_C(2000)
#define NO_WAIT      UINT64_C(100000)

bool
shared_lock_make(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t kind;
	bool made;

	if (pthread_mutexattr_init(&kind) != 0)
		return false;
	made =
	    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED) == 0 &&
	    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST) == 0 &&
	    pthread_mutex_init(mutex, &kind) == 0;
	pthread_mutexattr_destroy(&kind);
	return made;
}

/* An errno. */
static int
wait_for(struct shared_lock *lock)
{
	uint64_t now = time_monotonic(), until = now + LONGEST_WAIT;
	struct timespec end = { .tv_sec = (time_t)(until / 1000000),
		.tv_nsec = (long)(until % 1000000) * 1000 };
	int error;

	if (now < lock->no_wait_before)
		return EBUSY;
	error = pthread_mutex_clocklock(lock->mutex, CLOCK_MONOTONIC, &end);
	if (error == ETIMEDOUT)
		lock->no_wait_before = until + NO_WAIT;
	return error;
}

/* Whoever dies before the lock is released leaves it as one that died, whether
 * it had called it consistent or not. */
enum lock_outcome
shared_lock_take(struct shared_lock *lock)
{
	int error = pthread_mutex_trylock(lock->mutex);

	if (error == EBUSY)
		error = wait_for(lock);
	if (error == 0)
		return LOCK_TAKEN;
	if (error != EOWNERDEAD)
		return LOCK_NOT_TAKEN;
	pthread_mutex_consistent(lock->mutex);
	return LOCK_TAKEN_FROM_DEAD;
}

void
shared_lock_release(struct shared_lock *lock)
{
	pthread_mutex_unlock(lock->mutex);
}
