/*
 * A lock between processes, in memory that they share. Whatever happens to the
 * process that holds it, the others go on: when it dies, be it by SIGKILL, the
 * next one gets the lock and is told; when it is stopped or does not run, they
 * wait for a bounded time and are told that they did not get it.
 *
 * Must not know what it guards.
 */
#ifndef BASE_SHARED_LOCK_H
#define BASE_SHARED_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* A process's own view of a lock; must not lie in shared memory. */
struct shared_lock {
	pthread_mutex_t *mutex;  /* in shared memory */
	uint64_t no_wait_before; /* monotonic microseconds */
};

enum lock_outcome {
	LOCK_NOT_TAKEN,
	LOCK_TAKEN,
	/* The one that held it died: what it guards may be in any state. */
	LOCK_TAKEN_FROM_DEAD
};

/* Makes the lock that lies in so many bytes of shared memory, before any other
 * process has it. False: the system has no such locks. */
bool shared_lock_make(pthread_mutex_t *);

/*
 * Takes it, within 2 ms; after it was not to be had in that time the process
 * does not wait again for 100 ms, but takes it only where it is free. One that
 * was taken is to be released soon: no system call, no allocation without need.
 */
enum lock_outcome shared_lock_take(struct shared_lock *);

void shared_lock_release(struct shared_lock *);

#endif
