/*
 * The table of errors, and the texts of a failure. Which HTTP status an error
 * becomes is decided here.
 */
#include <config.h>

#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
	int status;
	const char *message;
} errors[] = {
	[OK] = { 200, "" },
	[ERROR_BAD_REQUEST] = { 400, "Bad request." },
	[ERROR_UNAUTHENTICATED] = { 401, "Unauthenticated." },
	[ERROR_FORBIDDEN] = { 403, "This action is unauthorized." },
	[ERROR_NOT_FOUND] = { 404, "Not found." },
	[ERROR_METHOD] = { 405, "Method not allowed." },
	[ERROR_CONFLICT] = { 409,
	    "Another request has stored the same; send this one again." },
	[ERROR_PRECONDITION] = { 412,
	    "The connector was changed since it was read." },
	[ERROR_TOO_LARGE] = { 413, "The POST data is too large." },
	[ERROR_MEDIA_TYPE] = { 415, "The body must be application/json." },
	[ERROR_INVALID] = { 422, "The given data was invalid." },
	[ERROR_TOO_MANY] = { 429, "Too Many Attempts." },
	[ERROR_INTERNAL] = { 500, "Server Error" },
	[ERROR_UNAVAILABLE] = { 503, "Service Unavailable" },
};
_Static_assert(N_ELEMENTS(errors) == ERROR__MAX, "one row an error");

int
error_status(enum error error)
{
	assert(error < ERROR__MAX);
	return errors[error].status;
}

const char *
error_message(enum error error)
{
	assert(error < ERROR__MAX);
	return errors[error].message;
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
