/*
 * Who asks: the API key of a request, the company it belongs to, and what it
 * may do. What the route reads first comes from the same statement.
 */
#ifndef API_AUTHENTICATE_H
#define API_AUTHENTICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/action.h"
#include "api/answer_cache.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"
#include "engine/sql_key.h"

struct call;
struct service;

struct principal {
	int64_t key_id; /* 0: no key was found, or the administrator asks */
	int64_t company_id;
	int64_t user_id;             /* 0: the key has none */
	unsigned abilities;          /* of enum ability */
	bool unnoted;                /* no use of it in the last minute is */
	struct data_version version; /* of what it may see, as it is now */
};

/*
 * Checks the key of the call's request, and that it has the ability that the
 * route's action needs. ERROR_UNAUTHENTICATED: unknown, expired, revoked, or
 * nothing of the form of a key; ERROR_FORBIDDEN.
 *
 * Sets the call's principal, whose the answer is in the log, and call->first
 * where the first read of the action came along. An error of that read is
 * returned once the key is known to be good.
 */
enum error authenticate(struct call *);

/* What the call's request is to read together with a key of that hash. Its
 * query is parsed where that matters. */
enum first_read authenticate_first(struct call *, struct str hash);

/* How it reads the versions of data. */
enum version_read authenticate_versions(const struct service *);

/* Whether the versions in the cells of a key, which were read so, are all of
 * them. Else they are added up from now on, and are to be read again. */
bool authenticate_has_all(struct service *, const struct value *key);

/* The key itself in an Authorization field: what is left without `Bearer `. */
struct str principal_key(struct str authorization);

/* The hash of that key, which the database has: 64 hexadecimal digits.
 * ERROR_UNAUTHENTICATED when it has not the form of a key. */
enum error principal_hash(
    struct arena *, struct str authorization, struct str *ret);

/* The principal in the cells of a key (enum key_cell). */
struct principal principal_read(const struct value *cells);

#endif
