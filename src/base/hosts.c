/*
 * From the text of a host and its port to both.
 */
#include <config.h>

#include "base/hosts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define PORT_MAX 65535

/* Real hosts have names with underscores, too. */
static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.ptr[i]) &&
		    strchr("-._", s.ptr[i]) == NULL)
			return false;
	return s.len > 0;
}

static bool
is_numeric(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != '.' && (s.ptr[i] < '0' || s.ptr[i] > '9'))
			return false;
	return true;
}

static bool
is_v4(const char *host)
{
	struct in_addr address;

	return inet_pton(AF_INET, host, &address) == 1;
}

/* A link-local address has its interface behind a `%`. */
static bool
is_v6(const char *host)
{
	char plain[HOST_NAME_MAX_LEN + 1];
	size_t len = strcspn(host, "%");
	struct in6_addr address;

	memcpy(plain, host, len);
	plain[len] = '\0';
	return inet_pton(AF_INET6, plain, &address) == 1;
}

static bool
take_host(struct str text, bool bracketed, struct host_port *ret)
{
	if (text.len == 0 || text.len > HOST_NAME_MAX_LEN ||
	    memchr(text.ptr, '\0', text.len) != NULL)
		return false;
	memcpy(ret->host, text.ptr, text.len);
	ret->host[text.len] = '\0';
	if (bracketed)
		return is_v6(ret->host);
	return is_name(text) && (!is_numeric(text) || is_v4(ret->host));
}

bool
port_parse(struct str text, unsigned *ret)
{
	uint64_t port;

	if (!str_to_u64(text, &port) || port == 0 || port > PORT_MAX)
		return false;
	*ret = (unsigned)port;
	return true;
}

/* What stands behind the host: nothing, or a colon and a port. */
static bool
take_port(struct str text, unsigned *ret)
{
	*ret = 0;
	return text.len == 0 ||
	       (text.ptr[0] == ':' && port_parse(str_from(text, 1), ret));
}

bool
host_parse(struct str text, struct host_port *ret)
{
	bool bracketed = text.len > 0 && text.ptr[0] == '[';
	size_t end = str_find(text, bracketed ? ']' : ':');
	struct str host = { text.ptr, end };

	if (!bracketed)
		return take_host(host, false, ret) &&
		       take_port(str_from(text, end), &ret->port);
	return end < text.len &&
	       take_host((struct str){ text.ptr + 1, end - 1 }, true, ret) &&
	       take_port(str_from(text, end + 1), &ret->port);
}

bool
host_next(struct str *rest, struct str *ret)
{
	if (!str_next_part(rest, ',', ret))
		return false;
	*ret = text_trim(*ret);
	return true;
}

bool
host_list_is_good(struct str list)
{
	struct host_port host;
	struct str entry;

	if (list.len == 0)
		return false;
	while (host_next(&list, &entry))
		if (!host_parse(entry, &host))
			return false;
	return true;
}
