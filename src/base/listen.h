/*
 * Where a lane listens, as its setting says it. Opens nothing.
 */
#ifndef BASE_LISTEN_H
#define BASE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hosts.h"
#include "base/str.h"

/* A socket is made under its path and this, and then renamed. */
#define LISTEN_FRESH_SUFFIX ".new"
/* Bytes of a path: with the suffix it must fit into sun_path (unix(7)). */
#define LISTEN_PATH_MAX (107 - (sizeof(LISTEN_FRESH_SUFFIX) - 1))
#define LISTEN_FD_MAX   1023
/* Where the default sockets are. /run is empty after a boot, so the pool makes
 * this folder if it is missing. */
#define LISTEN_RUN_FOLDER "/run/connectors"

enum listen_kind {
	LISTEN_OFF,    /* "" */
	LISTEN_UNIX,   /* "unix:/path" */
	LISTEN_TCP,    /* "host:port", "[v6]:port", "*:port" */
	LISTEN_FD,     /* "fd:0" */
	LISTEN_SYSTEMD /* "systemd:name" */
};

struct listen_place {
	enum listen_kind kind;
	const char *name; /* the path, or the name systemd knows it by */
	unsigned fd;
	struct host_port tcp; /* with a port; an empty host is every address */
};

/* False: it is none of these forms. ret->name points into the text. */
bool listen_parse(const char *text, struct listen_place *ret);

/* The addresses of a host, to bind or to connect to, the caller's to free; or
 * an error for gai_strerror(). May ask a name server. */
struct addrinfo;
int listen_look_up(
    const struct host_port *, bool to_bind, struct addrinfo **ret);

/* Whether another process (a web server, systemd) opened it and keeps it
 * open. */
bool listen_is_inherited(const struct listen_place *);

#endif
