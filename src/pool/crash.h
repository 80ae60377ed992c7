/*
 * What a worker still does when it crashes.
 */
#ifndef POOL_CRASH_H
#define POOL_CRASH_H

/* Prepares this process: a signal that tells of a fault (SIGSEGV, SIGABRT and
 * the like) costs the request that is being served, and not those that wait on
 * connections of its inbox, nor lines of the log. It dies of the signal all
 * the same. A child that it forks dies without doing any of this. */
void crash_prepare(void);

#endif
