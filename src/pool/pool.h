/*
 * The parent of the workers: opens the sockets, keeps the number of workers,
 * obeys signals. It serves nothing itself and reads nothing that clients send.
 *
 *	SIGTERM, SIGINT	 stop: requests are finished, within graceful_timeout
 *	SIGQUIT		 stop at once
 *	SIGHUP		 read the configuration, replace the workers one by one
 *	SIGUSR1		 open the log anew
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include "base/error.h"
#include "pool/load.h"

/* Runs the pool until a signal stops it. Errors (ERROR_INTERNAL, reterr->log):
 * it could not start. */
enum error pool_run(const struct pool_source *, struct problem *reterr);

/* Checks the configuration and the files that it names, without starting.
 * Errors (ERROR_INTERNAL): reterr->log has a line for each fault. */
enum error pool_check(const struct pool_source *, struct problem *reterr);

#endif
