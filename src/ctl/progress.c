/*
 * The line of progress. Only writes to standard error.
 */
#include <config.h>

#include "ctl/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/time.h"

#define PAUSE_MICROS 100000
#define LINE_COLUMNS 72
#define TEXT_SIZE    256

static void
show(struct ctl *ctl, const char *text)
{
	fprintf(stderr, "\r%-*.*s", LINE_COLUMNS, LINE_COLUMNS, text);
	fflush(stderr);
	ctl->progress_shown = true;
	ctl->progress_at = time_monotonic();
}

/* When both are one terminal, lines of a list that are on their way to it go
 * there; a line of progress between them only confuses. */
static bool
is_watched(void)
{
	return isatty(STDERR_FILENO) == 1;
}

static bool
is_due(const struct ctl *ctl)
{
	return is_watched() &&
	       time_monotonic() - ctl->progress_at >= PAUSE_MICROS;
}

void
progress_step(struct ctl *ctl, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;

	if (!is_watched())
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	show(ctl, text);
}

void
progress_share(struct ctl *ctl, size_t done, size_t all, const char *what)
{
	char text[TEXT_SIZE];

	if (!is_due(ctl))
		return;
	if (done > all)
		done = all;
	snprintf(text, sizeof(text), "%3zu %% %s",
	    all == 0 ? 0 : done * 100 / all, what);
	show(ctl, text);
}

void
progress_count(struct ctl *ctl, size_t done, const char *what)
{
	char text[TEXT_SIZE];

	if (!is_due(ctl) || isatty(STDOUT_FILENO) == 1)
		return;
	snprintf(text, sizeof(text), "%zu %s", done, what);
	show(ctl, text);
}

void
progress_end(struct ctl *ctl)
{
	if (ctl->progress_shown)
		fprintf(stderr, "\r%*s\r", LINE_COLUMNS, "");
	ctl->progress_shown = false;
}
