/*
 * The table of errors, and the texts of a failure. Which HTTP status an error
 * becomes is decided here.
 */
#include <config.h>

#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* Ascending; the first row of an error is its own. */
static const struct {
	int status;
	enum error error;
	const char *phrase;  /* RFC 9110, section 15 */
	const char *message; /* the default one of an error */
} rows[] = {
	{ 200, OK, "OK", "" },
	{ 204, OK, "No Content", "" },
	{ 304, OK, "Not Modified", "" },
	{ 400, ERROR_BAD_REQUEST, "Bad Request", "Bad request." },
	{ 401, ERROR_UNAUTHENTICATED, "Unauthorized", "Unauthenticated." },
	{ 403, ERROR_FORBIDDEN, "Forbidden", "This action is unauthorized." },
	{ 404, ERROR_NOT_FOUND, "Not Found", "Not found." },
	{ 405, ERROR_METHOD, "Method Not Allowed", "Method not allowed." },
	{ 409, ERROR_CONFLICT, "Conflict",
	    "Another request has stored the same; send this one again." },
	{ 412, ERROR_PRECONDITION, "Precondition Failed",
	    "The connector was changed since it was read." },
	{ 413, ERROR_TOO_LARGE, "Content Too Large",
	    "The POST data is too large." },
	{ 415, ERROR_MEDIA_TYPE, "Unsupported Media Type",
	    "The body must be application/json." },
	{ 422, ERROR_INVALID, "Unprocessable Content",
	    "The given data was invalid." },
	{ 429, ERROR_TOO_MANY, "Too Many Requests", "Too Many Attempts." },
	{ 500, ERROR_INTERNAL, "Internal Server Error", "Server Error" },
	{ 503, ERROR_UNAVAILABLE, "Service Unavailable",
	    "Service Unavailable" },
};
_Static_assert(N_ELEMENTS(rows) == STATUS_COUNT, "one row a status");

static size_t
row_of(enum error error)
{
	size_t i = 0;

	while (rows[i].error != error) {
		i++;
		assert(i < N_ELEMENTS(rows));
	}
	return i;
}

int
error_status(enum error error)
{
	return rows[row_of(error)].status;
}

const char *
error_message(enum error error)
{
	return rows[row_of(error)].message;
}

int
status_at(size_t index)
{
	assert(index < N_ELEMENTS(rows));
	return rows[index].status;
}

size_t
status_index(int status)
{
	size_t i = 0;

	while (i < N_ELEMENTS(rows) && rows[i].status != status)
		i++;
	return i;
}

const char *
status_phrase(int status)
{
	size_t i = status_index(status);

	return i < N_ELEMENTS(rows) ? rows[i].phrase : "Status";
}

__attribute__((format(printf, 2, 0))) static struct str
format_text(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	int len;
	char *p;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	assert(len >= 0);
	p = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(p, (size_t)len + 1, format, again);
	va_end(again);
	return (struct str){ p, (size_t)len };
}

enum error
problem_set(struct problem *problem, enum error error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem->message = format_text(problem->arena, format, args);
	va_end(args);
	return error;
}

enum error
problem_log(struct problem *problem, enum error error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem->log = format_text(problem->arena, format, args);
	va_end(args);
	return error;
}

static struct problem_field *
find_field(const struct problem *problem, struct str name)
{
	struct problem_field *field = problem->fields;

	while (field != NULL && !str_equal(field->name, name))
		field = field->next;
	return field;
}

static struct problem_field *
add_field(struct problem *problem, struct str name)
{
	struct problem_field *field;

	field = ARENA_NEW(problem->arena, struct problem_field, 1);
	field->name = arena_copy(problem->arena, name);
	if (problem->last_field == NULL)
		problem->fields = field;
	else
		problem->last_field->next = field;
	problem->last_field = field;
	return field;
}

enum error
problem_add(struct problem *problem, struct str name, struct str text)
{
	struct problem_field *field = find_field(problem, name);
	struct problem_text *item;

	if (field == NULL)
		field = add_field(problem, name);
	for (item = field->texts; item != NULL; item = item->next)
		if (str_equal(item->text, text))
			return ERROR_INVALID;
	item = ARENA_NEW(problem->arena, struct problem_text, 1);
	item->text = arena_copy(problem->arena, text);
	if (field->last == NULL)
		field->texts = item;
	else
		field->last->next = item;
	field->last = item;
	problem->n_texts++;
	return ERROR_INVALID;
}

bool
problem_has(const struct problem *problem, struct str name)
{
	return find_field(problem, name) != NULL;
}
