/*
 * Ends a wait for the database when its time is up, whatever the client library
 * waits for: a name, a connection, the next byte of an answer.
 *
 * The library's own limits cannot do that: they count whole seconds, from each
 * byte on; some of them start again after a signal (poll); and over TLS the
 * first signal of this program that comes while MariaDB's library (3.3, 3.4)
 * reads turns a limit of 10 s into one of 10 ms. So they are not used.
 *
 * Instead a timer's signal, SIGRTMIN + 3, puts a dead descriptor in the place
 * of the socket: each call of the system on it fails at once, and the library
 * gives up by itself. One thread of a process may use this, one wait at a time;
 * what else makes sockets meanwhile (a signal's handler) would lose them.
 */
#ifndef DB_DEADLINE_H
#define DB_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* Instead of a descriptor: all sockets that are made from now on. */
#define DEADLINE_NEW (-1)

/* The wait for fd may last until so many microseconds of time_monotonic().
 * The first one in a process (after a fork too) is for DEADLINE_NEW. */
void deadline_set(int fd, uint64_t until);

/* The wait is over. True: its time was up, and the socket is dead. */
bool deadline_clear(void);

#endif
