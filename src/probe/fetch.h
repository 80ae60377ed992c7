/*
 * One request to a remote system: the only file that sends anything through
 * libcurl.
 *
 * Every address is judged by the guard at the moment of connecting, whatever
 * it is for. Nothing is kept between two requests: no connection, no cookie,
 * no TLS session (within one, an FTP data connection takes up that of its
 * login). Follows no redirect. Ends by the deadline.
 */
#ifndef PROBE_FETCH_H
#define PROBE_FETCH_H

#include "probe/dialog.h"
#include "probe/guard.h"
#include "probe/probe.h"

#define FETCH_ERROR_SIZE    256 /* libcurl's CURL_ERROR_SIZE */
#define FETCH_MAX_ADDRESSES 16  /* of one name */

enum fetch_family {
	FETCH_HTTP,
	FETCH_FTP,
	FETCH_SSH
};

enum fetch_auth {
	FETCH_AUTH_NONE,
	FETCH_AUTH_BASIC,
	FETCH_AUTH_DIGEST,
	FETCH_AUTH_NTLM,
	FETCH_AUTH_SSH_PASSWORD,
	FETCH_AUTH_SSH_KEY,
	FETCH_AUTH__MAX
};

/* All texts are NUL-terminated; NULL means none. */
struct fetch_request {
	enum fetch_family family;
	const char *url;
	const char *protocols;     /* that the URL may have: "http,https" */
	const char *method;        /* HTTP only */
	const struct str *headers; /* "Name: value" */
	size_t n_headers;
	struct str body;
	bool has_body;
	enum fetch_auth auth;
	const char *username;
	const char *password;
	struct str certificate; /* PEM of a client certificate; empty: none */
	struct str private_key; /* of it (empty: it stands in certificate), or
				   the SSH key */
	const char *passphrase; /* of private_key */
	const char *host_key;   /* SHA-256 of an SSH host key in base64 */
	bool is_numeric;        /* the host is an address */
	bool use_tls;           /* TLS is part of it */
	bool start_tls;         /* FTP: AUTH TLS on a plain connection */
	bool is_listing;        /* only the names in a directory */
	bool only_resolve;      /* judge the addresses, connect to none */
};

struct fetch_answer {
	int code;                     /* CURLcode */
	char error[FETCH_ERROR_SIZE]; /* may hold bytes of the remote side */
	long os_error;                /* errno of connect() */
	long verify_result;           /* X509_V_ERR_... */
	bool is_refused;              /* the guard refused an address */
	bool is_attempted;            /* the guard let an address pass */
	bool is_late;                 /* the deadline passed */
	bool is_too_large;
	bool is_asked; /* for the credentials that HTTP gives on demand */
	/* The server asked for a client certificate and has sent nothing
	 * since. */
	bool is_certificate_wanted;
	int status;           /* of HTTP, else the last reply code */
	struct dialog dialog; /* FTP and SSH: how far it came */
	struct str address;   /* the IP used */
	struct str location;  /* of a redirect, as it came */
	struct str body;      /* at most answer_max bytes, as they came */
	/* Header fields of the last answer, as they came; empty: it has none.
	 * Several of one name are joined with commas. */
	struct str content_encoding, content_type;
	struct address addresses[FETCH_MAX_ADDRESSES]; /* only_resolve */
	size_t n_addresses;
	/* Microseconds from the start until ...; 0: it was not reached. */
	uint64_t resolved_us, connected_us, secured_us, sent_us, total_us;
};

/* Once in a process. */
enum error fetch_start(struct problem *reterr);

/*
 * Sends the request. deadline_us is a moment of time_monotonic(). Whatever the
 * remote side does is in ret; ERROR_INTERNAL means that this side could not
 * begin.
 */
enum error fetch_run(struct arena *, const struct probe_settings *,
    const struct fetch_request *, uint64_t deadline_us,
    struct fetch_answer *ret, struct problem *reterr);

#endif
