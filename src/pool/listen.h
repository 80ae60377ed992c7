/*
 * The listening sockets of the lanes.
 */
#ifndef POOL_LISTEN_H
#define POOL_LISTEN_H

#include <sys/types.h>

#include "config/settings.h"

struct listener {
	int fd;     /* non-blocking; -1: the lane is off */
	bool ours;  /* opened here and not inherited */
	char *path; /* of a unix socket opened here; NULL otherwise */
	dev_t device;
	ino_t inode;
};

/*
 * Opens or takes over what lane->listen says: "unix:/path", "host:port",
 * "[v6]:port", "fd:0", "systemd:name". A unix socket gets its mode and owner
 * before a client can connect; one without a listening process is replaced.
 * Errors (ERROR_INTERNAL): reterr->log.
 */
enum error listener_open(const struct lane_settings *lane, struct listener *ret,
    struct problem *reterr);

/* Whether what it accepts are unix sockets. */
bool listener_is_unix(int fd);

/* Unlinks a unix socket that was opened here, unless another one has its path
 * by now. */
void listener_unlink(struct listener *);

void listener_close(struct listener *);

#endif
