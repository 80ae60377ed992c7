/*
 * The log: one JSON object a line, to standard error or to a file. Only whole
 * lines are written, each batch with one write(2). Never given a raw query, a
 * header's value or a secret.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum log_level {
	LEVEL_DEBUG,
	LEVEL_INFO,
	LEVEL_WARNING,
	LEVEL_ERROR,
	LEVEL__MAX
};

/* A share of a request's time. */
struct log_stage {
	const char *name;
	uint64_t microseconds;
};

#define LOG_MAX_STAGES 12

/* What is known of one request. Numbers that are 0 and empty texts are left
 * out where they would say nothing. */
struct log_request {
	struct str id;
	struct str method;
	const char *lane;
	const char *route; /* "connectors.index"; NULL: none was found */
	int status;
	size_t bytes;         /* of the answer's body */
	uint64_t queued;      /* microseconds, before duration; 0: not known */
	uint64_t duration;    /* microseconds */
	uint64_t remote_wait; /* microseconds of it: a test for its target */
	uint64_t database;    /* microseconds of it */
	uint64_t statements;
	int64_t key_id;
	int64_t company_id;
	struct str remote;
	struct str error;   /* why it failed; never a secret */
	struct str warning; /* of data that is wrong; never a secret */
	bool slow;          /* longer than limits.slow_request */
	bool unsent;        /* the client was gone */
	struct log_stage stages[LOG_MAX_STAGES]; /* printed when slow */
	size_t n_stages;
};

/* The level of a name; LEVEL_INFO if there is none such. */
enum log_level log_level_of(const char *name);

/* Lines below level are dropped from here on. */
void log_set_level(enum log_level);

/*
 * Sends the log to a file (created 0640, appended to); NULL or "" is standard
 * error. False: it cannot be opened, the log stays where it was.
 */
bool log_open(const char *path);

/* Opens the file anew after it was moved away; keeps the old one on failure. */
void log_reopen(void);

/* From now on lines of requests at level info may be held back, until there are
 * as many bytes as a pipe takes at once or any other line comes. The caller
 * calls log_flush() before it waits. */
void log_hold(void);

/* Whether lines are held back. */
bool log_holds(void);

/* Writes the lines that are held. Safe in a signal handler: one that interrupts
 * the making of a line does nothing. */
void log_flush(void);

/* One line with a message. */
void log_line(enum log_level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One line for a failure: what was tried, and the problem's texts. */
void log_problem(enum log_level, const char *what, const struct problem *);

/* One line for a request: info, warning when slow or with one, error for a
 * 5xx. */
void log_request(const struct log_request *);

#endif
