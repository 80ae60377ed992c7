/*
 * Signals that parent and workers read between other work, so that none
 * interrupts it.
 */
#ifndef POOL_SIGNALS_H
#define POOL_SIGNALS_H

#include <stddef.h>

/*
 * Blocks n signals and returns a signalfd(2) to read them from, which does not
 * block; -1 if there is none to be had. how: as for sigprocmask(2), SIG_BLOCK
 * in addition to those blocked before, SIG_SETMASK in their place.
 */
int signals_open(int how, const int *numbers, size_t n);

#endif
