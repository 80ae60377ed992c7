/*
 * Hosts with ports, as settings name them. Pure: looks nothing up.
 */
#ifndef BASE_HOSTS_H
#define BASE_HOSTS_H

#include <stdbool.h>

#include "base/str.h"

/* Bytes of a name as text, without a dot at the end (RFC 1035). */
#define HOST_NAME_MAX_LEN 253

struct host_port {
	char host[HOST_NAME_MAX_LEN + 1]; /* without brackets */
	unsigned port;                    /* 0: none was given */
};

/*
 * Reads "host", "host:port", "[v6]" or "[v6]:port". False if it is none of
 * these: a name of other characters than letters, digits, `-`, `_` and `.`,
 * four numbers that are no address, a port that is not from 1 to 65535.
 */
bool host_parse(struct str text, struct host_port *ret);

/* A decimal port from 1 to 65535. */
bool port_parse(struct str text, unsigned *ret);

/*
 * Cuts the next host off a list by commas, without the blanks around it; false
 * once nothing is left. Start with *rest pointing to the list.
 */
bool host_next(struct str *rest, struct str *ret);

/* Whether a list by commas has a host and all of them can be parsed. */
bool host_list_is_good(struct str list);

#endif
