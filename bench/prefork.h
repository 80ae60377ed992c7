/*
 * The processes of the floor and of the fixed answer: a parent that only waits,
 * and workers that accept from one FastCGI socket.
 *
 *	program SOCKET WORKERS
 */
#ifndef PREFORK_H
#define PREFORK_H

/* Returns the listening socket in each worker, and in the parent never. */
int prefork(int argc, char **argv);

#endif
