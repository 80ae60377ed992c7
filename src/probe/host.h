/*
 * Host and port as variables of the connector: of systems that are not HTTP.
 */
#ifndef PROBE_HOST_H
#define PROBE_HOST_H

#include "probe/attempt.h"

struct host {
	struct str name; /* as in a URL: IPv6 in brackets */
	unsigned port;
	bool is_numeric;
};

/* Reads the variables host and port, and shows them as the target. */
enum error host_read(struct attempt *, const char *scheme, struct str path,
    unsigned default_port, struct host *ret);

#endif
