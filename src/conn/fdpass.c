/*
 * SCM_RIGHTS over a SOCK_SEQPACKET pair, see unix(7).
 */
#include <config.h>

#include "conn/fdpass.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* In microseconds; the parent takes messages at once as a rule. */
#define SEND_WAIT 900000

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool
fdpass_open(int ret[2])
{
	const struct timeval wait = { .tv_usec = SEND_WAIT };

	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) ==
		   0 &&
	       fcntl(ret[0], F_SETFL, O_NONBLOCK) == 0 &&
	       setsockopt(
		   ret[1], SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0;
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
fdpass_send(int to, int fd, const struct fd_message *what)
{
	union control control = { 0 };
	struct iovec part = { (void *)(uintptr_t)what, sizeof(*what) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0)
		add_descriptor(&message, &control, fd);
	return sendmsg(to, &message, MSG_NOSIGNAL) >= 0;
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
fdpass_receive(int from, struct fd_message *ret, int *ret_fd)
{
	union control control;
	struct iovec part = { ret, sizeof(*ret) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };

	if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != sizeof(*ret))
		return false;
	*ret_fd = descriptor_of(&message);
	return true;
}
