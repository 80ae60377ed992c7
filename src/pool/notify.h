/*
 * Telling the service manager how the pool is. Without a service manager, or
 * without libsystemd, nothing happens.
 */
#ifndef POOL_NOTIFY_H
#define POOL_NOTIFY_H

#include <stdint.h>

/* Sends assignments of sd_notify(3), one a line, as "READY=1". */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Microseconds within which the service manager wants to receive WATCHDOG=1;
 * 0: it does not watch. */
uint64_t notify_watchdog(void);

#endif
