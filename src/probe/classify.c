/*
 * Telling apart the failures of a request.
 *
 * Reads libcurl's error text only to look for fixed phrases in it; nothing of
 * that text goes into a result.
 */
#include <config.h>

#include "probe/classify.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "probe/fetch.h"

/* Results of the verification of a certificate: X509_V_ERR_... */
static const struct {
	long result;
	enum reason reason;
} by_verification[] = {
	{ 9, REASON_CERTIFICATE_NOT_YET_VALID },
	{ 10, REASON_CERTIFICATE_EXPIRED },
	{ 18, REASON_CERTIFICATE_SELF_SIGNED },
	{ 19, REASON_CERTIFICATE_UNTRUSTED }, /* self-signed in the chain */
	{ 20, REASON_CERTIFICATE_UNTRUSTED }, /* no issuer */
	{ 21, REASON_CERTIFICATE_UNTRUSTED }, /* unable to verify the leaf */
	{ 27, REASON_CERTIFICATE_UNTRUSTED },
	{ 62, REASON_CERTIFICATE_NAME_MISMATCH },
	{ 64, REASON_CERTIFICATE_NAME_MISMATCH }, /* of an address */
};

/* Phrases in OpenSSL's texts. Alerts come from the remote side. */
static const struct {
	const char *phrase;
	enum reason reason;
} by_phrase[] = {
	{ "alert certificate required", REASON_CLIENT_CERTIFICATE_REQUIRED },
	{ "alert bad certificate", REASON_CLIENT_CERTIFICATE_REJECTED },
	{ "alert unsupported certificate", REASON_CLIENT_CERTIFICATE_REJECTED },
	{ "alert certificate revoked", REASON_CLIENT_CERTIFICATE_REJECTED },
	{ "alert certificate expired", REASON_CLIENT_CERTIFICATE_REJECTED },
	{ "alert certificate unknown", REASON_CLIENT_CERTIFICATE_REJECTED },
	{ "alert unknown ca", REASON_CLIENT_CERTIFICATE_REJECTED },
	{ "alert access denied", REASON_CLIENT_CERTIFICATE_REJECTED },
	{ "wrong version number", REASON_NOT_TLS },
	{ "packet length too long", REASON_NOT_TLS },
	{ "http request", REASON_NOT_TLS },
	{ "unknown protocol", REASON_NOT_TLS },
};

/* How a connection ends that the server closes. After the handshake a client
 * certificate need not be the cause. */
static const struct {
	CURLcode code;
	bool in_handshake;
} breaks[] = {
	{ CURLE_SSL_CONNECT_ERROR, true },
	{ CURLE_RECV_ERROR, false },
	{ CURLE_SEND_ERROR, false },
	{ CURLE_GOT_NOTHING, false },
};

/* The reason if what a server sent is not the protocol of its family. */
static const enum reason not_spoken[] = {
	[FETCH_HTTP] = REASON_NOT_HTTP,
	[FETCH_FTP] = REASON_NOT_FTP,
	[FETCH_SSH] = REASON_NOT_SSH,
};

/* How far the request came. */
static enum probe_step
step_reached(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	if (!answer->is_attempted)
		return PROBE_DNS;
	if (answer->connected_us == 0)
		return PROBE_CONNECT;
	/* libcurl gives no time for a TLS that begins after the connection. */
	if (request->use_tls && !request->start_tls && answer->secured_us == 0)
		return PROBE_TLS;
	if (request->family == FETCH_FTP)
		return dialog_step(&answer->dialog);
	if (answer->sent_us > 0)
		return PROBE_RESPONSE;
	/* HTTP begins with the request; other protocols begin with a login. */
	return request->family == FETCH_HTTP ? PROBE_REQUEST
					     : PROBE_AUTHENTICATION;
}

static enum reason
connect_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	/* The server was reached; its port for data was not. */
	if (request->family == FETCH_FTP && answer->dialog.is_logged_in)
		return REASON_DATA_CONNECTION_FAILED;
	switch (answer->os_error) {
	case ECONNREFUSED:
		return REASON_CONNECTION_REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
		return REASON_HOST_UNREACHABLE;
	case ETIMEDOUT:
		return REASON_TIMEOUT;
	case ECONNRESET: /* at once after the connection was made */
	case EPIPE:
		return REASON_CONNECTION_RESET;
	default:
		return REASON_CONNECTION_FAILED;
	}
}

enum reason
classify_certificate(long verify_result)
{
	for (size_t i = 0; i < N_ELEMENTS(by_verification); i++)
		if (by_verification[i].result == verify_result)
			return by_verification[i].reason;
	return REASON_CERTIFICATE_INVALID;
}

static enum reason
verification_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	enum reason reason = classify_certificate(answer->verify_result);

	if (request->family == FETCH_SSH)
		return REASON_HOST_KEY_MISMATCH;
	/* libcurl compares the names itself. */
	if (answer->dialog.is_misnamed ||
	    (reason == REASON_CERTIFICATE_INVALID &&
		strstr(answer->error, "subject name") != NULL))
		return REASON_CERTIFICATE_NAME_MISMATCH;
	return reason;
}

/* The reason of a connection that broke while bytes were sent or read. */
static enum reason
break_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	/* In FTP any reply sets the status; an answer has begun with the first
	 * name. */
	bool is_begun = request->family == FETCH_FTP
			    ? dialog_is_listing(&answer->dialog)
			    : answer->status > 0;

	return is_begun ? REASON_RESPONSE_CUT : REASON_CONNECTION_RESET;
}

bool
classify_tls(const char *text, bool has_certificate, enum reason *ret)
{
	for (size_t i = 0; i < N_ELEMENTS(by_phrase); i++) {
		if (strstr(text, by_phrase[i].phrase) == NULL)
			continue;
		*ret = by_phrase[i].reason;
		/* If none was sent, the server wants one, whatever its alert
		 * says. */
		if (*ret == REASON_CLIENT_CERTIFICATE_REJECTED &&
		    !has_certificate)
			*ret = REASON_CLIENT_CERTIFICATE_REQUIRED;
		return true;
	}
	return false;
}

/*
 * A server that asked for a client certificate and then closes without an
 * answer: in TLS 1.2 with an alert that may mean anything, or with none; in
 * TLS 1.3 after the handshake is over for this side. A server to which the
 * certificate is optional answers.
 */
static bool
certificate_reason(const struct fetch_request *request,
    const struct fetch_answer *answer, enum reason *ret)
{
	bool has_one = request->certificate.len > 0;

	if (!answer->is_certificate_wanted)
		return false;
	*ret = has_one ? REASON_CLIENT_CERTIFICATE_REJECTED
		       : REASON_CLIENT_CERTIFICATE_REQUIRED;
	for (size_t i = 0; i < N_ELEMENTS(breaks); i++)
		if ((int)breaks[i].code == answer->code)
			return breaks[i].in_handshake || !has_one;
	return false;
}

static bool
phrase_reason(const struct fetch_request *request,
    const struct fetch_answer *answer, enum reason *ret)
{
	if (!request->use_tls ||
	    !classify_tls(answer->error, request->certificate.len > 0, ret))
		return false;
	/* It did speak TLS: FTP servers that die send a last reply in the
	 * clear. */
	if (*ret == REASON_NOT_TLS && answer->dialog.place > DIALOG_TLS)
		*ret = REASON_SERVER_ERROR;
	return true;
}

static enum reason
not_spoken_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	/* A server that accepted the login speaks FTP: the fault is about the
	 * port for data. */
	if (request->family == FETCH_FTP && answer->dialog.is_logged_in)
		return REASON_DATA_CONNECTION_FAILED;
	return not_spoken[request->family];
}

static enum reason
timeout_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	const struct dialog *dialog = &answer->dialog;
	enum reason said;

	if (request->family != FETCH_FTP)
		return REASON_TIMEOUT;
	/* The server has named a port for the names, and connecting to it
	 * fails.
	 */
	if (dialog->place == DIALOG_DATA &&
	    (dialog->reply == 227 || dialog->reply == 229))
		return REASON_DATA_CONNECTION_FAILED;
	/* libcurl reports a 421, which says that the server closes, in this
	 * way. */
	if (dialog->reply == 421 &&
	    dialog_meaning(dialog, request->use_tls, &said))
		return said;
	return REASON_TIMEOUT;
}

/* The reason of a login that failed. A key may not have been sent at all: then
 * the server has not refused it. */
static enum reason
login_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	const struct dialog *dialog = &answer->dialog;
	unsigned offer = request->auth == FETCH_AUTH_SSH_KEY
			     ? DIALOG_OFFERS_KEY
			     : DIALOG_OFFERS_PASSWORD;

	if (dialog->has_offers && (dialog->offers & offer) == 0)
		return REASON_AUTHENTICATION_UNSUPPORTED;
	if (dialog->key == DIALOG_KEY_UNREAD)
		return REASON_PRIVATE_KEY_INVALID;
	if (dialog->key == DIALOG_KEY_LOST)
		return REASON_CONNECTION_RESET;
	return REASON_CREDENTIALS_REJECTED;
}

/* What a denial means in FTP depends on the command: see dialog_meaning(). */
static enum reason
denied_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	(void)answer;
	return request->family == FETCH_SSH ? REASON_ACCESS_DENIED
					    : REASON_NOT_FOUND;
}

/* The reason if SFTP does not start after the login, or fails without a code of
 * its own. */
static enum reason
start_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	if (request->family != FETCH_SSH || !answer->dialog.is_logged_in)
		return not_spoken_reason(request, answer);
	return answer->code == CURLE_FAILED_INIT ? REASON_ACCESS_DENIED
						 : REASON_SERVER_ERROR;
}

#define NOTHING_FAILED       REASON__MAX
#define DECIDED_BY(function) .decide = function
#define MEANS(name)          .reason = REASON_##name
#define OR_AS_FTP_SAYS       .is_said = true

static const struct {
	CURLcode code;
	enum reason reason; /* unless decide says it */
	enum reason (*decide)(
	    const struct fetch_request *, const struct fetch_answer *);
	bool
	    is_said; /* an FTP reply may be the cause: its meaning goes first */
} by_code[] = {
	/* libcurl takes any 450 for an empty list. */
	{ CURLE_OK, .reason = NOTHING_FAILED, OR_AS_FTP_SAYS },
	{ CURLE_COULDNT_RESOLVE_HOST, MEANS(NAME_NOT_RESOLVED) },
	{ CURLE_COULDNT_CONNECT, DECIDED_BY(connect_reason) },
	{ CURLE_OPERATION_TIMEDOUT, DECIDED_BY(timeout_reason) },
	{ CURLE_FTP_ACCEPT_TIMEOUT, MEANS(TIMEOUT) },
	{ CURLE_PEER_FAILED_VERIFICATION, DECIDED_BY(verification_reason) },
	{ CURLE_SSL_CERTPROBLEM, MEANS(CLIENT_CERTIFICATE_INVALID) },
	{ CURLE_SSL_CONNECT_ERROR, MEANS(TLS_FAILED) },
	{ CURLE_SSL_CIPHER, MEANS(TLS_FAILED) },
	{ CURLE_USE_SSL_FAILED, MEANS(TLS_UNSUPPORTED), OR_AS_FTP_SAYS },
	{ CURLE_LOGIN_DENIED, DECIDED_BY(login_reason), OR_AS_FTP_SAYS },
	{ CURLE_AUTH_ERROR, MEANS(CREDENTIALS_REJECTED) },
	{ CURLE_RECV_ERROR, DECIDED_BY(break_reason) },
	{ CURLE_SEND_ERROR, DECIDED_BY(break_reason) },
	{ CURLE_SEND_FAIL_REWIND, DECIDED_BY(break_reason) },
	{ CURLE_REMOTE_ACCESS_DENIED, DECIDED_BY(denied_reason),
	    OR_AS_FTP_SAYS },
	{ CURLE_REMOTE_FILE_NOT_FOUND, MEANS(NOT_FOUND), OR_AS_FTP_SAYS },
	{ CURLE_FTP_COULDNT_RETR_FILE, MEANS(SERVER_ERROR), OR_AS_FTP_SAYS },
	{ CURLE_FTP_COULDNT_SET_TYPE, MEANS(SERVER_ERROR), OR_AS_FTP_SAYS },
	{ CURLE_REMOTE_DISK_FULL, MEANS(SERVER_ERROR), OR_AS_FTP_SAYS },
	{ CURLE_PARTIAL_FILE, MEANS(RESPONSE_CUT), OR_AS_FTP_SAYS },
	{ CURLE_GOT_NOTHING, MEANS(RESPONSE_EMPTY) },
	{ CURLE_FILESIZE_EXCEEDED, MEANS(RESPONSE_TOO_LARGE) },
	/* libcurl reports a header line that is too long in this way. */
	{ CURLE_OUT_OF_MEMORY, MEANS(RESPONSE_TOO_LARGE) },
	/* "Received HTTP/0.9 when not allowed" */
	{ CURLE_UNSUPPORTED_PROTOCOL, DECIDED_BY(not_spoken_reason) },
	{ CURLE_WEIRD_SERVER_REPLY, DECIDED_BY(not_spoken_reason),
	    OR_AS_FTP_SAYS },
	{ CURLE_FTP_WEIRD_PASS_REPLY, DECIDED_BY(not_spoken_reason),
	    OR_AS_FTP_SAYS },
	{ CURLE_FTP_WEIRD_PASV_REPLY, DECIDED_BY(not_spoken_reason),
	    OR_AS_FTP_SAYS },
	{ CURLE_FTP_WEIRD_227_FORMAT, DECIDED_BY(not_spoken_reason) },
	{ CURLE_SSH, DECIDED_BY(start_reason) },
	{ CURLE_FAILED_INIT, DECIDED_BY(start_reason) },
	{ CURLE_URL_MALFORMAT, MEANS(URL_INVALID) },
};

static enum reason
code_reason(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	enum reason said;

	for (size_t i = 0; i < N_ELEMENTS(by_code); i++) {
		if ((int)by_code[i].code != answer->code)
			continue;
		if (by_code[i].is_said && request->family == FETCH_FTP &&
		    dialog_meaning(&answer->dialog, request->use_tls, &said))
			return said;
		return by_code[i].decide == NULL
			   ? by_code[i].reason
			   : by_code[i].decide(request, answer);
	}
	return REASON_FAILED;
}

/* Whether a reason can belong to any step; the others have one of their own. */
static bool
is_anywhere(enum reason reason)
{
	return reason == REASON_TIMEOUT || reason == REASON_CONNECTION_RESET ||
	       reason == REASON_FAILED || reason == REASON_RESPONSE_EMPTY ||
	       reason == REASON_SERVER_BUSY || reason == REASON_SERVER_ERROR;
}

/* Whether the request was ended because it had what it needs: more names than a
 * test reads, or the address that was looked up. */
static bool
is_enough(
    const struct fetch_request *request, const struct fetch_answer *answer)
{
	const struct dialog *dialog = &answer->dialog;
	/* Without names, a server that sends without end has listed
	 * nothing. */
	bool is_begun = request->family == FETCH_FTP ? dialog_is_listing(dialog)
						     : dialog->is_logged_in;

	return (request->is_listing && is_begun && answer->is_too_large) ||
	       (request->only_resolve && answer->n_addresses > 0);
}

bool
classify(const struct fetch_request *request, const struct fetch_answer *answer,
    enum reason *ret_reason, enum probe_step *ret_step)
{
	enum reason reason;

	if (is_enough(request, answer))
		return false;
	if (answer->code == CURLE_OK)
		reason = code_reason(request, answer);
	else if (answer->is_refused && !answer->is_attempted)
		reason = REASON_ADDRESS_REFUSED;
	else if (answer->is_too_large)
		reason = REASON_RESPONSE_TOO_LARGE;
	else if (answer->is_late)
		reason = timeout_reason(request, answer);
	else if (answer->dialog.is_untrusted)
		reason = verification_reason(request, answer);
	else if (!phrase_reason(request, answer, &reason) &&
		 !certificate_reason(request, answer, &reason))
		reason = code_reason(request, answer);
	if (reason == NOTHING_FAILED)
		return false;
	*ret_reason = reason;
	*ret_step = is_anywhere(reason) ? step_reached(request, answer)
					: reason_row(reason)->step;
	return true;
}
