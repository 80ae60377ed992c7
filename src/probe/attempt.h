/*
 * One test under way, and what all kinds of tests share. Only for files of this
 * folder.
 *
 * A function that can end the test returns enum error: ERROR_INVALID means
 * that attempt_fail() has put the failure into the result, so TRY() passes it
 * up.
 */
#ifndef PROBE_ATTEMPT_H
#define PROBE_ATTEMPT_H

#include "probe/probe.h"
#include "probe/reason.h"
#include "probe/template.h"

#define ATTEMPT_VALUE_MAX 65535 /* bytes of a value, as the API takes them */

struct auth_type;
struct fetch_answer;
struct fetch_request;
struct url;

struct attempt {
	struct arena *arena;
	const struct probe_settings *settings;
	const struct probe_target *target;
	const struct auth_type *auth;
	/* The target's variables, without secrets that must not go there, and
	 * room for one more: access_token. */
	struct probe_variable *variables;
	size_t n_variables;
	uint64_t started_us;
	uint64_t deadline_us; /* of time_monotonic(), as started_us is */
	bool is_redirected;   /* the last request went where a Location said */
	bool is_asked;        /* a server has asked for the credentials */
	const char *note;     /* in place of the detail of a test that passed */
	struct str identity;  /* the client certificate, once it is opened */
	struct probe_result *result;
	struct problem *problem;
};

/* Ends the test. Returns ERROR_INVALID. */
enum error attempt_fail(struct attempt *, enum reason);
enum error attempt_fail_at(struct attempt *, enum reason, enum probe_step);
/* With a detail of its own: names of variables and numbers, no values. */
enum error attempt_fail_with(struct attempt *, enum reason, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Notes that a step passed, and the time it took (added up). */
void attempt_pass(struct attempt *, enum probe_step, uint64_t duration_us);

/* Renders a template of the implementation; `what` is its name in details. */
enum error attempt_render(struct attempt *, const char *what, struct str text,
    enum template_place, struct str *ret);
/* The same for people to see: secrets are masked; empty if it cannot be
 * rendered. */
struct str attempt_render_masked(
    struct attempt *, struct str text, enum template_place);

/*
 * Checks all variables that the authentication type reads: needed ones have a
 * value, none is longer than ATTEMPT_VALUE_MAX or has a NUL, and none has a
 * control character unless the type's table says that it does no harm. Ends the
 * test otherwise, before anything is sent.
 */
enum error attempt_check_variables(struct attempt *);

/* Ends the test because of a control character in a variable's value. */
enum error attempt_fail_control(struct attempt *, struct str key);

/* The value of a variable of the authentication type's table; a required one
 * that has no value (or an empty one, unless that counts) ends the test, an
 * optional one is then what the table has in its place, or the empty str. What
 * the table lacks has no value. */
enum error attempt_require(struct attempt *, const char *key, struct str *ret);
struct str attempt_optional(const struct attempt *, const char *key);

/* Whether there is a variable of this key and it is a secret. */
bool attempt_is_secret(const struct attempt *, const char *key);

/* Sets (or replaces) a variable that the test itself has found out. */
void attempt_set_secret(struct attempt *, const char *key, struct str value);

/* Shows where the next request goes. */
void attempt_set_target(struct attempt *, const struct url *masked);

/*
 * Sends a request and puts what it went through into the result. Ends the
 * test unless an answer came, whatever its status.
 */
enum error attempt_fetch(
    struct attempt *, const struct fetch_request *, struct fetch_answer *ret);

/* How each kind of authentication type is tested. */
enum error attempt_http(struct attempt *);
enum error attempt_token(struct attempt *);
enum error attempt_soap(struct attempt *);
enum error attempt_files(struct attempt *);
enum error attempt_database(struct attempt *);

#endif
