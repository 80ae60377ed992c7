/*
 * What a worker still does when it crashes.
 */
#ifndef FAULT_H
#define FAULT_H

/* Prepares this process: a signal that tells of a fault (SIGSEGV, SIGABRT and
 * the like) costs the request that is being served, and not those that wait on
 * connections of its inbox, nor lines of the log. It dies of the signal all
 * the same. A child that it forks dies without doing any of this. */
void fault_prepare(void);

#endif
