/*
 * The log: builds lines in memory and writes whole ones at once, so that lines
 * of several processes never mix. The only user of the log's descriptor.
 */
#include <config.h>

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"

/* A longer line is dropped: nothing that may be logged needs more. */
#define LINE_MAX_BYTES 16384
#define MESSAGE_SIZE   2048

static const char *const level_names[] = {
	[LEVEL_DEBUG] = "debug",
	[LEVEL_INFO] = "info",
	[LEVEL_WARNING] = "warning",
	[LEVEL_ERROR] = "error",
};
_Static_assert(N_ELEMENTS(level_names) == LEVEL__MAX, "one name a level");

/* The state of the log. */
static struct {
	int fd;
	enum log_level level;
	char path[4096]; /* empty: standard error */
	struct buf line;
	bool hold;
	volatile sig_atomic_t busy; /* the members below are being changed */
	size_t held;                /* bytes of whole lines */
	char lines[PIPE_BUF];       /* more could mix, see pipe(7) */
} sink = { .fd = STDERR_FILENO, .level = LEVEL_INFO };

enum log_level
log_level_of(const char *name)
{
	for (unsigned i = 0; i < LEVEL__MAX; i++)
		if (strcmp(level_names[i], name) == 0)
			return (enum log_level)i;
	return LEVEL_INFO;
}

void
log_set_level(enum log_level level)
{
	sink.level = level;
}

/* -1: cannot be opened. */
static int
open_path(const char *path)
{
	if (path[0] == '\0')
		return STDERR_FILENO;
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

static void
use_descriptor(int fd)
{
	log_flush();
	if (sink.fd != STDERR_FILENO)
		close(sink.fd);
	sink.fd = fd;
}

bool
log_open(const char *path)
{
	int fd;

	if (path == NULL)
		path = "";
	if (strlen(path) >= sizeof(sink.path))
		return false;
	fd = open_path(path);
	if (fd < 0)
		return false;
	use_descriptor(fd);
	snprintf(sink.path, sizeof(sink.path), "%s", path);
	return true;
}

void
log_reopen(void)
{
	int fd = open_path(sink.path);

	if (fd < 0) {
		log_line(LEVEL_ERROR, "cannot open the log %s anew", sink.path);
		return;
	}
	use_descriptor(fd);
}

static void
begin_line(enum log_level level)
{
	char now[TIME_TEXT_SIZE];

	if (sink.line.max == 0)
		buf_init(&sink.line, LINE_MAX_BYTES);
	buf_reset(&sink.line);
	time_text(now);
	json_object_open(&sink.line);
	json_key(&sink.line, "time");
	json_string(&sink.line, str_of(now));
	json_key(&sink.line, "level");
	json_string(&sink.line, str_of(level_names[level]));
}

void
log_hold(void)
{
	sink.hold = true;
}

bool
log_holds(void)
{
	return sink.held > 0;
}

/* A log that cannot be written is no reason to stop serving. */
static void
write_out(const char *bytes, size_t len)
{
	ssize_t written = write(sink.fd, bytes, len);

	(void)written;
}

/* Between these two a signal handler does not touch the held lines. */
static void
begin_change(void)
{
	sink.busy = 1;
	atomic_signal_fence(memory_order_seq_cst);
}

static void
end_change(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	sink.busy = 0;
}

void
log_flush(void)
{
	int kept = errno;

	if (sink.busy)
		return;
	begin_change();
	if (sink.held > 0)
		write_out(sink.lines, sink.held);
	sink.held = 0;
	end_change();
	errno = kept;
}

static void
hold_line(void)
{
	if (sink.line.len > sizeof(sink.lines) - sink.held)
		log_flush();
	begin_change();
	memcpy(sink.lines + sink.held, sink.line.ptr, sink.line.len);
	sink.held += sink.line.len;
	end_change();
}

static void
end_line(bool may_wait)
{
	json_object_close(&sink.line);
	buf_add_char(&sink.line, '\n');
	if (sink.line.overflow)
		return;
	if (sink.hold && may_wait && sink.line.len <= sizeof(sink.lines)) {
		hold_line();
	} else {
		log_flush();
		write_out(sink.line.ptr, sink.line.len);
	}
}

static void
add_text(const char *key, struct str value)
{
	if (value.len == 0)
		return;
	json_key(&sink.line, key);
	json_string(&sink.line, value);
}

static void
add_int(const char *key, int64_t value)
{
	json_key(&sink.line, key);
	json_int(&sink.line, value);
}

/* Milliseconds with three decimals. */
static void
add_milliseconds(const char *key, uint64_t microseconds)
{
	unsigned rest = (unsigned)(microseconds % 1000);
	char decimals[] = { '.', (char)('0' + rest / 100),
		(char)('0' + rest / 10 % 10), (char)('0' + rest % 10) };

	json_key(&sink.line, key);
	buf_add_int(&sink.line, (int64_t)(microseconds / 1000));
	buf_add(&sink.line, decimals, sizeof(decimals));
}

void
log_line(enum log_level level, const char *format, ...)
{
	char message[MESSAGE_SIZE];
	va_list args;

	if (level < sink.level)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	begin_line(level);
	add_text("message", str_of(message));
	end_line(false);
}

void
log_problem(
    enum log_level level, const char *what, const struct problem *problem)
{
	struct str why = problem->log.len > 0 ? problem->log : problem->message;

	log_line(level, "%s: %.*s", what, STR_FMT(why));
}

static enum log_level
level_of_request(const struct log_request *r)
{
	if (r->status >= 500)
		return LEVEL_ERROR;
	if (r->slow || r->unsent || r->warning.len > 0)
		return LEVEL_WARNING;
	return LEVEL_INFO;
}

static const char *
message_of_request(const struct log_request *r)
{
	if (r->unsent)
		return "request, answer not taken";
	return r->slow ? "slow request" : "request";
}

static void
add_times(const struct log_request *r)
{
	if (r->queued > 0)
		add_milliseconds("queue_ms", r->queued);
	add_milliseconds("duration_ms", r->duration);
	if (r->remote_wait > 0)
		add_milliseconds("far_side_ms", r->remote_wait);
	if (r->statements > 0) {
		add_milliseconds("database_ms", r->database);
		add_int("statements", (int64_t)r->statements);
	}
	if (!r->slow || r->n_stages == 0)
		return;
	json_key(&sink.line, "stages_ms");
	json_object_open(&sink.line);
	for (size_t i = 0; i < r->n_stages; i++)
		add_milliseconds(r->stages[i].name, r->stages[i].microseconds);
	json_object_close(&sink.line);
}

static void
add_who(const struct log_request *r)
{
	if (r->key_id != 0)
		add_int("key_id", r->key_id);
	if (r->company_id != 0)
		add_int("company_id", r->company_id);
	add_text("remote", r->remote);
}

void
log_request(const struct log_request *r)
{
	enum log_level level = level_of_request(r);

	if (level < sink.level)
		return;
	begin_line(level);
	add_text("message", str_of(message_of_request(r)));
	add_text("request_id", r->id);
	add_text("lane", str_of(r->lane));
	add_text("method", r->method);
	add_text("route", str_of(r->route));
	add_int("status", r->status);
	add_int("bytes", (int64_t)r->bytes);
	add_times(r);
	add_who(r);
	add_text("error", r->error);
	add_text("warning", r->warning);
	end_line(level == LEVEL_INFO);
}
