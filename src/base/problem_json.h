/*
 * What a client is told of an error, as JSON. Knows no request and no table.
 */
#ifndef BASE_PROBLEM_JSON_H
#define BASE_PROBLEM_JSON_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Appends {"message": ...}, and the "errors" of a 422 by field. The message is
 * the problem's own; else the first of a field, with the number of the others;
 * else the default one of the error. The log's text is never a part of it.
 */
void problem_json(struct buf *, enum error, const struct problem *);

#endif
