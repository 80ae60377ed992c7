/*
 * Giving up root's rights, and the pid file, which is written before that.
 */
#ifndef POOL_PRIVILEGES_H
#define POOL_PRIVILEGES_H

#include "config/settings.h"

/* Becomes pool.user and pool.group when started by root with a user configured;
 * as root without one it only warns. Errors (ERROR_INTERNAL): reterr->log. */
enum error privileges_drop(
    const struct pool_settings *, struct problem *reterr);

/* Writes the pid file, if one is configured; refuses a path that is no plain
 * file. Errors (ERROR_INTERNAL): reterr->log. */
enum error pid_file_write(const struct pool_settings *, struct problem *reterr);
void pid_file_remove(const struct pool_settings *);

#endif
