/*
 * Looking at the beginning of a FastCGI connection without taking it: is the
 * request all there, is it one at all? Pure: bytes in, an answer out.
 *
 * It walks the records' headers and the lengths of the parameters, so that the
 * library that reads them afterwards can neither wait nor be made to ask for
 * absurd amounts of memory.
 */
#ifndef CONN_FCGI_SCAN_H
#define CONN_FCGI_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum scan_state {
	SCAN_MORE,  /* the parameters are not all there */
	SCAN_HEAD,  /* the parameters are, the body is not */
	SCAN_WHOLE, /* everything is there */
	SCAN_JUNK   /* it will never be a request of ours */
};

struct scan {
	enum scan_state state;
	size_t need;   /* bytes that there must be for another answer */
	size_t params; /* bytes of parameters seen, with their lengths */
	bool keep;     /* whole, nothing behind it, and the connection is to be
			* kept after the answer */
};

/*
 * Looks at the first len bytes of a connection. scratch has room for len bytes
 * and holds the parameters afterwards.
 */
struct scan scan_request(
    const unsigned char *bytes, size_t len, unsigned char *scratch);

/* Takes the first pair off encoded parameters. False: there is none, or what is
 * there is not a whole one. */
bool scan_pair(struct str *rest, struct str *ret_name, struct str *ret_value);

#endif
