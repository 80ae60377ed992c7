/*
 * Rows to JSON text, straight into the buffer of the response.
 */
#ifndef ENGINE_ENCODE_H
#define ENGINE_ENCODE_H

#include "base/buf.h"
#include "base/error.h"
#include "engine/query.h"

struct result;

/*
 * Writes root row number row of a result as a JSON object: columns in the
 * order of the table, aggregates, relations, each as asked.
 */
void encode_root(struct arena *, struct buf *, const struct query *,
    const struct result *, size_t row);

#endif
