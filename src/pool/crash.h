/*
 * The handler of a worker's crash.
 */
#ifndef POOL_CRASH_H
#define POOL_CRASH_H

/* Prepares this process: a signal that tells of a fault (SIGSEGV, SIGABRT and
 * the like) costs no lines of the log. It dies of the signal all the same. A
 * child that it forks dies without doing any of this. */
void crash_prepare(void);

#endif
