/*
 * The list in expected_status, and what a status means that is not in it.
 */
#include <config.h>

#include "probe/http_status.h"

static const struct {
	int from, to;
	enum reason reason;
} meanings[] = {
	{ 401, 401, REASON_CREDENTIALS_REJECTED },
	{ 403, 403, REASON_CREDENTIALS_REJECTED },
	{ 404, 404, REASON_NOT_FOUND },
	{ 410, 410, REASON_NOT_FOUND },
	{ 405, 405, REASON_METHOD_NOT_ALLOWED },
	{ 429, 429, REASON_RATE_LIMITED },
	{ 500, 599, REASON_SERVER_ERROR },
};

static bool
parse_status(struct str s, int *ret)
{
	uint64_t value;

	s = str_trim(s, " ");
	if (s.len != 3 || !str_to_u64(s, &value) || value < 100 || value > 599)
		return false;
	*ret = (int)value;
	return true;
}

/* "204" or "200-299" */
static bool
parse_range(struct str s, int *ret_from, int *ret_to)
{
	size_t dash = str_find(s, '-');

	if (!parse_status((struct str){ s.ptr, dash }, ret_from))
		return false;
	*ret_to = *ret_from;
	if (dash == s.len)
		return true;
	return parse_status(str_from(s, dash + 1), ret_to) &&
	       *ret_from <= *ret_to;
}

bool
http_status_is_spec(struct str spec)
{
	struct str part;
	int from, to;

	if (spec.len == 0)
		return true;
	if (spec.len > HTTP_STATUS_MAX_SPEC)
		return false;
	while (str_next_part(&spec, ',', &part))
		if (!parse_range(part, &from, &to))
			return false;
	return true;
}

bool
http_status_is_expected(struct str spec, int status)
{
	struct str part;
	int from, to;

	if (spec.len == 0)
		spec = STR(STATUS_DEFAULT);
	while (str_next_part(&spec, ',', &part))
		if (parse_range(part, &from, &to) && from <= status &&
		    status <= to)
			return true;
	return false;
}

enum reason
http_status_reason(int status)
{
	for (size_t i = 0; i < N_ELEMENTS(meanings); i++)
		if (meanings[i].from <= status && status <= meanings[i].to)
			return meanings[i].reason;
	return REASON_UNEXPECTED_STATUS;
}
