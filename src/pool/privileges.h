/*
 * What the parent has to do with the machine: its user, its pid file, the
 * service manager.
 */
#ifndef POOL_PRIVILEGES_H
#define POOL_PRIVILEGES_H

#include "config/settings.h"

/* Becomes user and group when started by root and a user is configured. */
enum error privileges_drop(
    const struct pool_settings *, struct problem *reterr);

/* Writes the pid file, if one is configured; refuses a path that is no plain
 * file. */
enum error host_write_pid(const struct pool_settings *, struct problem *reterr);
void host_remove_pid(const struct pool_settings *);

/* Tells the service manager, if there is one: "READY=1". */
void host_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Microseconds within which the service manager wants to hear WATCHDOG=1; 0:
 * it does not. */
uint64_t host_watchdog(void);

#endif
