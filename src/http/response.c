/*
 * Header fields of a response.
 */
#include <config.h>

#include "http/response.h"

#include <assert.h>
#include <string.h>

#include "base/problem_json.h"

void
response_header(struct response *response, const char *name, struct str value)
{
	assert(response->n_headers < RESPONSE_MAX_HEADERS);
	assert(str_find(value, '\r') == value.len);
	assert(str_find(value, '\n') == value.len);
	response->headers[response->n_headers].name = name;
	response->headers[response->n_headers].value = value;
	response->n_headers++;
}

static void
add_error_headers(struct response *response, enum error error,
    const struct problem *problem, unsigned retry_after)
{
	if (error == ERROR_UNAUTHENTICATED)
		response_header(response, "WWW-Authenticate", STR("Bearer"));
	if (error == ERROR_METHOD)
		response_header(response, "Allow", str_of(problem->allow));
	if (error != ERROR_UNAVAILABLE && error != ERROR_TOO_MANY)
		return;
	if (problem->retry_after != 0)
		retry_after = problem->retry_after;
	response_header(response, "Retry-After",
	    arena_printf(problem->arena, "%u", retry_after));
}

void
response_error(struct response *response, enum error error,
    const struct problem *problem, unsigned retry_after)
{
	response->status = error_status(error);
	response->n_headers = 0;
	response->log = problem->log;
	buf_reset(response->body);
	problem_json(response->body, error, problem);
	add_error_headers(response, error, problem, retry_after);
}

struct str
response_header_value(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->n_headers; i++)
		if (strcmp(response->headers[i].name, name) == 0)
			return response->headers[i].value;
	return STR("");
}
