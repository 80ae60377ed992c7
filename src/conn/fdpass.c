/*
 * SCM_RIGHTS over a SOCK_SEQPACKET pair, see unix(7).
 */
#include <config.h>

#include "conn/fdpass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static bool
open_pair(int ret[2])
{
	return socketpair(AF_UNIX,
		   SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret) == 0;
}

static bool
open_all(struct handoffs *h)
{
	bool opened = open_pair(h->all);

	for (unsigned i = 0; i < h->n_seats; i++)
		opened = opened && open_pair(h->seats[i]);
	return opened;
}

/* At a reload there are the new ones and the old ones; when all are busy there
 * is one who refuses. */
static unsigned
seats_for(unsigned workers)
{
	return workers < SEATS_MAX / 2 ? 2 * workers + 1 : SEATS_MAX;
}

enum error
handoffs_open(unsigned workers, struct handoffs *ret, struct problem *reterr)
{
	int cause;

	memset(ret, -1, sizeof(*ret));
	ret->n_seats = seats_for(workers);
	if (open_all(ret))
		return OK;
	cause = errno;
	handoffs_close(ret);
	return problem_log(
	    reterr, ERROR_INTERNAL, "socketpair: %s", strerror(cause));
}

static void
close_pair(const int pair[2])
{
	for (size_t i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
}

void
handoffs_close(const struct handoffs *h)
{
	close_pair(h->all);
	for (unsigned i = 0; i < h->n_seats; i++)
		close_pair(h->seats[i]);
}

/* Makes room in the message for one descriptor and puts it there. */
static void
add_descriptor(struct msghdr *message, union control *control, int fd)
{
	struct cmsghdr *c;

	message->msg_control = control->bytes;
	message->msg_controllen = sizeof(control->bytes);
	c = CMSG_FIRSTHDR(message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

bool
handoff_send(int to, int fd, const struct handoff *handoff)
{
	union control control = { 0 };
	struct iovec part = { (void *)(uintptr_t)handoff, sizeof(*handoff) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0)
		add_descriptor(&message, &control, fd);
	return sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* The descriptor of a message; -1 without one. */
static int
descriptor_of(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fd;

	if (c == NULL || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

bool
handoff_receive(int from, struct handoff *ret, int *ret_fd)
{
	union control control;
	struct iovec part = { ret, sizeof(*ret) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };

	if (recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) !=
	    sizeof(*ret))
		return false;
	*ret_fd = descriptor_of(&message);
	return true;
}
