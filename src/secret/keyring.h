/*
 * The part of the key ring that only this folder may see: raw keys.
 */
#ifndef SECRET_KEYRING_H
#define SECRET_KEYRING_H

#include "secret/secret.h"

#define KEYRING_KEY_BYTES 32
#define KEYRING_MAX_KEYS  64

/* The key with this id, KEYRING_KEY_BYTES long; NULL if there is none. */
const unsigned char *keyring_find(const struct keyring *, struct str key_id);

#endif
