/*
 * Clocks and the text of a time.
 */
#include <config.h>

#include "base/time.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

#define MILLION UINT64_C(1000000)

static uint64_t
read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * MILLION + (uint64_t)t.tv_nsec / 1000;
}

uint64_t
time_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t
time_left(uint64_t until)
{
	uint64_t now = time_monotonic();

	return until > now ? until - now : 0;
}

int
time_left_ms(uint64_t until)
{
	uint64_t left = time_left(until);
	uint64_t ms = left / 1000 + (left % 1000 > 0);

	return ms < INT_MAX ? (int)ms : INT_MAX;
}

uint64_t
time_real(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* The remainders change no value: they show the compiler that each part fits
 * its width. */
void
time_text(char out[static TIME_TEXT_SIZE])
{
	uint64_t now = time_real();
	time_t seconds = (time_t)(now / MILLION);
	struct tm t;

	gmtime_r(&seconds, &t);
	snprintf(out, TIME_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)(t.tm_year + 1900) % 10000,
	    (unsigned)(t.tm_mon + 1) % 100, (unsigned)t.tm_mday % 100,
	    (unsigned)t.tm_hour % 100, (unsigned)t.tm_min % 100,
	    (unsigned)t.tm_sec % 100, (unsigned)(now % MILLION / 1000) % 1000);
}
