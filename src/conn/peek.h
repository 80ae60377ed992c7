/*
 * Looking at a connection without reading from it: is its request all here?
 * Until it is, no worker serves it, so a peer that is silent, slow or talks
 * nonsense never holds one.
 */
#ifndef CONN_PEEK_H
#define CONN_PEEK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum peek_answer {
	PEEK_REQUEST, /* to be served */
	PEEK_WAIT,    /* more is to come */
	PEEK_END,     /* the peer hung up and asks nothing */
	PEEK_BAD      /* the request will never be whole, or is none */
};

struct peek {
	/* From one look to the next; at first 1 and false. */
	size_t need; /* bytes for which looking makes sense */
	bool head;   /* all parameters are here */

	size_t seen;   /* bytes that were here */
	size_t params; /* bytes of parameters */
	bool whole;    /* all of the request is here */
	bool keep;     /* its peer wants the connection kept, and it can be */
};

enum peek_answer peek_at(int fd, struct peek *);

/* The parameters of a request that is whole, as they are encoded, in the arena.
 * False: there is none. */
bool peek_params(int fd, struct arena *, struct str *ret);

/* Whether there is news since that look: more bytes, or the peer hung up. */
bool peek_has_more(int fd, const struct peek *);

#endif
