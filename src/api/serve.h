/*
 * THE pipeline: a request in, a response out. The file a newcomer reads first.
 *
 * Knows every stage and no library: it does not log, does not talk HTTP and
 * holds no SQL.
 */
#ifndef API_SERVE_H
#define API_SERVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/data_version.h"
#include "api/key_hint.h"
#include "api/key_use.h"
#include "base/str.h"

struct ahead;
struct arena;
struct answer_cache;
struct implementation_cache;
struct db;
struct keyring;
struct request;
struct response;

/* A text that is the same for everybody as long as the program runs. */
struct document {
	struct str text;
	struct str etag; /* with its quotes */
};

/* An answer that will be kept once it is sent. Its texts are the request's. */
struct unkept_answer {
	struct data_version version;
	struct str name; /* ptr NULL: there is none */
	struct str etag, body;
};

/* What a worker lends to every request. */
struct service {
	struct db *db;
	const struct keyring *keyring; /* NULL: no key ring is configured */
	const struct serve_limits *limits;
	struct answer_cache *cache;     /* finished answers */
	struct unkept_answer unkept;    /* one that is to go there */
	struct answer_cache *fragments; /* parts of them: the catalogue's */
	struct implementation_cache
	    *implementations;               /* what checks of a write need */
	const struct probe_settings *probe; /* what a test may cost and reach */
	const struct document *openapi;     /* what describes the API */
	struct key_hints *key_hints;        /* whose the keys were */
	struct key_uses key_uses;           /* what to note of their use */
	struct ahead *ahead; /* of requests that wait; NULL: nothing */
	bool many_nodes;     /* of a cluster write: versions are added up */
	atomic_int_fast64_t *next_variable; /* the id it gets; a guess, too */
};

/* Limits a client can meet, from the configuration. */
struct serve_limits {
	size_t body_max;            /* bytes of a body */
	unsigned idempotency_hours; /* how long answers are replayed */
	unsigned retry_after;       /* seconds, with a 503 */
	unsigned transaction_ms;    /* for all runs of one transaction */
	unsigned tests_per_company; /* tests of one company at once */
	unsigned keys_together;     /* read by one statement */
};

/* Answers one request; never fails: a failure is a response too. */
void serve(struct service *, const struct request *, struct response *ret);

/* What of a request is left for when its answer has been sent, while all of the
 * request is still there: whether there is anything, and doing it. It never
 * fails, and takes a second at most. */
bool serve_has_more(const struct service *);
void serve_more(struct service *, struct arena *);

#endif
