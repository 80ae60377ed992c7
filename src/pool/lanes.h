/*
 * Opening the lanes: listeners, and the descriptors of their connections. For
 * files of this folder.
 */
#ifndef POOL_LANES_H
#define POOL_LANES_H

#include "pool/workers.h"

/* Opens every lane that has workers. When one cannot be opened, those opened
 * before stay open: lanes_close() closes them. */
enum error lanes_open(struct pool *, struct problem *reterr);

/*
 * At a reload, before the fresh configuration is used: opens lanes that had no
 * worker so far, all of them or none. A lane that would lose all its workers
 * keeps as many as it has, in fresh too, with a warning: other processes may
 * hold its listener, so it would still accept connections that nothing serves.
 */
enum error lanes_reload(
    struct pool *, struct config *fresh, struct problem *reterr);

/* Closes all lanes and unlinks their sockets. */
void lanes_close(struct pool *);

#endif
