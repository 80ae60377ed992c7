/*
 * Clocks: one that only goes forward, one for people. Keeps no state.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

#define TIME_TEXT_SIZE sizeof("2024-01-31T23:59:59.000Z")

/* Microseconds of a clock that no one sets; the same in every process. */
uint64_t time_monotonic(void);

/* Microseconds since 1970 UTC. */
uint64_t time_real(void);

/* The present as RFC 3339 UTC with milliseconds, NUL-terminated. */
void time_text(char out[static TIME_TEXT_SIZE]);

#endif
