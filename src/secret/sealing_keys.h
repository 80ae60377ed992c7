/*
 * Which keys of the ring are in use, as the database remembers it.
 */
#ifndef SECRET_SEALING_KEYS_H
#define SECRET_SEALING_KEYS_H

#include "base/arena.h"
#include "base/error.h"

struct db;
struct keyring;

/*
 * Remembers the key that the ring seals with. ERROR_CONFLICT, and the log text
 * names the key, when a key that is remembered is not in the ring; any other
 * error means that the database could not tell.
 */
enum error sealing_keys_check(struct arena *, struct db *,
    const struct keyring *, struct problem *reterr);

/* The same without remembering anything; ring NULL is one without keys. */
enum error sealing_keys_find(struct arena *, struct db *,
    const struct keyring *, struct problem *reterr);

/* Forgets all keys but the one that the ring seals with: nothing is sealed
 * with them any more. */
enum error sealing_keys_forget(struct arena *, struct db *,
    const struct keyring *, struct problem *reterr);

#endif
