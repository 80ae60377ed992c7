/*
 * An HTTP request as the authentication implementation describes it: building
 * it, carrying credentials, following redirects, judging the status.
 */
#ifndef PROBE_WEB_H
#define PROBE_WEB_H

#include "probe/attempt.h"
#include "probe/fetch.h"
#include "probe/url.h"

#define WEB_MAX_HEADERS 256

struct web {
	struct url url;
	const char *method;
	struct str headers[WEB_MAX_HEADERS]; /* "Name: value" */
	size_t n_headers;
	struct str body;
	bool has_body;
	enum fetch_auth auth;
	const char *username;
	const char *password;
	/* Signs a request when all else of it is set; NULL: not signed. */
	enum error (*sign)(struct attempt *, struct web *);
	bool is_stranger; /* a redirect led to another origin: no credentials
			   * are sent there */
};

/* Renders the URL and shows it; with_query adds the implementation's. */
enum error web_set_url(struct attempt *, struct web *, const char *what,
    struct str template, bool with_query);

/* The implementation's headers; without those that refer to a key (an empty
 * key: all of them). */
enum error web_add_headers(struct attempt *, struct web *, struct str without);

/* The implementation's body by its body_format. */
enum error web_set_body(struct attempt *, struct web *);

/* One more header, unless there is one of this name. */
enum error web_add_header(
    struct attempt *, struct web *, const char *name, struct str value);

bool web_has_header(const struct web *, const char *name);

/* The value of a header, its blanks as they are sent; empty if there is none.
 */
struct str web_header(const struct web *, const char *name);

/* Takes a header out, if there is one of this name. */
void web_drop_header(struct web *, const char *name);

/* Whether a header may have this name: a token (RFC 9110, 5.6.2) that libcurl
 * does not set itself; whether a text can be a header's value. */
bool web_is_header_name(struct str name);
bool web_is_header_value(struct str value);

/* Adds the credentials as the authentication type's scheme has them. */
enum error web_add_credentials(struct attempt *, struct web *);

/* Sends it, follows redirects (unless the status is one that is expected). */
enum error web_exchange(
    struct attempt *, struct web *, struct fetch_answer *ret);

/* Ends the test unless the status is expected. */
enum error web_judge(struct attempt *, const struct fetch_answer *);

/* Whether an answer of status 4xx is a page that names a fault of TLS.
 */
bool web_find_phrase(
    struct attempt *, const struct fetch_answer *, enum reason *ret);

/* Ends the test because of the status. */
enum error web_fail_status(struct attempt *, const struct fetch_answer *);

#endif
