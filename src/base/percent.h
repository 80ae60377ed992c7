/*
 * Percent-encoding of texts in URLs and forms. Knows no URL.
 */
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/*
 * The text with its %XX escapes as bytes; malformed escapes stay as they are.
 * A plus is a space if plus_is_space (queries), else a plus (paths). May be
 * the text itself when there is nothing to decode.
 */
struct str percent_decode(struct arena *, struct str text, bool plus_is_space);

/* Appends text with every byte but A-Z a-z 0-9 - _ . ~ as %XX. */
void percent_encode(struct buf *, struct str text);

/* The same in the arena. */
struct str percent_encoded(struct arena *, struct str text);

#endif
