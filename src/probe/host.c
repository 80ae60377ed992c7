/*
 * Checking the variables host and port.
 */
#include <config.h>

#include "probe/host.h"

#include "base/mask.h"
#include "probe/guard.h"
#include "probe/url.h"

#define HOST_MAX 255 /* bytes of a host name */

static bool
is_host_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_' ||
	       c >= 0x80;
}

static bool
is_host_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_host_byte((unsigned char)s.ptr[i]))
			return false;
	return s.len > 0 && s.len <= HOST_MAX;
}

static bool
is_bracketed(struct str s)
{
	return s.len > 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']';
}

static enum error
read_name(struct attempt *attempt, struct host *ret)
{
	struct str text;
	struct address address;

	TRY(attempt_require(attempt, "host", &text));
	if (is_bracketed(text))
		text = (struct str){ text.ptr + 1, text.len - 2 };
	ret->is_numeric = address_parse(text, &address);
	ret->name = text;
	if (ret->is_numeric && str_find(text, ':') < text.len)
		ret->name =
		    arena_printf(attempt->arena, "[%.*s]", STR_FMT(text));
	else if (!is_host_name(text))
		return attempt_fail_with(attempt, REASON_VALUE_INVALID,
		    "The variable host must be a host name or an address "
		    "alone, without scheme, port or path.");
	return OK;
}

static enum error
read_port(struct attempt *attempt, unsigned default_port, unsigned *ret)
{
	struct str text = attempt_optional(attempt, "port");
	uint64_t port = default_port;

	if (text.len > 0 &&
	    (!str_to_u64(text, &port) || port == 0 || port > 65535))
		return attempt_fail_with(attempt, REASON_VALUE_INVALID,
		    "The variable port must be a number from 1 to 65535.");
	*ret = (unsigned)port;
	return OK;
}

enum error
host_read(struct attempt *attempt, const char *scheme, struct str path,
    unsigned default_port, struct host *ret)
{
	struct url shown = { .scheme = str_of(scheme), .path = path };

	TRY(read_name(attempt, ret));
	TRY(read_port(attempt, default_port, &ret->port));
	shown.host =
	    attempt_is_secret(attempt, "host") ? STR(SECRET_MASK) : ret->name;
	shown.port = attempt_is_secret(attempt, "port") ? 0 : ret->port;
	attempt_set_target(attempt, &shown);
	return OK;
}
