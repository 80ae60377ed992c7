/*
 * The test of a connector: connects for real and says which step failed.
 *
 * Plain data in, plain data out: no database, no HTTP route, no configuration
 * file. Whatever the remote side does is a result, not an error, and the whole
 * test ends within total_timeout_ms. No text of a result holds a secret value
 * or anything that the remote side sent.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct network;

#define PROBE_NETWORKS_MAX 1000 /* entries of one list */

/* Limits; all zero but the networks is not a usable configuration. */
struct probe_settings {
	unsigned
	    connect_timeout_ms;    /* name, connection and TLS of one request */
	unsigned total_timeout_ms; /* the whole test */
	size_t answer_max;         /* bytes read of one answer */
	unsigned redirects_max;    /* redirects followed */
	const struct network *networks; /* allowed although not public */
	size_t n_networks;
	/* Networks in which an unverified database gets the password. They do
	 * not allow any address by themselves. */
	const struct network *unverified;
	size_t n_unverified;
	const char *ca_file; /* CA certificates (PEM); NULL: the system's */
	/* For tests of this program only: "host:port:address[,address]". */
	const char *const *resolve;
	size_t n_resolve;
};

/*
 * Reads the networks that are opened: CIDR blocks or single addresses with
 * commas or spaces between. Fails with ERROR_INVALID and names the entry.
 */
enum error probe_settings_parse(struct arena *, struct str networks,
    struct probe_settings *ret, struct problem *reterr);

/* The same for the networks of servers that need not be verified. */
enum error probe_settings_parse_unverified(struct arena *, struct str networks,
    struct probe_settings *ret, struct problem *reterr);

/* A value that templates and authentication types may refer to. */
struct probe_variable {
	struct str key;
	struct str value; /* ptr NULL: known, but without a value */
	bool secret;
	bool is_default; /* the implementation's, not the connector's own */
	/* A secret default that must not be sent; set by probe_run() itself. */
	bool is_withheld;
};

/* What to connect to, and how: the implementation's columns as they are. */
struct probe_target {
	struct str type;        /* key of the authentication type */
	struct str protocol;    /* of the system: HTTP, FTP, ... */
	struct str url;         /* templates; ptr NULL or empty: none */
	struct str http_method; /* empty: GET */
	struct str headers;     /* JSON object of texts; empty: {} */
	struct str query;       /* the same */
	struct str body;
	struct str body_format; /* none, json, form, xml, raw */
	struct str test_url;
	struct str expected_status;             /* empty: 200-299 */
	struct str token_path;                  /* empty: access_token */
	const struct probe_variable *variables; /* distinct keys */
	size_t n_variables;
	/* The client certificate; all empty: none. */
	struct str certificate; /* PEM, leaf first */
	struct str private_key; /* PEM; empty: it stands in certificate */
	struct str passphrase;  /* of the key */
};

/* The steps in the order of the result. */
enum probe_step {
	PROBE_CONFIGURATION,
	PROBE_GUARD,
	PROBE_DNS,
	PROBE_CONNECT,
	PROBE_TLS,
	PROBE_AUTHENTICATION,
	PROBE_REQUEST,
	PROBE_RESPONSE,
	PROBE_DONE, /* a stage, not a step */
	PROBE_STEP__MAX
};

enum probe_outcome {
	PROBE_NOT_REACHED, /* or not needed: TLS of an http:// URL */
	PROBE_PASSED,
	PROBE_FAILED
};

struct probe_result {
	bool ok;
	enum probe_step stage; /* the step that failed, or PROBE_DONE */
	const char *reason;    /* a word of the table; NULL when ok */
	struct str detail;     /* a sentence for a person */
	/* What the last request went to, secrets masked; empty: not known. */
	struct {
		struct str scheme;
		struct str host;
		struct str path;
		unsigned port; /* 0: not known */
	} target;
	struct str address; /* the IP used; empty: none */
	int http_status;    /* 0: none */
	int64_t duration_ms;
	struct {
		enum probe_outcome outcome;
		uint64_t duration_us;
	} steps[PROBE_DONE];
	/* A new refresh token that the token endpoint gave in place of the one
	 * used; empty: none. A secret, to be stored even if the test failed
	 * afterwards. */
	struct str rotated_refresh_token;
};

/* Must be called once in a process before probe_run(), before any thread. */
enum error probe_start(struct problem *reterr);

/*
 * Whether secret defaults may be sent where a test of the target goes: scheme
 * and port of every URL that it goes to are fixed, and its host is fixed or
 * ends, behind the last value of the connector's own, in a fixed domain of at
 * least two labels; for protocols that are not of the web neither `host` nor
 * `port` is the connector's own. Values of the implementation count as fixed.
 * A key without a value, or that is not among the variables, does not.
 */
bool probe_sends_defaults(struct arena *, const struct probe_target *);

/*
 * Tests the target. Secret defaults that must not go there count as absent
 * (probe_sends_defaults()). Everything in the result lives in the arena, as do
 * the secrets used on the way (an arena wipes itself). Fails only if this
 * machine lacks a resource (ERROR_INTERNAL).
 */
enum error probe_run(struct arena *, const struct probe_settings *,
    const struct probe_target *, struct probe_result *ret,
    struct problem *reterr);

/* Of something that was done: rounded up, so never 0. */
int64_t probe_milliseconds(uint64_t us);

/* Writes the result as the API shows it (never the refresh token). */
void probe_result_json(struct buf *, const struct probe_result *);

/* The word for a step: "configuration" ... "response", "done". */
const char *probe_step_name(enum probe_step);

/* The words for reasons, for documents: NULL behind the last one. */
const char *probe_reason_name(size_t index);

/* Something that tests cannot do with the libraries of this machine. */
struct probe_limit {
	const char *text;   /* what, for a person */
	const char *advice; /* what to do about it */
};

/* NULL behind the last one; needs no probe_start(). */
const struct probe_limit *probe_limit(size_t index);

#endif
