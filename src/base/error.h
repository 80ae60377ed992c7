/*
 * The one error type, and what a client may know about a failure.
 *
 * Every fallible function returns enum error (OK is 0). Each becomes the
 * status that the table of error.c gives it. Functions pass errors up:
 * api/serve.c answers with them, and pool/ and admin/ with those of requests
 * that never get there. Only pool/ logs them.
 * struct problem carries texts: `message` and `fields` for the client, `log`
 * for the log alone (never a secret, never client bytes beyond what is quoted
 * back).
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/arena.h"
#include "base/str.h"

enum error {
	OK,
	ERROR_BAD_REQUEST,
	ERROR_UNAUTHENTICATED,
	ERROR_FORBIDDEN,
	ERROR_NOT_FOUND,
	ERROR_METHOD,
	ERROR_CONFLICT,
	ERROR_PRECONDITION,
	ERROR_TOO_LARGE,
	ERROR_MEDIA_TYPE,
	ERROR_INVALID,
	ERROR_TOO_MANY,
	ERROR_INTERNAL,
	ERROR_UNAVAILABLE,
	ERROR__MAX
};

/* HTTP status of an error, as the table in base/error.c says; 200 for OK. */
int error_status(enum error);

/* The message a client gets when the problem has none of its own. */
const char *error_message(enum error);

/*
 * All statuses that an answer can have: those of errors, and those of success
 * that a handler sets itself. status_at() counts them from 0, ascending;
 * status_index() is STATUS_COUNT for any other.
 */
#define STATUS_COUNT 16
int status_at(size_t index);
size_t status_index(int status);

/* The reason phrase behind a status in HTTP/1.1: "Not Found"; "Status" for one
 * that is not in the table. */
const char *status_phrase(int status);

/* One field of a 422 with its messages, in the order they were found. */
struct problem_field {
	struct problem_field *next;
	struct str name;            /* "variables.0.key" */
	struct problem_text *texts; /* first message */
	struct problem_text *last;
};

struct problem_text {
	struct problem_text *next;
	struct str text;
};

struct problem {
	struct arena *arena;          /* where the texts live */
	struct str message;           /* for the client; empty: the default */
	struct str log;               /* for the log only */
	struct problem_field *fields; /* first field of a 422 */
	struct problem_field *last_field;
	size_t n_texts;       /* messages of all fields together */
	unsigned retry_after; /* seconds for Retry-After; 0: the default */
	const char *allow;    /* value of Allow with a 405 */
};

/*
 * Sets the client's message and returns error, so that a failing function can
 * end in `return problem_set(reterr, ERROR_X, ...)`.
 */
enum error problem_set(struct problem *, enum error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a failure whose reason is for the log alone. */
enum error problem_log(struct problem *, enum error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Adds a message to a field of a 422; the same text is kept once a field.
 * Texts are copied into the problem's arena. Returns ERROR_INVALID.
 */
enum error problem_add(struct problem *, struct str field, struct str text);

/* Whether the field has a message already. */
bool problem_has(const struct problem *, struct str field);

/*
 * Passes an error on: returns it from the enclosing function. The only macro
 * that hides a return.
 */
#define TRY(call)                               \
	do {                                    \
		enum error try_error_ = (call); \
		if (try_error_ != OK)           \
			return try_error_;      \
	} while (0)

#endif
