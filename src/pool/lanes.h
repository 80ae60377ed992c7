/*
 * Opening the lanes: listeners, and the queues between a lane's workers.
 * Included by pool*.c only.
 */
#ifndef POOL_LANES_H
#define POOL_LANES_H

#include "pool/workers.h"

/* Opens every lane that has workers. What is open stays so when it fails. */
enum error lanes_open(struct pool *, struct problem *reterr);

/*
 * At a reload, before fresh is taken: opens lanes that had no worker so far,
 * all of them or none. A lane that would have no worker any more keeps as many
 * as it has (in fresh too), with a warning: its listener could not be taken
 * from all who hold it, and who connects would wait for ever.
 */
enum error lanes_reload(
    struct pool *, struct config *fresh, struct problem *reterr);

/* Closes them, and takes the names of sockets away. */
void lanes_close(struct pool *);

#endif
