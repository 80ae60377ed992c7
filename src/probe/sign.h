/*
 * Requests that are signed: each one of an exchange anew, over what is sent.
 */
#ifndef PROBE_SIGN_H
#define PROBE_SIGN_H

#include "probe/web.h"

/* Check the variables and have each request signed from now on. */
enum error sign_by_oauth1(struct attempt *, struct web *);
enum error sign_by_sigv4(struct attempt *, struct web *);

#endif
