/*
 * Messages between the parent and its workers that carry a descriptor or none.
 * Knows nothing of what a connection carries.
 */
#ifndef CONN_FDPASS_H
#define CONN_FDPASS_H

#include <stdbool.h>
#include <stdint.h>

/* Which connection is meant, and the worker that sends this or is to get it. */
struct fd_message {
	uint32_t number;
	uint32_t generation;
	uint32_t owner;
};

/* The parent's end [0], where nothing ever waits, and the workers' [1], where
 * receiving does, and sending for a moment. False: errno says why not. */
bool fdpass_open(int ret[2]);

/* Sends fd, which stays the caller's; -1: none. False: there is no room. */
bool fdpass_send(int to, int fd, const struct fd_message *);

/* The next message. False: there is none, or nobody at the other end. *ret_fd
 * is the caller's, -1 when none was sent or there was no number for it. */
bool fdpass_receive(int from, struct fd_message *ret, int *ret_fd);

#endif
