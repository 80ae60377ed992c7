/*
 * Parameters are secret, so no trace of them stays.
 */
#include <config.h>

#include "conn/peek.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "conn/fcgi_scan.h"

/* Most that is looked at: the largest head that is answered 400 and not just
 * dropped. Less than what a socket buffers by default. */
#define PEEK_SIZE (160 << 10)
/* A request that is longer is served once its parameters are here: a sender in
 * small pieces fills the buffer long before its nominal size. Of 208 KiB, which
 * is usual, any piece takes 5 and one of 4 to 32 KiB takes 36, so six pieces of
 * 4 KiB fill it. */
#define BODY_WAIT (16 << 10)

/* What was received of a connection, and its parameters: wiped after each use.
 */
static unsigned char bytes[PEEK_SIZE];
static unsigned char scratch[PEEK_SIZE];

static enum peek_answer
judge(struct peek *peek)
{
	struct scan scan = scan_request(bytes, peek->seen, scratch);

	explicit_bzero(bytes, peek->seen);
	explicit_bzero(scratch, scan.params);
	peek->need = scan.need;
	peek->whole = scan.state == SCAN_WHOLE;
	peek->head = peek->whole || scan.state == SCAN_HEAD;
	peek->params = scan.params;
	peek->keep = scan.keep;
	if (peek->whole || (peek->head && scan.need > BODY_WAIT))
		return PEEK_REQUEST;
	if (scan.state == SCAN_JUNK || (!peek->head && scan.need > PEEK_SIZE))
		return PEEK_BAD;
	return PEEK_WAIT;
}

static size_t
available(int fd)
{
	int n = 0;

	return ioctl(fd, FIONREAD, &n) == 0 && n > 0 ? (size_t)n : 0;
}

/* Bytes hide the end behind them. */
static bool
has_hung_up(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLRDHUP };

	return poll(&poll_fd, 1, 0) == 1;
}

static ssize_t
receive(int fd)
{
	return recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
}

static enum peek_answer
look(int fd, struct peek *peek)
{
	ssize_t len;

	peek->seen = peek->need > 1 ? available(fd) : 0;
	if (peek->seen > 0 && peek->seen < peek->need)
		return PEEK_WAIT;
	len = receive(fd);
	peek->seen = len > 0 ? (size_t)len : 0;
	if (len > 0)
		return judge(peek);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return PEEK_WAIT;
	return peek->need > 1 ? PEEK_BAD : PEEK_END;
}

enum peek_answer
peek_at(int fd, struct peek *peek)
{
	enum peek_answer answer = look(fd, peek);

	if (answer == PEEK_WAIT && peek->seen > 0 && has_hung_up(fd))
		return PEEK_BAD;
	return answer;
}

bool
peek_params(int fd, struct arena *arena, struct str *ret)
{
	ssize_t len = receive(fd);
	struct scan scan;

	if (len <= 0)
		return false;
	scan = scan_request(bytes, (size_t)len, scratch);
	*ret = arena_copy(
	    arena, (struct str){ (const char *)scratch, scan.params });
	explicit_bzero(bytes, (size_t)len);
	explicit_bzero(scratch, scan.params);
	return scan.state == SCAN_WHOLE;
}

bool
peek_has_more(int fd, const struct peek *peek)
{
	return available(fd) > peek->seen || has_hung_up(fd);
}
