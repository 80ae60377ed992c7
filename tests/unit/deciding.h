/*
 * A write decided without a database, for the tests of variables/ and of
 * api/write_check.c and api/write_plan.c.
 *
 * Variables are written as words, `five=v`: a key and its value, or the key
 * alone if it has none. `*` before the key makes it a secret, `!` locks it, and
 * `@a` at the end is the alias of its link, `?` says that it is required.
 * Stored ones have the ids 5, 6, ... in their order.
 *
 * Merged variables are written in the same way, after `~` if the body names
 * them, `+` if they are added, `-` if they are removed. The value of a stored
 * secret that stays as it is reads `(kept)`.
 */
#ifndef TESTS_DECIDING_H
#define TESTS_DECIDING_H

#include "api/write_check.h"

/*
 * The stored connector has the id 9, the name "n", the type "t", implementation
 * 1, pool 2, certificate 8, "UTC", "Y-m-d" and 60 each hour. Bodies and errors
 * are written, and rows that a body refers to found, as validating.h says.
 */
struct deciding {
	struct arena *arena;
	struct problem problem;
	struct node body;
	struct write_facts facts;
	struct write_wanted wanted;
	enum error error; /* of write_check_body() */
};

/* The body checked and merged; stored NULL: a new connector. */
struct deciding *deciding(const char *stored, const char *body);
void deciding_done(struct deciding *);

/* Expects that the problem has these errors, which a test calls by its body. */
void deciding_expect(
    const struct deciding *, const char *body, const char *errors);

/* A key ring of the test's own. */
const struct keyring *deciding_keyring(struct arena *);

/* Variables from words, and words from merged variables. */
void deciding_read(struct arena *, const char *words, struct variables *ret);
struct str deciding_write(struct arena *, const struct variables *);

#endif
