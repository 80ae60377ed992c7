/*
 * Asking the running service: one FastCGI request, as a web server would send
 * it, on a connection of its own. Must not change anything in the service.
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "base/arena.h"
#include "base/listen.h"
#include "base/str.h"

#define ASK_MS         5000      /* longest wait for all of an answer */
#define ASK_ANSWER_MAX (4 << 20) /* bytes; no page of the service is longer */

enum ask_outcome {
	ASK_ANSWERED,
	ASK_NOBODY,    /* no process listens there */
	ASK_FORBIDDEN, /* this user may not connect */
	ASK_SILENT,    /* a process listens, but sent no answer in time */
	ASK_STRANGER   /* what came is no answer of FastCGI */
};

struct answer {
	enum ask_outcome outcome;
	struct str text; /* why there is no answer; in the arena, as body is */
	int status;
	struct str body;
};

/* Asks at a place that is LISTEN_UNIX or LISTEN_TCP. */
struct answer ask(struct arena *, const struct listen_place *,
    const char *method, const char *path);

#endif
