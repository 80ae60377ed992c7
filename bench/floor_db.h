/*
 * The floor's database: prepared statements and rows of text, nothing else.
 * Whatever fails ends the process.
 */
#ifndef FLOOR_DB_H
#define FLOOR_DB_H

#include <stdbool.h>
#include <stddef.h>

/* A statement, prepared at its first run. */
struct query {
	const char *text;
	struct prepared *prepared;
};

struct cell {
	const char *ptr; /* NULL: null */
	size_t len;
};

struct rows {
	size_t count;
	size_t width;
	struct cell *cells;
};

/* A parameter: a text, or without one a number. */
struct param {
	const char *text;
	size_t len;
	long long number;
	bool null;
};

/* Connects by the environment's BENCH_SOCKET, _USER, _PASSWORD, _DATABASE. */
void floor_connect(void);

/* Text of a command without parameters: BEGIN, COMMIT. */
void floor_command(const char *text);

/* Rows are valid until floor_forget(). */
struct rows floor_run(struct query *, const struct param *, size_t n);
void floor_forget(void);

long long floor_insert_id(const struct query *);

#endif
