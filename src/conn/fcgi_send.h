/*
 * Sending an answer as FastCGI records, in as few calls of the system as the
 * socket takes it. The library would send 8 KiB at a time: a page with all
 * includes in 35 calls, each of which wakes the web server.
 *
 * Knows neither the library nor what an answer says.
 */
#ifndef CONN_FCGI_SEND_H
#define CONN_FCGI_SEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* An answer that is being sent; zeroed it has nothing to send. */
struct fcgi_answer {
	int fd;      /* blocking */
	unsigned id; /* of the request, 1 to 65535 */
	struct str head;
	struct str body; /* follows the head */
	size_t sent;     /* bytes of both */
	bool failed;     /* the web server does not take it */
};

/* Has the kernel take so many bytes of an answer that the peer has not read yet
 * (socket(7), SO_SNDBUF: counted double, and no more than net.core.wmem_max):
 * meanwhile the worker serves the next request. For unix sockets: TCP sees to
 * that by itself, unless it is told a size. 0: leaves it as it is. */
void fcgi_send_ahead(int fd, size_t bytes);

/* Sends all but the end, so that what is left never waits. False: the web
 * server does not take it. */
bool fcgi_send_most(struct fcgi_answer *);

/* Sends the rest, and that it is the end. False: as before, or it failed
 * already. */
bool fcgi_send_end(struct fcgi_answer *);

#endif
