/*
 * The names of time zones that a connector may have.
 */
#ifndef SCHEMA_TIMEZONES_H
#define SCHEMA_TIMEZONES_H

#include <stddef.h>

/* In byte order. */
extern const char *const list_timezones[];
extern const size_t n_timezones;

#endif
