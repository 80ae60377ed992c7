/*
 * A minimal client of FastCGI: one request without a body, one answer.
 * (FastCGI Specification 1.0, sections 3.3, 3.4 and 5.) Trusts nothing that the
 * other side sends.
 */
#include <config.h>

#include "ctl/ask.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"

#define FCGI_VERSION  1
#define BEGIN_REQUEST 1
#define END_REQUEST   3
#define PARAMS        4
#define STDIN         5
#define STDOUT        6
#define RESPONDER     1
#define HEADER_SIZE   8
#define STATUS_DIGITS 3
#define REQUEST_MAX   4096

/* One question under way. */
struct asking {
	struct arena *arena;
	int fd;
	uint64_t deadline; /* monotonic microseconds */
	struct answer answer;
};

static bool
fail(struct asking *a, enum ask_outcome outcome, const char *text)
{
	a->answer.outcome = outcome;
	a->answer.text = str_of(text);
	return false;
}

static bool
fail_errno(struct asking *a, int number)
{
	enum ask_outcome outcome = ASK_NOBODY;

	if (number == EACCES || number == EPERM)
		outcome = ASK_FORBIDDEN;
	else if (number == EAGAIN || number == ETIMEDOUT)
		outcome = ASK_SILENT;
	return fail(
	    a, outcome, arena_copy(a->arena, str_of(strerror(number))).ptr);
}

static bool
no_answer(struct asking *a)
{
	return fail(a, ASK_SILENT,
	    arena_printf(a->arena, "no answer within %d s", ASK_MS / 1000).ptr);
}

static bool
stranger(struct asking *a)
{
	return fail(
	    a, ASK_STRANGER, "who answers there is not connectors-fcgi");
}

/* Waits until the socket can be written or read. */
static bool
await(struct asking *a, short events)
{
	struct pollfd wait = { .fd = a->fd, .events = events };
	int left = time_left_ms(a->deadline), ready = 0;

	if (left > 0)
		ready = poll(&wait, 1, left);
	if (ready < 0 && errno == EINTR)
		return await(a, events);
	return ready > 0 || no_answer(a);
}

static bool
connect_to(struct asking *a, const struct sockaddr *address, socklen_t size)
{
	int error = 0;
	socklen_t len = sizeof(error);

	a->fd = socket(
	    address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0)
		return fail_errno(a, errno);
	if (connect(a->fd, address, size) == 0)
		return true;
	if (errno != EINPROGRESS)
		return fail_errno(a, errno);
	if (!await(a, POLLOUT))
		return false;
	getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error == 0 || fail_errno(a, error);
}

static bool
connect_unix(struct asking *a, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return fail_errno(a, ENAMETOOLONG);
	memcpy(address.sun_path, path, strlen(path));
	return connect_to(
	    a, (const struct sockaddr *)&address, sizeof(address));
}

/* Connects to the first address that accepts. */
static bool
connect_tcp(struct asking *a, const struct host_port *tcp)
{
	struct addrinfo *found;
	int failure = listen_look_up(tcp, false, &found);
	bool connected = false;

	if (failure != 0)
		return fail(a, ASK_NOBODY, gai_strerror(failure));
	for (struct addrinfo *f = found; f != NULL && !connected;
	     f = f->ai_next) {
		if (a->fd >= 0)
			close(a->fd);
		connected = connect_to(a, f->ai_addr, f->ai_addrlen);
	}
	freeaddrinfo(found);
	return connected;
}

static void
put_record(struct buf *b, unsigned type, struct str content)
{
	const char header[HEADER_SIZE] = { FCGI_VERSION, (char)type, 0, 1,
		(char)(content.len >> 8), (char)(content.len & 0xff), 0, 0 };

	buf_add(b, header, sizeof(header));
	buf_add_str(b, content);
}

/* Name and value, each shorter than 128 bytes. */
static void
put_param(struct buf *b, const char *name, const char *value)
{
	buf_add_char(b, (char)strlen(name));
	buf_add_char(b, (char)strlen(value));
	buf_add_text(b, name);
	buf_add_text(b, value);
}

static void
put_request(struct buf *b, const char *method, const char *path)
{
	static const char begin[] = { 0, RESPONDER, 0, 0, 0, 0, 0, 0 };
	struct buf params;

	buf_init(&params, REQUEST_MAX);
	put_param(&params, "REQUEST_METHOD", method);
	put_param(&params, "REQUEST_URI", path);
	put_param(&params, "REQUEST_SCHEME", "http");
	put_param(&params, "HTTP_HOST", "localhost");
	put_param(&params, "CONNECTORS_END", "1");
	put_record(b, BEGIN_REQUEST, (struct str){ begin, sizeof(begin) });
	put_record(b, PARAMS, buf_str(&params));
	put_record(b, PARAMS, STR(""));
	put_record(b, STDIN, STR(""));
	buf_done(&params);
}

/* The request is sent in one piece: it is shorter than any socket's buffer. */
static bool
send_request(struct asking *a, const char *method, const char *path)
{
	struct buf request;
	ssize_t n;

	buf_init(&request, REQUEST_MAX);
	put_request(&request, method, path);
	n = send(a->fd, request.ptr, request.len, MSG_NOSIGNAL);
	buf_done(&request);
	return n > 0 || stranger(a);
}

/* Reads so many bytes; out NULL: drops them. */
static bool
receive(struct asking *a, char *out, size_t len)
{
	char dropped[256];

	while (len > 0) {
		size_t part = out == NULL && len > sizeof(dropped)
				  ? sizeof(dropped)
				  : len;
		ssize_t n = recv(a->fd, out == NULL ? dropped : out, part, 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!await(a, POLLIN))
				return false;
			continue;
		}
		if (n <= 0)
			return stranger(a);
		if (out != NULL)
			out += n;
		len -= (size_t)n;
	}
	return true;
}

/* One record; what belongs to the answer is added to it. */
static bool
receive_record(struct asking *a, struct buf *b, bool *ret_last)
{
	unsigned char header[HEADER_SIZE];
	size_t len;
	char *out = NULL;

	if (!receive(a, (char *)header, sizeof(header)))
		return false;
	if (header[0] != FCGI_VERSION)
		return stranger(a);
	len = (size_t)header[4] << 8 | header[5];
	if (header[1] == STDOUT && len > 0) {
		out = buf_extend(b, len);
		if (out == NULL)
			return stranger(a);
	}
	*ret_last = header[1] == END_REQUEST;
	return receive(a, out, len) && receive(a, NULL, header[6]);
}

/* "Status: 200 OK", other lines, an empty line, the body. */
static bool
read_answer(struct asking *a, struct str text)
{
	static const struct str head = STR_CONST("Status: ");
	static const char gap[] = "\r\n\r\n";
	const char *end = NULL;
	uint64_t status;

	if (text.len >= head.len + STATUS_DIGITS)
		end = memmem(text.ptr, text.len, gap, sizeof(gap) - 1);
	if (end == NULL || !str_starts_with(text, head))
		return stranger(a);
	if (!str_to_u64(
		(struct str){ text.ptr + head.len, STATUS_DIGITS }, &status))
		return stranger(a);
	end += sizeof(gap) - 1;
	a->answer.status = (int)status;
	a->answer.body = arena_copy(
	    a->arena, (struct str){ end, text.len - (size_t)(end - text.ptr) });
	return true;
}

static bool
receive_answer(struct asking *a)
{
	struct buf b;
	bool last = false, good = true;

	buf_init(&b, ASK_ANSWER_MAX);
	while (good && !last)
		good = receive_record(a, &b, &last);
	good = good && read_answer(a, buf_str(&b));
	buf_done(&b);
	return good;
}

struct answer
ask(struct arena *arena, const struct listen_place *place, const char *method,
    const char *path)
{
	struct asking a = { .arena = arena,
		.fd = -1,
		.deadline = time_monotonic() + ASK_MS * 1000 };
	bool connected = place->kind == LISTEN_UNIX
			     ? connect_unix(&a, place->name)
			     : connect_tcp(&a, &place->tcp);

	if (connected && send_request(&a, method, path) && receive_answer(&a))
		a.answer.outcome = ASK_ANSWERED;
	if (a.fd >= 0)
		close(a.fd);
	return a.answer;
}
