/*
 * SCM_RIGHTS over a SOCK_SEQPACKET pair, see unix(7).
 */
#include <config.h>

#include "http/handoff.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

enum error
handoff_open(int ret[2], struct problem *reterr)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, ret) == 0)
		return OK;
	return problem_log(
	    reterr, ERROR_INTERNAL, "socketpair: %s", strerror(errno));
}

bool
handoff_send(int to, int fd, const struct handoff *handoff)
{
	union control control = { 0 };
	struct iovec part = { (void *)(uintptr_t)handoff, sizeof(*handoff) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
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
