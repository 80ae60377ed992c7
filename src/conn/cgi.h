/*
 * FastCGI parameters, as "NAME=value" texts, to a request. Pure; knows neither
 * the library nor a socket.
 */
#ifndef CONN_CGI_H
#define CONN_CGI_H

#include <stdint.h>

#include "base/str.h"
#include "http/request.h"

/* What the parameters say beside the request itself. */
struct params {
	bool end;        /* CONNECTORS_END is 1: none was lost */
	bool has_length; /* CONTENT_LENGTH was given */
	uint64_t length; /* bytes of the body */
	uint64_t sent;   /* CONNECTORS_SENT: when the web server passed it on,
			    in milliseconds since 1970; 0: not given */
};

/*
 * Fills a request but for its body. The texts are copied into its arena; list
 * ends in NULL. A request without an acceptable id gets a fresh one.
 */
void params_read(
    const char *const *list, struct request *ret, struct params *ret_params);

/* Of encoded parameters (fcgi_scan.h) what tells which answer is asked for and
 * by whom: method, path, query, base URL and authorization, likewise. */
void params_read_target(struct str pairs, struct request *ret);

/* Whether the text may be a request id: 1 to 64 of [0-9A-Za-z._-]. */
bool params_is_id(struct str text);

#endif
