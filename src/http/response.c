/*
 * Header fields of a response, and what a status is called.
 */
#include <config.h>

#include "http/response.h"

#include <assert.h>
#include <string.h>

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

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

const char *
response_reason(int status)
{
	for (size_t i = 0; i < N_ELEMENTS(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

struct str
response_header_value(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->n_headers; i++)
		if (strcmp(response->headers[i].name, name) == 0)
			return response->headers[i].value;
	return STR("");
}
