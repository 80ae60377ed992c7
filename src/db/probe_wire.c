/*
 * Sockets that do not block, and the framing of packets: three bytes of
 * length, one of number (MySQL internals, "MySQL Packets").
 */
#include <config.h>

#include "db/probe_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/time.h"
#include "db/probe_tls.h"

#define FRAME_SIZE  4
#define PIECE_MAX   0xffffff /* a packet of this length goes on in the next */
#define DISCARD_MAX 16384    /* bytes read at once of what is not kept */

/* What TLS may take beyond the packets in it: handshake, tickets, records.
 * Certificates alone are at most 100 KB in OpenSSL. */
#define TLS_BYTES_MAX ((size_t)256 * 1024)

static const struct {
	int number;
	enum db_probe_outcome outcome;
} by_errno[] = {
	{ ECONNREFUSED, DB_PROBE_CONNECTION_REFUSED },
	{ EHOSTUNREACH, DB_PROBE_HOST_UNREACHABLE },
	{ ENETUNREACH, DB_PROBE_HOST_UNREACHABLE },
	{ ENETDOWN, DB_PROBE_HOST_UNREACHABLE },
	{ EHOSTDOWN, DB_PROBE_HOST_UNREACHABLE },
	{ ETIMEDOUT, DB_PROBE_TIMEOUT },
	{ ECONNRESET, DB_PROBE_CUT },
};

static enum db_probe_outcome
errno_outcome(int number)
{
	for (size_t i = 0; i < N_ELEMENTS(by_errno); i++)
		if (by_errno[i].number == number)
			return by_errno[i].outcome;
	return DB_PROBE_CONNECTION_FAILED;
}

/* Waits until the socket is ready, to the deadline at most. */
static enum db_probe_outcome
await(const struct wire *w, int events)
{
	struct pollfd wait = { .fd = w->fd, .events = (short)events };
	int left = time_left_ms(w->deadline_us), ready = 0;

	if (left > 0)
		ready = poll(&wait, 1, left);
	if (ready < 0 && errno != EINTR)
		return DB_PROBE_FAILED;
	return ready == 0 ? DB_PROBE_TIMEOUT : DB_PROBE_OK;
}

/* The port stands at the same place in both families. */
static bool
socket_address(const char *address, unsigned port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

	*ret = (struct sockaddr_storage){ .ss_family = AF_INET };
	if (inet_pton(AF_INET, address, &in->sin_addr) != 1) {
		ret->ss_family = AF_INET6;
		if (inet_pton(AF_INET6, address, &in6->sin6_addr) != 1)
			return false;
	}
	in->sin_port = htons((uint16_t)port);
	return true;
}

enum db_probe_outcome
wire_connect(struct wire *w, const char *address, unsigned port)
{
	struct sockaddr_storage to;
	int error = 0, on = 1;
	socklen_t len = sizeof(error);

	if (!socket_address(address, port, &to))
		return DB_PROBE_FAILED;
	w->fd =
	    socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0)
		return errno_outcome(errno);
	(void)setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(w->fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return DB_PROBE_OK;
	if (errno != EINPROGRESS)
		return errno_outcome(errno);
	PASS(await(w, POLLOUT));
	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return DB_PROBE_CONNECTION_FAILED;
	return error == 0 ? DB_PROBE_OK : errno_outcome(error);
}

enum db_probe_outcome
wire_start_tls(struct wire *w, struct tls *tls)
{
	int done;

	w->raw_max = w->left + TLS_BYTES_MAX;
	while ((done = tls_handshake(tls, w->fd)) < 0)
		PASS(await(w, -done));
	if (done == 0)
		return DB_PROBE_TLS_FAILED;
	w->tls = tls;
	return DB_PROBE_OK;
}

/* What a try without TLS came to; as those of tls_read(). */
static int
moved(ssize_t n, int events)
{
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -events;
	return n > 0 ? (int)n : 0;
}

static int
try_read(struct wire *w, void *bytes, size_t len)
{
	if (w->tls != NULL)
		return tls_read(w->tls, bytes, (int)len);
	return moved(recv(w->fd, bytes, len, 0), POLLIN);
}

static int
try_write(struct wire *w, const void *bytes, size_t len)
{
	if (w->tls != NULL)
		return tls_write(w->tls, bytes, (int)len);
	return moved(send(w->fd, bytes, len, MSG_NOSIGNAL), POLLOUT);
}

static enum db_probe_outcome
ended(const struct wire *w)
{
	return w->tls != NULL && tls_is_broken(w->tls) ? DB_PROBE_TLS_FAILED
						       : DB_PROBE_CUT;
}

/* Exactly len bytes; more are left in the socket, so that nothing that comes
 * before TLS can count as having come after. */
static enum db_probe_outcome
read_all(struct wire *w, unsigned char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		int n = try_read(w, bytes + done, len - done);

		if (n == 0)
			return ended(w);
		if (n < 0)
			PASS(await(w, -n));
		else
			done += (size_t)n;
		if (w->tls != NULL && tls_received(w->tls) > w->raw_max)
			return DB_PROBE_TOO_LARGE;
	}
	return DB_PROBE_OK;
}

static enum db_probe_outcome
write_all(struct wire *w, struct str bytes)
{
	while (bytes.len > 0) {
		int n = try_write(w, bytes.ptr, bytes.len);

		if (n == 0)
			return ended(w);
		if (n < 0)
			PASS(await(w, -n));
		else
			bytes = str_from(bytes, (size_t)n);
	}
	return DB_PROBE_OK;
}

static enum db_probe_outcome
spend(struct wire *w, size_t len)
{
	if (len > w->left)
		return DB_PROBE_TOO_LARGE;
	w->left -= len;
	return DB_PROBE_OK;
}

static enum db_probe_outcome
discard(struct wire *w, size_t len)
{
	unsigned char bytes[DISCARD_MAX];

	while (len > 0) {
		size_t n = len < sizeof(bytes) ? len : sizeof(bytes);

		PASS(read_all(w, bytes, n));
		len -= n;
	}
	return DB_PROBE_OK;
}

/* A piece of a packet; the whole one unless it is very large. */
static enum db_probe_outcome
read_piece(struct wire *w, size_t *ret_len)
{
	unsigned char frame[FRAME_SIZE];
	size_t len, kept = WIRE_HEAD_MAX - w->len;

	PASS(spend(w, sizeof(frame)));
	PASS(read_all(w, frame, sizeof(frame)));
	if (frame[3] != w->number)
		return DB_PROBE_NOT_MYSQL;
	w->number++;
	len = frame[0] | (size_t)frame[1] << 8 | (size_t)frame[2] << 16;
	PASS(spend(w, len));
	kept = len < kept ? len : kept;
	PASS(read_all(w, w->head + w->len, kept));
	w->len += kept;
	*ret_len = len;
	return discard(w, len - kept);
}

enum db_probe_outcome
wire_read(struct wire *w)
{
	size_t len;

	w->len = 0;
	do
		PASS(read_piece(w, &len));
	while (len == PIECE_MAX);
	return DB_PROBE_OK;
}

enum db_probe_outcome
wire_write(struct wire *w, struct str payload)
{
	const unsigned char frame[FRAME_SIZE] = { payload.len & 0xff,
		payload.len >> 8 & 0xff, payload.len >> 16 & 0xff,
		w->number++ };
	struct buf b;
	enum db_probe_outcome outcome;

	buf_init(&b, sizeof(frame) + payload.len);
	buf_add(&b, frame, sizeof(frame));
	buf_add_str(&b, payload);
	outcome = write_all(w, buf_str(&b));
	buf_done(&b);
	return outcome;
}
