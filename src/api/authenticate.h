/*
 * An API key to a principal: who asks, for which company, with what abilities.
 */
#ifndef API_AUTHENTICATE_H
#define API_AUTHENTICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/answer_cache.h"
#include "base/arena.h"
#include "base/error.h"
#include "engine/sql.h"

struct db;

enum ability {
	ABILITY_READ = 1u << 0,
	ABILITY_WRITE = 1u << 1,
	ABILITY_TEST = 1u << 2,
};

struct principal {
	int64_t key_id;
	int64_t company_id;
	int64_t user_id;             /* 0: the key has none */
	unsigned abilities;          /* of enum ability */
	bool unnoted;                /* no use of it in the last minute is */
	struct data_version version; /* of what it may see, as it is now */
};

/*
 * How to find the key of an Authorization field, `KEY` or `Bearer KEY`;
 * ERROR_UNAUTHENTICATED when it holds nothing of the form of a key.
 */
enum error principal_caller(
    struct arena *, struct str authorization, struct sql_caller *ret);

/*
 * Finds the key. Unknown, expired and revoked keys are all
 * ERROR_UNAUTHENTICATED.
 * along: a statement for the same caller that is run instead of one for the key
 * alone; *ret_along is its row without the caller's columns. NULL: none, and no
 * row. When it took too long the key is looked up alone after all, so that what
 * is wrong with the key is said first: then *ret is set beside the error.
 */
enum error principal_find(struct arena *, struct db *,
    const struct sql_caller *, const struct statement *along,
    struct principal *ret, struct rows *ret_along, struct problem *reterr);

/* The key itself in an Authorization field: what is left without `Bearer `. */
struct str principal_key(struct str authorization);

/* ERROR_FORBIDDEN unless the principal has the ability. */
enum error principal_require(const struct principal *, enum ability);

#endif
