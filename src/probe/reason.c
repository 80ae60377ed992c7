/*
 * The table of reasons. The words are part of the API: never renamed.
 */
#include <config.h>

#include "probe/reason.h"

/* clang-format off */
#define ROW(name, word, step, detail) \
	[REASON_##name] = { word, PROBE_##step, detail }

static const struct reason_row rows[] = {
	ROW(TYPE_UNKNOWN, "type_unknown", CONFIGURATION,
	    "The authentication type is not one that can be tested."),
	ROW(PROTOCOL_UNSUPPORTED, "protocol_unsupported", CONFIGURATION,
	    "The system's protocol cannot be tested with this authentication "
	    "type."),
	ROW(VARIABLE_MISSING, "variable_missing", CONFIGURATION,
	    "A variable that is needed has no value."),
	ROW(VARIABLE_UNKNOWN, "variable_unknown", CONFIGURATION,
	    "The authentication implementation refers to a variable that "
	    "does not exist."),
	ROW(VALUE_INVALID, "value_invalid", CONFIGURATION,
	    "A variable has a value that cannot be used."),
	ROW(URL_MISSING, "url_missing", CONFIGURATION,
	    "The authentication implementation has neither a url nor a "
	    "test_url."),
	ROW(URL_INVALID, "url_invalid", CONFIGURATION,
	    "The URL is not a valid http or https URL once the variables are "
	    "put in."),
	ROW(HEADERS_INVALID, "headers_invalid", CONFIGURATION,
	    "The headers of the authentication implementation cannot be "
	    "sent."),
	ROW(QUERY_INVALID, "query_invalid", CONFIGURATION,
	    "The query of the authentication implementation is not an object "
	    "of texts."),
	ROW(BODY_INVALID, "body_invalid", CONFIGURATION,
	    "The body is not well-formed once the variables are put in."),
	ROW(REQUEST_TOO_LARGE, "request_too_large", CONFIGURATION,
	    "The request becomes too large once the variables are put in."),
	ROW(EXPECTED_STATUS_INVALID, "expected_status_invalid", CONFIGURATION,
	    "expected_status is not a list such as 200-299,304."),
	ROW(CLIENT_CERTIFICATE_INVALID, "client_certificate_invalid",
	    CONFIGURATION,
	    "The connector's certificate cannot be used: check the "
	    "certificate, its key and the passphrase."),
	ROW(PRIVATE_KEY_INVALID, "private_key_invalid", CONFIGURATION,
	    "private_key is not a private key in PEM or OpenSSH form."),
	ROW(PRIVATE_KEY_UNSUPPORTED, "private_key_unsupported", CONFIGURATION,
	    "The SSH library of this machine cannot log in with a private_key "
	    "of this kind: use an Ed25519 or ECDSA key in OpenSSH form."),
	ROW(ADDRESS_REFUSED, "address_refused", GUARD,
	    "The host is at an address that tests must not reach (loopback, "
	    "private, link-local, reserved or cloud metadata). An "
	    "administrator can open networks: test.allow_networks."),
	ROW(NAME_NOT_RESOLVED, "name_not_resolved", DNS,
	    "The host name has no address: check its spelling."),
	ROW(CONNECTION_REFUSED, "connection_refused", CONNECT,
	    "Nothing listens at this host and port, or a firewall refuses "
	    "it."),
	ROW(HOST_UNREACHABLE, "host_unreachable", CONNECT,
	    "There is no route to the host."),
	ROW(CONNECTION_FAILED, "connection_failed", CONNECT,
	    "No connection could be made to the host."),
	ROW(CONNECTION_RESET, "connection_reset", RESPONSE,
	    "The far side broke the connection off before it answered."),
	ROW(CERTIFICATE_EXPIRED, "certificate_expired", TLS,
	    "The server's certificate has expired."),
	ROW(CERTIFICATE_NOT_YET_VALID, "certificate_not_yet_valid", TLS,
	    "The server's certificate is not valid yet."),
	ROW(CERTIFICATE_SELF_SIGNED, "certificate_self_signed", TLS,
	    "The server's certificate is signed by itself, so nobody vouches "
	    "for it."),
	ROW(CERTIFICATE_UNTRUSTED, "certificate_untrusted", TLS,
	    "The server's certificate comes from an authority that is not "
	    "trusted here, or the server does not send the certificates in "
	    "between."),
	ROW(CERTIFICATE_NAME_MISMATCH, "certificate_name_mismatch", TLS,
	    "The server's certificate is for another host name."),
	ROW(CERTIFICATE_INVALID, "certificate_invalid", TLS,
	    "The server's certificate is not valid."),
	ROW(CLIENT_CERTIFICATE_REQUIRED, "client_certificate_required", TLS,
	    "The server wants a client certificate and the connector has "
	    "none."),
	ROW(CLIENT_CERTIFICATE_REJECTED, "client_certificate_rejected", TLS,
	    "The server does not accept the connector's certificate."),
	ROW(HOST_KEY_MISMATCH, "host_key_mismatch", TLS,
	    "The server's SSH host key is not the one named by "
	    "host_key_sha256."),
	ROW(TLS_FAILED, "tls_failed", TLS,
	    "No encrypted connection could be agreed on with the server."),
	ROW(TLS_REQUIRED, "tls_required", TLS,
	    "The server wants TLS on this port: use https, or FTPS in place "
	    "of FTP."),
	ROW(TLS_UNSUPPORTED, "tls_unsupported", TLS,
	    "The server does not offer TLS, or not for all that is sent."),
	ROW(NOT_TLS, "not_tls", TLS,
	    "The server does not speak TLS on this port."),
	ROW(TIMEOUT, "timeout", RESPONSE,
	    "The far side did not answer in time."),
	ROW(AUTHENTICATION_UNSUPPORTED, "authentication_unsupported",
	    AUTHENTICATION,
	    "The server wants another kind of login than this, or has switched "
	    "the account's off."),
	ROW(CREDENTIALS_REJECTED, "credentials_rejected", AUTHENTICATION,
	    "The far side does not accept the credentials."),
	ROW(ACCESS_DENIED, "access_denied", AUTHENTICATION,
	    "The credentials are accepted, but do not allow this."),
	ROW(TOKEN_REFUSED, "token_refused", AUTHENTICATION,
	    "The token endpoint did not give a token."),
	ROW(TOKEN_MISSING, "token_missing", AUTHENTICATION,
	    "The answer of the token endpoint has no token at token_path."),
	ROW(TOKEN_MALFORMED, "token_malformed", AUTHENTICATION,
	    "The token endpoint answered with something that is not JSON, or "
	    "with a token that cannot be sent."),
	ROW(NOT_FOUND, "not_found", RESPONSE,
	    "The far side has nothing at this place, or does not show it to "
	    "this user."),
	ROW(METHOD_NOT_ALLOWED, "method_not_allowed", RESPONSE,
	    "The far side does not accept this http_method here."),
	ROW(RATE_LIMITED, "rate_limited", RESPONSE,
	    "The far side says that there were too many requests: try later."),
	ROW(SERVER_ERROR, "server_error", RESPONSE,
	    "The far side answered that it has an error of its own."),
	ROW(SERVER_BUSY, "server_busy", RESPONSE,
	    "The server has no connection free, or blocks this host."),
	ROW(UNEXPECTED_STATUS, "unexpected_status", RESPONSE,
	    "The status of the answer is not one of expected_status."),
	ROW(REDIRECT_REFUSED, "redirect_refused", RESPONSE,
	    "The far side redirects to a place that the test does not "
	    "follow."),
	ROW(TOO_MANY_REDIRECTS, "too_many_redirects", RESPONSE,
	    "The far side redirects too many times."),
	ROW(NOT_HTTP, "not_http", RESPONSE,
	    "The answer is not HTTP: check the port."),
	ROW(NOT_FTP, "not_ftp", RESPONSE,
	    "The answer is not FTP: check the port."),
	ROW(NOT_SSH, "not_ssh", CONNECT,
	    "The answer is not SSH, or no common algorithm could be agreed "
	    "on: check the port."),
	ROW(NOT_DATABASE, "not_database", CONNECT,
	    "The answer does not come from a MySQL server: check the port."),
	ROW(DATA_CONNECTION_FAILED, "data_connection_failed", RESPONSE,
	    "The login is accepted, but the connection for the list of names "
	    "fails: check the server's range of passive ports and the "
	    "firewalls in between."),
	ROW(RESPONSE_EMPTY, "response_empty", RESPONSE,
	    "The far side closed the connection without an answer."),
	ROW(RESPONSE_CUT, "response_cut", RESPONSE,
	    "The answer ended before it was complete."),
	ROW(RESPONSE_TOO_LARGE, "response_too_large", RESPONSE,
	    "The answer is larger than a test reads."),
	ROW(NOT_DECODABLE, "not_decodable", RESPONSE,
	    "The answer is compressed, or in a charset, in a way that cannot "
	    "be read here."),
	ROW(SOAP_FAULT, "soap_fault", RESPONSE,
	    "The far side answered with a SOAP fault: check the credentials "
	    "and the body."),
	ROW(NOT_SOAP, "not_soap", RESPONSE,
	    "The answer is not a SOAP envelope."),
	ROW(QUERY_FAILED, "query_failed", RESPONSE,
	    "The database did not run SELECT 1."),
	ROW(FAILED, "failed", RESPONSE,
	    "The test failed in a way that is not told apart further."),
};
/* clang-format on */
_Static_assert(N_ELEMENTS(rows) == REASON__MAX, "one row a reason");

const struct reason_row *
reason_row(enum reason reason)
{
	return &rows[reason];
}

const char *
probe_reason_name(size_t index)
{
	return index < N_ELEMENTS(rows) ? rows[index].word : NULL;
}
