/*
 * The line of progress. Only writes to standard error.
 */
#include <config.h>

#include "ctl/progress.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/time.h"

#define PAUSE_MICROS 100000
#define LINE_COLUMNS 72
#define TEXT_SIZE    256

/* There is one terminal, so there is one line. */
static bool is_shown;
static uint64_t counted_at; /* monotonic microseconds */

static void
show(const char *text)
{
	fprintf(stderr, "\r%-*.*s", LINE_COLUMNS, LINE_COLUMNS, text);
	fflush(stderr);
	is_shown = true;
}

static bool
is_watched(void)
{
	return isatty(STDERR_FILENO) == 1;
}

/* Numbers are not shown more often than people can read. */
static bool
is_due(void)
{
	const uint64_t now = time_monotonic();

	if (!is_watched() || now - counted_at < PAUSE_MICROS)
		return false;
	counted_at = now;
	return true;
}

void
progress_step(const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;

	if (!is_watched())
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	show(text);
}

void
progress_share(size_t done, size_t all, const char *what)
{
	char text[TEXT_SIZE];

	if (!is_due())
		return;
	if (done > all)
		done = all;
	snprintf(text, sizeof(text), "%3zu %% %s",
	    all == 0 ? 0 : done * 100 / all, what);
	show(text);
}

void
progress_count(size_t done, const char *what)
{
	char text[TEXT_SIZE];

	/* Rows on the same terminal tell it themselves. */
	if (!is_due() || isatty(STDOUT_FILENO) == 1)
		return;
	snprintf(text, sizeof(text), "%zu %s", done, what);
	show(text);
}

void
progress_end(void)
{
	if (is_shown)
		fprintf(stderr, "\r%*s\r", LINE_COLUMNS, "");
	is_shown = false;
}

void
progress_yield(void)
{
	if (is_shown && isatty(STDOUT_FILENO) == 1)
		progress_end();
}
