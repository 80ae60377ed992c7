/*
 * The handler of a worker's crash.
 */
#ifndef POOL_CRASH_H
#define POOL_CRASH_H

/* Installs the handler for signals of a fault (SIGSEGV, SIGABRT and the like).
 * A crash then costs the request that is being served; requests that wait on
 * connections of the worker's inbox and held lines of the log are not lost. The
 * process dies of the signal all the same. A child that the worker forks dies
 * without running any of this. */
void crash_prepare(void);

#endif
