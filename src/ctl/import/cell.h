/*
 * One value of an import's row: from JSON to a checked value of its column.
 *
 * The column says what is right (type, limits, list, form); the functions here
 * know no column by its name. Pure.
 */
#ifndef CTL_IMPORT_CELL_H
#define CTL_IMPORT_CELL_H

#include "base/arena.h"
#include "base/value.h"
#include "schema/schema.h"

struct json_object;

struct import_cell {
	struct arena *arena;
	const struct column *column;
	struct json_object *json; /* NULL: null */
	struct str row;           /* text of the row that it stands in */
};

/*
 * Reads a value. Returns NULL, or what is wrong with it as it goes on behind
 * the column's path; then *ret is null if nothing could be read of it, else
 * the value that is not right. *given becomes false where null means the
 * column's default. The text that is returned and that of *ret live in the
 * arena.
 */
const char *import_cell_read(
    const struct import_cell *, struct value *ret, bool *given);

#endif
