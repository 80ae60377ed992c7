/*
 * Records of the FastCGI specification, version 1.0:
 *
 *	version type id(2) content length(2) padding length, reserved
 *
 * Here they have no padding, which is optional.
 */
#include <config.h>

#include "conn/fcgi_send.h"

#include <errno.h>
#include <fastcgi.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Most of one record: of 65,535 bytes, what is a multiple of 8. */
#define CONTENT_MAX 65528
/* What is sent with the end. */
#define REST 4096
/* Records that are sent at once, each of a header and parts of head and body;
 * and behind the last the end. */
#define RECORDS 8
#define PIECES  (3 * RECORDS + 1)
/* An empty record of the same type, and END_REQUEST with 8 bytes of zeros: it
 * is complete. */
#define END_LEN (3 * FCGI_HEADER_LEN)

struct batch {
	unsigned char headers[RECORDS][FCGI_HEADER_LEN];
	unsigned char end[END_LEN];
	struct iovec pieces[PIECES];
	size_t n;
};

static void
make_header(unsigned char *to, unsigned type, unsigned id, size_t len)
{
	const unsigned char header[FCGI_HEADER_LEN] = { FCGI_VERSION_1,
		(unsigned char)type, (unsigned char)(id >> 8),
		(unsigned char)id, (unsigned char)(len >> 8),
		(unsigned char)len };

	memcpy(to, header, FCGI_HEADER_LEN);
}

static void
add(struct batch *batch, const void *bytes, size_t len)
{
	if (len > 0)
		batch->pieces[batch->n++] =
		    (struct iovec){ (void *)(uintptr_t)bytes, len };
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What of the text, which begins at `begin` of the answer, is between from and
 * from + len. */
static void
add_part(
    struct batch *batch, struct str text, size_t begin, size_t from, size_t len)
{
	size_t first = from > begin ? from - begin : 0;
	size_t end = from + len > begin ? from + len - begin : 0;

	end = least(end, text.len);
	if (first < end)
		add(batch, text.ptr + first, end - first);
}

static size_t
total(const struct fcgi_answer *a)
{
	return a->head.len + a->body.len;
}

static void
add_record(struct batch *batch, const struct fcgi_answer *a, size_t number,
    size_t from, size_t len)
{
	unsigned char *header = batch->headers[number];

	make_header(header, FCGI_STDOUT, a->id, len);
	add(batch, header, FCGI_HEADER_LEN);
	add_part(batch, a->head, 0, from, len);
	add_part(batch, a->body, a->head.len, from, len);
}

static void
add_end(struct batch *batch, const struct fcgi_answer *a)
{
	memset(batch->end, 0, sizeof(batch->end));
	make_header(batch->end, FCGI_STDOUT, a->id, 0);
	make_header(batch->end + FCGI_HEADER_LEN, FCGI_END_REQUEST, a->id,
	    FCGI_HEADER_LEN);
	add(batch, batch->end, END_LEN);
}

/* Takes off what was sent. */
static void
advance(struct msghdr *message, size_t sent)
{
	while (message->msg_iovlen > 0 && sent >= message->msg_iov->iov_len) {
		sent -= message->msg_iov->iov_len;
		message->msg_iov++;
		message->msg_iovlen--;
	}
	if (message->msg_iovlen > 0) {
		message->msg_iov->iov_base =
		    (char *)message->msg_iov->iov_base + sent;
		message->msg_iov->iov_len -= sent;
	}
}

static bool
send_batch(struct fcgi_answer *a, struct batch *batch)
{
	struct msghdr message = { .msg_iov = batch->pieces,
		.msg_iovlen = batch->n };

	while (!a->failed && message.msg_iovlen > 0) {
		ssize_t sent = sendmsg(a->fd, &message, MSG_NOSIGNAL);

		if (sent >= 0)
			advance(&message, (size_t)sent);
		else
			a->failed = errno != EINTR;
	}
	return !a->failed;
}

/* As many records as one batch has, up to a byte of the answer. */
static void
fill(struct batch *batch, struct fcgi_answer *a, size_t to)
{
	for (size_t i = 0; i < RECORDS && a->sent < to; i++) {
		size_t len = least(to - a->sent, CONTENT_MAX);

		add_record(batch, a, i, a->sent, len);
		a->sent += len;
	}
}

void
fcgi_send_ahead(int fd, size_t bytes)
{
	int size = (int)bytes;

	if (size > 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

bool
fcgi_send_most(struct fcgi_answer *a)
{
	size_t all = total(a), most = all > 2 * REST ? all - REST : 0;

	while (a->sent < most && !a->failed) {
		struct batch batch = { .n = 0 };

		fill(&batch, a, most);
		send_batch(a, &batch);
	}
	return !a->failed;
}

bool
fcgi_send_end(struct fcgi_answer *a)
{
	struct batch batch = { .n = 0 };

	fill(&batch, a, total(a));
	add_end(&batch, a);
	return send_batch(a, &batch);
}
