/*
 * From the text of `listen` to a place.
 */
#include <config.h>

#include "base/listen.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static bool
take_path(const char *rest, struct listen_place *ret)
{
	size_t len = strlen(rest);

	ret->name = rest;
	return len > 0 && len <= LISTEN_PATH_MAX;
}

static bool
take_number(const char *rest, struct listen_place *ret)
{
	uint64_t number;

	if (!str_to_u64(str_of(rest), &number) || number > LISTEN_FD_MAX)
		return false;
	ret->fd = (unsigned)number;
	return true;
}

static bool
take_name(const char *rest, struct listen_place *ret)
{
	ret->name = rest;
	return rest[0] != '\0';
}

static const struct {
	struct str prefix;
	enum listen_kind kind;
	bool (*take)(const char *rest, struct listen_place *);
} prefixes[] = {
	{ STR_CONST("unix:"), LISTEN_UNIX, take_path },
	{ STR_CONST("fd:"), LISTEN_FD, take_number },
	{ STR_CONST("systemd:"), LISTEN_SYSTEMD, take_name },
};

static bool
take_tcp(struct str text, struct listen_place *ret)
{
	ret->kind = LISTEN_TCP;
	if (str_starts_with(text, STR("*:")))
		return port_parse(str_from(text, 2), &ret->tcp.port);
	return host_parse(text, &ret->tcp) && ret->tcp.port != 0;
}

bool
listen_parse(const char *text, struct listen_place *ret)
{
	*ret = (struct listen_place){ .kind = LISTEN_OFF };
	if (text[0] == '\0')
		return true;
	for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
		if (!str_starts_with(str_of(text), prefixes[i].prefix))
			continue;
		ret->kind = prefixes[i].kind;
		return prefixes[i].take(text + prefixes[i].prefix.len, ret);
	}
	return take_tcp(str_of(text), ret);
}

int
listen_look_up(const struct host_port *tcp, bool to_bind, struct addrinfo **ret)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICSERV |
					      (to_bind ? AI_PASSIVE : 0),
		.ai_socktype = SOCK_STREAM };
	char port[sizeof("65535")];

	snprintf(port, sizeof(port), "%u", tcp->port % 65536);
	return getaddrinfo(
	    tcp->host[0] == '\0' ? NULL : tcp->host, port, &hints, ret);
}

bool
listen_is_inherited(const struct listen_place *place)
{
	return place->kind == LISTEN_FD || place->kind == LISTEN_SYSTEMD;
}
