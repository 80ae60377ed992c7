/*
 * One request through libcurl, within limits.
 *
 * Must not decide what a failure means (classify.c does) and must not follow
 * anything by itself.
 */
#include <config.h>

#include "probe/fetch_internal.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"

#define POLL_MS     1000 /* longest wait between two looks at the clock */
#define HEADERS_MAX ((size_t)256 * 1024) /* bytes of all header lines */

#define CERTIFICATE_REQUEST 13 /* a HandshakeType of TLS */
#define HANDSHAKE_HEAD      4  /* bytes of type and length */

static void
keep_address(struct fetch_answer *answer, const struct address *address)
{
	if (answer->n_addresses < FETCH_MAX_ADDRESSES)
		answer->addresses[answer->n_addresses++] = *address;
}

/* Asks the guard about an address. Without a socket libcurl cannot connect to
 * it. */
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

static void
follow_dialog(struct transfer *t, curl_infotype type, struct str line)
{
	struct dialog *dialog = &t->answer->dialog;

	if (t->request->family == FETCH_HTTP)
		return;
	if (type == CURLINFO_TEXT)
		dialog_remark(dialog, line);
	else if (type == CURLINFO_HEADER_OUT)
		dialog_command(dialog, line);
	else if (type == CURLINFO_HEADER_IN)
		dialog_reply(dialog, line);
}

/*
 * Whether it is the message of the handshake by which a server says that it
 * wants a client certificate (RFC 5246, 7.4.4; RFC 8446, 4.3.2): its type, the
 * length of the rest in three bytes, the rest. libcurl shows other things of
 * TLS in the same way, but none that begins so. (It shows none if its TLS is
 * not OpenSSL's; then the phrases in classify.c are all there is.)
 */
static bool
is_certificate_request(curl_infotype type, const char *bytes, size_t len)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return type == CURLINFO_SSL_DATA_IN && len >= HANDSHAKE_HEAD &&
	       b[0] == CERTIFICATE_REQUEST &&
	       ((size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3]) ==
		   len - HANDSHAKE_HEAD;
}

/*
 * The first byte of TLS or of anything else says that the connection stands:
 * some versions of libcurl tell the time of it only once TLS is done as well.
 */
static int
take_event(CURL *easy, curl_infotype type, char *bytes, size_t len, void *data)
{
	struct transfer *t = data;

	(void)easy;
	if (type == CURLINFO_SSL_DATA_IN)
		t->is_secure = true;
	if (!t->has_spoken && is_certificate_request(type, bytes, len))
		t->answer->is_certificate_wanted = true;
	if (type != CURLINFO_TEXT && t->answer->connected_us == 0)
		t->answer->connected_us = time_monotonic() - t->started_us;
	follow_dialog(t, type, (struct str){ bytes, len });
	return 0;
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
		t->answer->location = arena_copy(
		    t->arena, str_trim(str_from(line, name.len), STR_WHITE));
}

static size_t
take_header(char *bytes, size_t size, size_t n, void *data)
{
	struct transfer *t = data;

	/* Replies of FTP come here too. */
	t->has_spoken = t->is_secure;
	t->answer->is_certificate_wanted = false;
	t->header_bytes += size * n;
	if (t->header_bytes > HEADERS_MAX) {
		t->answer->is_too_large = true;
		return 0;
	}
	if (t->request->family == FETCH_HTTP)
		read_header(t, (struct str){ bytes, size * n });
	return size * n;
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

/* Runs the request until it is done or the deadline has passed. */
static CURLcode
perform(struct transfer *t, uint64_t deadline_us)
{
	int running = 1, queued;
	CURLMsg *message;

	if (curl_multi_add_handle(t->multi, t->easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	for (;;) {
		int left = time_left_ms(deadline_us);

		if (curl_multi_perform(t->multi, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		if (running == 0)
			break;
		if (left == 0) {
			t->answer->is_late = true;
			return CURLE_OPERATION_TIMEDOUT;
		}
		(void)curl_multi_poll(
		    t->multi, NULL, 0, left < POLL_MS ? left : POLL_MS, NULL);
	}
	message = curl_multi_info_read(t->multi, &queued);
	return message == NULL ? CURLE_FAILED_INIT : message->data.result;
}

static uint64_t
time_of(struct transfer *t, CURLINFO info)
{
	curl_off_t time = 0;

	(void)curl_easy_getinfo(t->easy, info, &time);
	return time > 0 ? (uint64_t)time : 0;
}

/* The header of the last answer, joined if there are several of this name. */
static struct str
header_of(struct transfer *t, const char *name)
{
	struct curl_header *header;
	struct str value = STR("");

	for (size_t i = 0; curl_easy_header(t->easy, name, i, CURLH_HEADER, -1,
			       &header) == CURLHE_OK;
	     i++)
		value = arena_printf(t->arena, "%.*s%s%s", STR_FMT(value),
		    i == 0 ? "" : ",", header->value);
	return value;
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
	answer->is_asked = fetch_is_asked(t);
	answer->body = arena_copy(t->arena, buf_str(&t->body));
	answer->content_encoding = header_of(t, "Content-Encoding");
	answer->content_type = header_of(t, "Content-Type");
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
    const struct fetch_request *request, uint64_t deadline_us,
    struct fetch_answer *ret, struct problem *reterr)
{
	__attribute__((cleanup(transfer_done))) struct transfer t = {
		.arena = a,
		.settings = settings,
		.request = request,
		.answer = ret,
		.key_fd = -1,
		.started_us = time_monotonic(),
	};

	*ret = (struct fetch_answer){ 0 };
	t.easy = curl_easy_init();
	t.multi = curl_multi_init();
	if (t.easy == NULL || t.multi == NULL)
		return problem_log(
		    reterr, ERROR_INTERNAL, "libcurl cannot start");
	set_callbacks(&t);
	fetch_set_up(&t, time_left_ms(deadline_us));
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
	/* Without it libidn2 accepts no names beyond ASCII. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	/* With NOSIGNAL libcurl leaves SIGPIPE alone: a peer that closes would
	 * end the process. */
	signal(SIGPIPE, SIG_IGN);
	return OK;
}
