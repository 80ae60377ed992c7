/*
 * One request as options of libcurl: those of every request, limits, then the
 * request's own.
 *
 * Must not run anything: fetch.c does.
 */
#include <config.h>

#include "probe/fetch_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KEY_PATH_SIZE 32
#define FETCH_AGENT   PACKAGE_NAME "/" PACKAGE_VERSION

/* Options of every request. */
static const struct {
	CURLoption option;
	long value;
} numbers[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_NOPROGRESS, 1 },
	{ CURLOPT_VERBOSE, 1 }, /* to take_event(), nowhere else */
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_UNRESTRICTED_AUTH, 0 },
	{ CURLOPT_FRESH_CONNECT, 1 },
	{ CURLOPT_FORBID_REUSE, 1 },
	{ CURLOPT_DNS_CACHE_TIMEOUT, 0 },
	{ CURLOPT_SSL_SESSIONID_CACHE, 0 },
	{ CURLOPT_SSL_VERIFYPEER, 1 },
	{ CURLOPT_SSL_VERIFYHOST, 2 },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
	{ CURLOPT_HTTP09_ALLOWED, 0 },
	/* HTTP/2 would tell a test nothing more, and add code that parses
	 * untrusted bytes. */
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
	{ CURLOPT_PATH_AS_IS, 1 },
	/* libcurl counts the steps of Digest and NTLM as redirects; it follows
	 * no others. */
	{ CURLOPT_MAXREDIRS, 5 },
	/* An FTP reply cannot name another host for the data. */
	{ CURLOPT_FTP_SKIP_PASV_IP, 1 },
	{ CURLOPT_FTP_USE_EPSV, 1 },
	{ CURLOPT_TCP_NODELAY, 1 },
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A name server that hangs must not hold up curl_easy_cleanup(). */
	{ CURLOPT_QUICK_EXIT, 1 },
#endif
};

static const long auth_bits[] = {
	[FETCH_AUTH_NONE] = 0,
	[FETCH_AUTH_BASIC] = CURLAUTH_BASIC,
	[FETCH_AUTH_DIGEST] = CURLAUTH_DIGEST,
	[FETCH_AUTH_NTLM] = CURLAUTH_NTLM,
	[FETCH_AUTH_SSH_PASSWORD] =
	    CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD,
	[FETCH_AUTH_SSH_KEY] = CURLSSH_AUTH_PUBLICKEY,
};
_Static_assert(N_ELEMENTS(auth_bits) == FETCH_AUTH__MAX, "one row each");

static void
set_number(struct transfer *t, CURLoption option, long value)
{
	CURLcode code = curl_easy_setopt(t->easy, option, value);

	if (t->setup == CURLE_OK)
		t->setup = code;
}

/* Sets nothing if text is NULL. */
static void
set_text(struct transfer *t, CURLoption option, const char *text)
{
	CURLcode code;

	if (text == NULL)
		return;
	code = curl_easy_setopt(t->easy, option, text);
	if (t->setup == CURLE_OK)
		t->setup = code;
}

/* Sets nothing if bytes is empty. libcurl does not copy them. */
static void
set_blob(struct transfer *t, CURLoption option, struct str bytes)
{
	struct curl_blob blob = { .len = bytes.len, .flags = CURL_BLOB_NOCOPY };
	CURLcode code;

	if (bytes.len == 0)
		return;
	/* The structure has a pointer without const to bytes that are never
	 * written. */
	memcpy(&blob.data, &bytes.ptr, sizeof(blob.data));
	code = curl_easy_setopt(t->easy, option, &blob);
	if (t->setup == CURLE_OK)
		t->setup = code;
}

static void
append(struct curl_slist **list, const char *text)
{
	struct curl_slist *longer = curl_slist_append(*list, text);

	if (longer == NULL)
		abort();
	*list = longer;
}

static void
set_limits(struct transfer *t, long left)
{
	long connect = (long)t->settings->connect_timeout_ms;

	/* 0 would mean no limit. */
	left = left > 0 ? left : 1;
	set_number(t, CURLOPT_TIMEOUT_MS, left);
	set_number(t, CURLOPT_CONNECTTIMEOUT_MS,
	    connect > 0 && connect < left ? connect : left);
	set_number(t, CURLOPT_SERVER_RESPONSE_TIMEOUT, left / 1000 + 1);
	buf_init(&t->body, t->settings->answer_max);
}

static void
set_fence(struct transfer *t)
{
	for (size_t i = 0; i < N_ELEMENTS(numbers); i++)
		set_number(t, numbers[i].option, numbers[i].value);
	set_text(t, CURLOPT_PROXY, "");
	set_text(t, CURLOPT_NOPROXY, "*");
	set_text(t, CURLOPT_PROTOCOLS_STR, t->request->protocols);
	set_text(t, CURLOPT_REDIR_PROTOCOLS_STR, t->request->protocols);
	set_text(t, CURLOPT_CAINFO, t->settings->ca_file);
	for (size_t i = 0; i < t->settings->n_resolve; i++)
		append(&t->resolve, t->settings->resolve[i]);
	(void)curl_easy_setopt(t->easy, CURLOPT_RESOLVE, t->resolve);
}

static void
set_http(struct transfer *t)
{
	const struct fetch_request *request = t->request;

	for (size_t i = 0; i < request->n_headers; i++)
		append(&t->headers, request->headers[i].ptr);
	(void)curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	set_text(t, CURLOPT_USERAGENT, FETCH_AGENT);
	if (request->has_body) {
		set_number(t, CURLOPT_POSTFIELDSIZE, (long)request->body.len);
		set_text(t, CURLOPT_POSTFIELDS,
		    request->body.len == 0 ? "" : request->body.ptr);
	}
	if (strcmp(request->method, "HEAD") == 0)
		set_number(t, CURLOPT_NOBODY, 1);
	else
		set_text(t, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->auth != FETCH_AUTH_NONE)
		set_number(t, CURLOPT_HTTPAUTH, auth_bits[request->auth]);
}

/*
 * libcurl reads an SSH key from a file only. This file is in memory and has no
 * name; closing it removes it.
 */
static void
set_ssh_key(struct transfer *t)
{
	char path[KEY_PATH_SIZE];
	struct str key = t->request->private_key;

	if (key.len == 0)
		return;
	t->key_fd = memfd_create("key", MFD_CLOEXEC);
	if (t->key_fd < 0 ||
	    write(t->key_fd, key.ptr, key.len) != (ssize_t)key.len) {
		t->setup = CURLE_READ_ERROR;
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", t->key_fd);
	set_text(t, CURLOPT_SSH_PRIVATE_KEYFILE, path);
	set_text(t, CURLOPT_SSH_PUBLIC_KEYFILE, "");
}

/*
 * One CWD for the whole root: an account may be allowed to enter a folder but
 * not the ones above it.
 *
 * USE_SSL is set also if TLS comes before FTP: without it the names would come
 * in the clear from a server that refuses PROT. A server may demand that the
 * data connection resumes the TLS session of the login, as proof that it is the
 * same client. Sessions belong to this handle, so they end with the request;
 * the certificate of a server that does not resume is verified like any other.
 */
static void
set_ftp(struct transfer *t)
{
	set_number(t, CURLOPT_FTP_FILEMETHOD, CURLFTPMETHOD_SINGLECWD);
	if (!t->request->use_tls)
		return;
	set_number(t, CURLOPT_USE_SSL, CURLUSESSL_ALL);
	set_number(t, CURLOPT_SSL_SESSIONID_CACHE, 1);
}

static void
set_files(struct transfer *t)
{
	const struct fetch_request *request = t->request;

	if (request->is_listing)
		set_number(t, CURLOPT_DIRLISTONLY, 1);
	if (request->family == FETCH_FTP)
		set_ftp(t);
	if (request->family != FETCH_SSH)
		return;
	set_number(t, CURLOPT_SSH_AUTH_TYPES, auth_bits[request->auth]);
	set_text(t, CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256, request->host_key);
	set_ssh_key(t);
}

static void
set_request(struct transfer *t)
{
	const struct fetch_request *request = t->request;

	set_text(t, CURLOPT_URL, request->url);
	set_text(t, CURLOPT_USERNAME, request->username);
	set_text(t, CURLOPT_PASSWORD, request->password);
	set_text(t, CURLOPT_KEYPASSWD, request->passphrase);
	if (request->family == FETCH_HTTP)
		set_http(t);
	else
		set_files(t);
	if (request->family == FETCH_SSH)
		return;
	if (request->certificate.len == 0)
		return;
	/* Without a passphrase libcurl hands on a null pointer and crashes. */
	set_text(t, CURLOPT_KEYPASSWD,
	    request->passphrase == NULL ? "" : request->passphrase);
	set_blob(t, CURLOPT_SSLCERT_BLOB, request->certificate);
	set_blob(t, CURLOPT_SSLKEY_BLOB,
	    request->private_key.len > 0 ? request->private_key
					 : request->certificate);
}

void
fetch_set_up(struct transfer *t, long left_ms)
{
	set_limits(t, left_ms);
	set_fence(t);
	set_request(t);
}

bool
fetch_is_asked(const struct transfer *t)
{
	long offered = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_HTTPAUTH_AVAIL, &offered);
	return t->request->family == FETCH_HTTP &&
	       (offered & auth_bits[t->request->auth]) != 0;
}
