/*
 * Clocks: one that only goes forward, one for people. Keeps no state.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

#define TIME_TEXT_SIZE sizeof("2024-01-31T23:59:59.000Z")

/* Microseconds of a clock that is never set; the same in every process. Every
 * duration and every deadline of the program is on this clock. */
uint64_t time_monotonic(void);

/* Microseconds from now until a moment of that clock; 0: it has passed. */
uint64_t time_left(uint64_t until);

/* The same for poll(): milliseconds, rounded up, so that what waits for them
 * does not end too early; at most INT_MAX. */
int time_left_ms(uint64_t until);

/* Microseconds since 1970 UTC. */
uint64_t time_real(void);

/* The present as RFC 3339 UTC with milliseconds, NUL-terminated. */
void time_text(char out[static TIME_TEXT_SIZE]);

#endif
