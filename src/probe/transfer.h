/*
 * Content-Transfer-Encoding of the parts of a body: RFC 2045, 6. Pure.
 */
#ifndef PROBE_TRANSFER_H
#define PROBE_TRANSFER_H

#include "base/arena.h"
#include "base/str.h"

/*
 * The bytes as they were: those given, or decoded ones in the arena. encoding
 * may be empty. False if it is not known, or if the bytes are not of it.
 */
bool transfer_decode(
    struct arena *, struct str bytes, struct str encoding, struct str *ret);

#endif
