/*
 * JSON schemas out of the tables: resources as they are answered, bodies as the
 * rules read them. Part of openapi.c.
 *
 * Objects of answers are left open (no additionalProperties): a later version
 * may add members, and a client made from this document must not break on them.
 * The tests close them, so no member is answered that is not declared.
 */
#ifndef OPENAPI_SCHEMA_H
#define OPENAPI_SCHEMA_H

#include "openapi/out.h"
#include "schema/schema.h"

/*
 * Writes members of components.schemas: "connector", its columns as
 * "connector_column", and "variable_pivot" where rows come with a pivot. Only
 * what is in every answer is required, and `fields` can leave out all but id.
 */
void schema_resource(const struct out *, const struct resource *);

/*
 * The value of one whole row, "connector" with all of its columns required and
 * a relation, too (NULL: none). is_new: the server has just made it.
 */
void schema_whole(const struct out *, const struct resource *,
    const char *relation, bool is_new);

/* The value of a body of store or update (body.c). */
void schema_body(const struct out *, const struct resource *, bool update);

#endif
