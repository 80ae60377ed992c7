/*
 * Writing JSON text straight into a buffer.
 *
 * Commas are set by looking at the byte before: after "{", "[" or ":" none is
 * needed. So every call here writes one value or one key, in order, and the
 * caller never thinks of separators. Reading JSON is json-c's work, not this
 * file's. (Writing directly instead of through a tree of objects is worth 15 %
 * of a list request, see docs/dependencies.md.)
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

void json_object_open(struct buf *);
void json_object_close(struct buf *);
void json_array_open(struct buf *);
void json_array_close(struct buf *);

/* The name of the next member; name must need no escapes. */
void json_key(struct buf *, const char *name);
/* The same for a name that may need escapes. */
void json_key_str(struct buf *, struct str name);

void json_null(struct buf *);
void json_bool(struct buf *, bool);
void json_int(struct buf *, int64_t);
/* A string; bytes that are not UTF-8 become U+FFFD, so the text is valid. */
void json_string(struct buf *, struct str);
/* A whole member: its name (as json_key() has it) and a text or a number. */
void json_member_text(struct buf *, const char *name, const char *text);
void json_member_int(struct buf *, const char *name, uint64_t value);

/* A value that is JSON text already (checked when it was stored). */
void json_raw(struct buf *, struct str);
/* A value again that the buffer holds already, in len bytes from `at` on. */
void json_repeat(struct buf *, size_t at, size_t len);

#endif
