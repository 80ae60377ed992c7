/*
 * A database that was recorded: what is expected to be asked of it, in order,
 * and what it answers. It takes the place of src/db/ in a test program.
 *
 * What is asked is written `SELECT connectors 1,7`: the verb (LOCK for a SELECT
 * FOR UPDATE), the table that is named first, and the parameters: `-` is null,
 * `#` bytes. Transactions are BEGIN, BEGIN CURRENT, COMMIT and ROLLBACK. `*` at
 * the end stands for any more.
 *
 * Rows stand between `;`, cells as words: `id=7 name=x` by the columns of the
 * table's SELECT list, others are null, or `7 x` as they come. In front of the
 * columns a row of an include has the key that it belongs to: `1: id=7`. A row
 * of two tables has `|` between them.
 */
#ifndef TESTS_RECORDED_H
#define TESTS_RECORDED_H

#include "db/db.h"

enum recorded_flags {
	RECORDED_RETRY = 1u << 0,   /* another run may do better */
	RECORDED_UNKNOWN = 1u << 1, /* COMMIT got no answer */
	RECORDED_OVER = 1u << 2,    /* no time is left */
};

struct recorded {
	const char *asked;
	const char *rows; /* NULL: none */
	const char *of;   /* the table that has the columns; NULL: that asked */
	enum error error;
	unsigned flags;    /* of the failure */
	int64_t insert_id; /* that it gives */
	uint64_t affected; /* rows */
};

/* What is asked and answered with nothing, with rows, with rows of a table. */
#define ASKED(question)           \
	{                         \
		.asked = question \
	}
#define ANSWER(question, answer)                  \
	{                                         \
		.asked = question, .rows = answer \
	}
#define ANSWER_OF(question, table, answer)                     \
	{                                                      \
		.asked = question, .rows = answer, .of = table \
	}

/* Until recorded_end() this is the database; n answers. */
struct db *recorded_begin(
    struct arena *, const struct recorded *answers, size_t n);

/* Expects that all answers were asked for. */
void recorded_end(const char *what);

/* Cells of a row of a relation, or of both halves of one of two tables. */
#define RECORDED_WIDTH 40

#endif
