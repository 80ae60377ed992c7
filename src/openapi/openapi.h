/*
 * The OpenAPI document of the API, written out of the tables. Pure.
 */
#ifndef OPENAPI_OPENAPI_H
#define OPENAPI_OPENAPI_H

#include "base/arena.h"
#include "base/buf.h"

/* Appends the document (OpenAPI 3.1, JSON). Names are made in the arena. */
void openapi_write(struct arena *, struct buf *);

#endif
