/*
 * Header fields of a response.
 */
#include <config.h>

#include "http/response.h"

#include <assert.h>
#include <string.h>

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

struct str
response_header_value(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->n_headers; i++)
		if (strcmp(response->headers[i].name, name) == 0)
			return response->headers[i].value;
	return STR("");
}
