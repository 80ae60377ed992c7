/*
 * Examples of an OpenAPI document in Markdown. The summary of one may be the
 * request that it is the body or the answer of, as "GET /path" or
 * "POST /path (Header: value)": it is written as a command to try.
 */
#ifndef OPENAPI_MARKDOWN_EXAMPLE_H
#define OPENAPI_MARKDOWN_EXAMPLE_H

#include "openapi/markdown_type.h"

/* The first kind of content of a body or an answer; NULL: there is none. */
struct json_object *content_of(struct json_object *);

/* Of an answer: each request and what was answered. */
void put_answer_examples(const struct markdown *, struct json_object *answer);

/* Of an operation; not of answers that it shares with others. */
void put_operation_examples(
    const struct markdown *, struct json_object *operation);

#endif
