/*
 * The OpenAPI document as a page to read. Knows OpenAPI and not this API, so
 * whatever the document says is on the page, and nothing else.
 */
#ifndef OPENAPI_MARKDOWN_H
#define OPENAPI_MARKDOWN_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends the page in GitHub's Markdown for a document (OpenAPI 3.1, JSON,
 * references within it only). False: it is not well-formed JSON. */
bool markdown_write(struct str document, struct buf *ret);

#endif
