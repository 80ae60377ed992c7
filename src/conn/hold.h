/*
 * Holding: one who refuses leaves each request to his neighbours for a while
 * (settings->hold) before he gives it out himself. For places.c and kept.c;
 * without settings->hold nothing is ever held.
 */
#ifndef CONN_HOLD_H
#define CONN_HOLD_H

#include "conn/places.h"

/* One that asks, or will, is held from now on. since: when it came, as far as
 * is known (monotonic microseconds); 0: now. */
void hold_begin(struct places *, struct place *, uint64_t since);

/* No longer, if it was for long enough. */
void hold_check(struct places *, struct place *, uint64_t now);

/* Of too many fresh ones the oldest is held no longer. */
void hold_fewer(struct places *);

/* Most fresh ones. */
size_t hold_fresh_max(const struct places *);

#endif
