/*
 * What a schema of an OpenAPI document allows, in words and tables of Markdown.
 */
#ifndef OPENAPI_MARKDOWN_TYPE_H
#define OPENAPI_MARKDOWN_TYPE_H

#include <json-c/json.h>

#include "base/buf.h"

struct markdown {
	struct json_object *document;
	struct buf *b;
};

/* A member, or an element of a path of names separated by blanks; NULL: none.
 */
struct json_object *member_of(struct json_object *, const char *path);

/* A member that is a text, or "". */
const char *text_of(struct json_object *, const char *name);

/* What a $ref names, or the object itself. */
struct json_object *resolve(const struct markdown *, struct json_object *);

/* Text in a cell of a table: one line, in which | does not end the cell. */
void put_cell(struct buf *, const char *text);

/* "integer (int64), 1 to 100, default 15". */
void put_type(const struct markdown *, struct json_object *schema);

/* The members of an object, those of objects within it after them, as a table.
 */
void put_members(const struct markdown *, struct json_object *schema);

#endif
