/*
 * src/conn/fcgi_send.c on a real socket, whose other end reads as slowly as it
 * likes.
 */
#include <config.h>

#include "conn/fcgi_send.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID 258 /* of both bytes */

enum {
	MOST = 1 << 20,
	STDOUT = 6,
	END = 3
};

static int ends[2];

static void
set_up(void)
{
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

TestSuite(fcgi_send, .init = set_up);

/* Bytes that differ from place to place. */
static struct str
text_of(size_t len, unsigned seed)
{
	char *text = malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(i * 7 + i / 251 + seed);
	return (struct str){ text, len };
}

/* All that comes, in pieces of a size, until the other end is closed. */
static size_t
receive(unsigned char *to, size_t piece)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(ends[1], to + len,
		    piece < MOST - len ? piece : MOST - len)) > 0)
		len += (size_t)n;
	return len;
}

/* Takes a record off; returns its content's length. */
static size_t
take(const unsigned char **at, unsigned type, const unsigned char **content)
{
	const unsigned char *p = *at;
	size_t len = (size_t)p[4] << 8 | p[5];

	cr_assert_eq(p[0], 1);
	cr_assert_eq(p[1], type);
	cr_assert_eq(p[2] << 8 | p[3], ID);
	*content = p + 8;
	*at = p + 8 + len + p[6];
	return len;
}

/* Whether the bytes are the texts in records, up to the end. */
static void
check(const unsigned char *bytes, size_t len, struct str head, struct str body)
{
	const unsigned char *at = bytes, *content;
	size_t seen = 0, n;

	while ((n = take(&at, STDOUT, &content)) > 0)
		for (size_t i = 0; i < n; i++, seen++) {
			struct str part = seen < head.len ? head : body;
			size_t place = seen < head.len ? seen : seen - head.len;

			cr_assert_lt(place, part.len);
			cr_assert_eq(
			    content[i], (unsigned char)part.ptr[place]);
		}
	cr_expect_eq(seen, head.len + body.len);
	cr_expect_eq(take(&at, END, &content), 8);
	for (n = 0; n < 8; n++)
		cr_expect_eq(content[n], 0);
	cr_expect_eq((size_t)(at - bytes), len);
}

/* The sender is another process, so that neither end waits for ever. */
static void
send_and_check(size_t head_len, size_t body_len, size_t piece)
{
	static unsigned char bytes[MOST];
	struct fcgi_answer answer = { .fd = ends[0],
		.id = ID,
		.head = text_of(head_len, 1),
		.body = text_of(body_len, 2) };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		close(ends[1]);
		_exit(
		    fcgi_send_most(&answer) && fcgi_send_end(&answer) ? 0 : 1);
	}
	close(ends[0]);
	check(bytes, receive(bytes, piece), answer.head, answer.body);
	waitpid(pid, &status, 0);
	cr_expect_eq(status, 0);
	close(ends[1]);
}

static const struct {
	size_t head, body, piece;
} sizes[] = {
	{ 0, 0, 99 },
	{ 1, 0, 99 },
	{ 200, 1, 1 },
	{ 200, 7992, 4096 },
	{ 200, 7993, 4096 },
	{ 200, 65528 - 200, 4096 },
	{ 200, 65528 - 199, 4096 },
	{ 200, 65528 + 4096 - 200, 4096 },
	{ 200, 65528 + 4096 - 199, 4096 },
	{ 65528, 100000, 333 },
	{ 70000, 70000, 65536 },
	{ 200, 8 * 65528 + 4096 - 200, 5000 },
	{ 200, 900000, 20011 },
};

Test(fcgi_send, what_comes_is_what_was_sent)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		if (i > 0)
			set_up();
		send_and_check(sizes[i].head, sizes[i].body, sizes[i].piece);
	}
}

static size_t
arrived(void)
{
	static unsigned char bytes[MOST];
	ssize_t n = recv(ends[1], bytes, MOST, MSG_DONTWAIT);

	return n < 0 ? 0 : (size_t)n;
}

/* Between the two calls the connection is given back to the lane. */
Test(fcgi_send, a_short_answer_comes_with_its_end_and_a_long_one_but_for_a_rest)
{
	struct fcgi_answer answer = { .fd = ends[0],
		.id = ID,
		.head = text_of(100, 1),
		.body = text_of(8000, 2) };

	cr_expect(fcgi_send_most(&answer));
	cr_expect_eq(arrived(), 0);
	cr_expect(fcgi_send_end(&answer));
	cr_expect_gt(arrived(), 8100);
	answer.sent = 0;
	answer.body = text_of(50000, 2);
	cr_expect(fcgi_send_most(&answer));
	cr_expect_gt(arrived(), 45000);
	cr_expect(fcgi_send_end(&answer));
	cr_expect_gt(arrived(), 4000);
}

Test(fcgi_send, a_peer_that_hung_up_ends_it)
{
	struct fcgi_answer answer = { .fd = ends[0],
		.id = ID,
		.head = text_of(100, 1),
		.body = text_of(500000, 2) };

	close(ends[1]);
	cr_expect_not(fcgi_send_most(&answer));
	cr_expect_not(fcgi_send_end(&answer));
	answer = (struct fcgi_answer){ .fd = ends[0], .id = ID };
	cr_expect_not(fcgi_send_end(&answer));
}
