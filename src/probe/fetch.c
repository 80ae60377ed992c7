/*
 * One request through libcurl, fenced in.
 *
 * Must not decide what a failure means (classify.c does) and must not follow
 * anything by itself.
 */
#include <config.h>

#include "probe/fetch.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "probe/run.h"

#define POLL_MS       1000 /* at most this long without a look at the clock */
#define HEADERS_MAX   ((size_t)256 * 1024) /* bytes of all header lines */
#define KEY_PATH_SIZE 32
#define FETCH_AGENT   PACKAGE_NAME "/" PACKAGE_VERSION

/* One request under way. */
struct transfer {
	struct arena *arena;
	const struct probe_settings *settings;
	const struct fetch_request *request;
	struct fetch_answer *answer;
	struct buf body;
	size_t header_bytes;
	int64_t started_us;
	CURL *easy;
	CURLM *multi;
	struct curl_slist *headers;
	struct curl_slist *resolve;
	int key_fd;     /* the SSH key in a file that has no name; -1: none */
	CURLcode setup; /* first option that could not be set */
};

/* What holds for every request. */
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
	/* HTTP/2 would add nothing to a test but code that faces strangers. */
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
	{ CURLOPT_PATH_AS_IS, 1 },
	/* The legs of Digest and NTLM count as such; there are no others. */
	{ CURLOPT_MAXREDIRS, 5 },
	/* A reply that names another host for the data is not believed. */
	{ CURLOPT_FTP_SKIP_PASV_IP, 1 },
	{ CURLOPT_FTP_USE_EPSV, 1 },
	{ CURLOPT_TCP_NODELAY, 1 },
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A name server that hangs must not hold up the cleaning. */
	{ CURLOPT_QUICK_EXIT, 1 },
#endif
};

static const long auth_bits[] = {
	[FETCH_AUTH_NONE] = 0,
	[FETCH_AUTH_BASIC] = CURLAUTH_BASIC,
	[FETCH_AUTH_DIGEST] = CURLAUTH_DIGEST,
	[FETCH_AUTH_NTLM] = CURLAUTH_NTLM,
	[FETCH_AUTH_SIGV4] = CURLAUTH_AWS_SIGV4,
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
	/* The structure wants a pointer to what it never writes. */
	memcpy(&blob.data, &bytes.ptr, sizeof(blob.data));
	code = curl_easy_setopt(t->easy, option, &blob);
	if (t->setup == CURLE_OK)
		t->setup = code;
}

static void
keep_address(struct fetch_answer *answer, const struct address *address)
{
	if (answer->n_addresses < FETCH_MAX_ADDRESSES)
		answer->addresses[answer->n_addresses++] = *address;
}

/* The guard: no socket, no connection. */
static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *peer)
{
	struct transfer *t = data;
	struct fetch_answer *answer = t->answer;
	struct address address;

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    !address_of_sockaddr(&peer->addr, peer->addrlen, &address) ||
	    !guard_allows(guard_judge(
		&address, t->settings->networks, t->settings->n_networks))) {
		answer->is_refused = true;
		return CURL_SOCKET_BAD;
	}
	answer->is_attempted = true;
	answer->address = address_text(t->arena, &address);
	if (t->request->only_resolve) {
		keep_address(answer, &address);
		return CURL_SOCKET_BAD;
	}
	return socket(
	    peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

static size_t
take_body(char *bytes, size_t size, size_t n, void *data)
{
	struct transfer *t = data;

	buf_add(&t->body, bytes, size * n);
	if (!t->body.overflow)
		return size * n;
	t->answer->is_too_large = true;
	return 0;
}

/*
 * The first byte of TLS or of anything else says that the connection stands:
 * some versions of libcurl tell the time of it only once TLS is done as well.
 */
static int
take_event(CURL *easy, curl_infotype type, char *bytes, size_t len, void *data)
{
	struct transfer *t = data;

	(void)easy, (void)bytes, (void)len;
	if (type != CURLINFO_TEXT && t->answer->connected_us == 0)
		t->answer->connected_us = run_now() - t->started_us;
	return 0;
}

static struct str
trim(struct str s)
{
	while (s.len > 0 && strchr(" \t\r\n", s.ptr[s.len - 1]) != NULL)
		s.len--;
	while (s.len > 0 && strchr(" \t", s.ptr[0]) != NULL)
		s = str_from(s, 1);
	return s;
}

/* The Location of the last answer: one that asks for credentials may come
 * before it. (libcurl's own redirect URL would have the password in it.) */
static void
read_header(struct transfer *t, struct str line)
{
	static const struct str name = { "Location:", 9 };

	if (str_starts_with(line, STR("HTTP/")))
		t->answer->location = STR("");
	else if (line.len >= name.len &&
		 str_equal_nocase((struct str){ line.ptr, name.len }, name))
		t->answer->location =
		    arena_copy(t->arena, trim(str_from(line, name.len)));
}

static size_t
take_header(char *bytes, size_t size, size_t n, void *data)
{
	struct transfer *t = data;

	t->header_bytes += size * n;
	if (t->header_bytes > HEADERS_MAX) {
		t->answer->is_too_large = true;
		return 0;
	}
	if (t->request->family == FETCH_HTTP)
		read_header(t, (struct str){ bytes, size * n });
	return size * n;
}

static void
append(struct curl_slist **list, const char *text)
{
	struct curl_slist *longer = curl_slist_append(*list, text);

	if (longer == NULL)
		abort();
	*list = longer;
}

static long
milliseconds_left(int64_t deadline_us)
{
	int64_t left = (deadline_us - run_now() + 999) / 1000;

	return left > 0 ? (long)left : 0;
}

static void
set_limits(struct transfer *t, int64_t deadline_us)
{
	long left = milliseconds_left(deadline_us);
	long connect = (long)t->settings->connect_timeout_ms;

	/* 0 would mean for ever. */
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

/* Setting these cannot fail. */
static void
set_callbacks(struct transfer *t)
{
	(void)curl_easy_setopt(
	    t->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	(void)curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
	(void)curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	(void)curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, take_header);
	(void)curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	(void)curl_easy_setopt(t->easy, CURLOPT_DEBUGFUNCTION, take_event);
	(void)curl_easy_setopt(t->easy, CURLOPT_DEBUGDATA, t);
	(void)curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->answer->error);
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
	set_text(t, CURLOPT_AWS_SIGV4, request->sigv4);
}

/*
 * libcurl takes an SSH key from a file only. This one is in memory, has no
 * name and is gone when it is closed.
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

static void
set_files(struct transfer *t)
{
	const struct fetch_request *request = t->request;

	if (request->is_listing)
		set_number(t, CURLOPT_DIRLISTONLY, 1);
	if (request->start_tls)
		set_number(t, CURLOPT_USE_SSL, CURLUSESSL_ALL);
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
	/* Without a passphrase libcurl has none to give and crashes. */
	set_text(t, CURLOPT_KEYPASSWD,
	    request->passphrase == NULL ? "" : request->passphrase);
	set_blob(t, CURLOPT_SSLCERT_BLOB, request->certificate);
	set_blob(t, CURLOPT_SSLKEY_BLOB,
	    request->private_key.len > 0 ? request->private_key
					 : request->certificate);
}

/* Runs it until it is done or the time is up. */
static CURLcode
perform(struct transfer *t, int64_t deadline_us)
{
	int running = 1, queued;
	CURLMsg *message;

	if (curl_multi_add_handle(t->multi, t->easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	for (;;) {
		long left = milliseconds_left(deadline_us);

		if (curl_multi_perform(t->multi, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		if (running == 0)
			break;
		if (left == 0) {
			t->answer->is_late = true;
			return CURLE_OPERATION_TIMEDOUT;
		}
		(void)curl_multi_poll(t->multi, NULL, 0,
		    (int)(left < POLL_MS ? left : POLL_MS), NULL);
	}
	message = curl_multi_info_read(t->multi, &queued);
	return message == NULL ? CURLE_FAILED_INIT : message->data.result;
}

static int64_t
time_of(struct transfer *t, CURLINFO info)
{
	curl_off_t time = 0;

	(void)curl_easy_getinfo(t->easy, info, &time);
	return time;
}

static void
read_answer(struct transfer *t)
{
	struct fetch_answer *answer = t->answer;
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &answer->os_error);
	(void)curl_easy_getinfo(
	    t->easy, CURLINFO_SSL_VERIFYRESULT, &answer->verify_result);
	answer->status = (int)status;
	answer->body = arena_copy(t->arena, buf_str(&t->body));
	answer->resolved_us = time_of(t, CURLINFO_NAMELOOKUP_TIME_T);
	if (answer->connected_us == 0)
		answer->connected_us = time_of(t, CURLINFO_CONNECT_TIME_T);
	answer->secured_us = time_of(t, CURLINFO_APPCONNECT_TIME_T);
	answer->sent_us = time_of(t, CURLINFO_PRETRANSFER_TIME_T);
	answer->total_us = time_of(t, CURLINFO_TOTAL_TIME_T);
}

static void
transfer_done(struct transfer *t)
{
	if (t->multi != NULL && t->easy != NULL)
		(void)curl_multi_remove_handle(t->multi, t->easy);
	curl_easy_cleanup(t->easy);
	if (t->multi != NULL)
		(void)curl_multi_cleanup(t->multi);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->resolve);
	buf_done(&t->body);
	if (t->key_fd >= 0)
		close(t->key_fd);
}

enum error
fetch_run(struct arena *a, const struct probe_settings *settings,
    const struct fetch_request *request, int64_t deadline_us,
    struct fetch_answer *ret, struct problem *reterr)
{
	__attribute__((cleanup(transfer_done))) struct transfer t = {
		.arena = a,
		.settings = settings,
		.request = request,
		.answer = ret,
		.key_fd = -1,
		.started_us = run_now(),
	};

	*ret = (struct fetch_answer){ 0 };
	t.easy = curl_easy_init();
	t.multi = curl_multi_init();
	if (t.easy == NULL || t.multi == NULL)
		return problem_log(
		    reterr, ERROR_INTERNAL, "libcurl cannot start");
	set_limits(&t, deadline_us);
	set_fence(&t);
	set_callbacks(&t);
	set_request(&t);
	if (t.setup != CURLE_OK)
		return problem_log(reterr, ERROR_INTERNAL,
		    "libcurl lacks an option: %s", curl_easy_strerror(t.setup));
	ret->code = (int)perform(&t, deadline_us);
	read_answer(&t);
	return OK;
}

enum error
fetch_start(struct problem *reterr)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

	if (code != CURLE_OK)
		return problem_log(reterr, ERROR_INTERNAL,
		    "libcurl cannot start: %s", curl_easy_strerror(code));
	/* With NOSIGNAL nothing else keeps a peer that hangs up from killing
	 * us. */
	signal(SIGPIPE, SIG_IGN);
	return OK;
}
