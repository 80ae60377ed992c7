/*
 * One row of an import file: from JSON text to checked values.
 *
 * Knows the schema's columns and nothing of a database; what other rows must
 * say (references, unique values) is checked elsewhere. Pure.
 */
#ifndef CTL_IMPORT_ROW_H
#define CTL_IMPORT_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"
#include "schema/schema.h"

#define IMPORT_MAX_ROW   (8 * 1024 * 1024) /* bytes of the text of a row */
#define IMPORT_MAX_DEPTH 64 /* json_check() has refused deeper rows */
/* Most bytes of a name of the file that a message shows. */
#define IMPORT_NAME_MAX 255
/* Most faults that are reported of one file; then the import stops. */
#define IMPORT_MAX_FAULTS 100

/* What becomes of a row. */
enum import_fate {
	IMPORT_INSERTED,
	IMPORT_UPDATED,
	IMPORT_UNCHANGED,
	IMPORT_FATE__MAX
};

struct import_row {
	size_t index;               /* place in the array of the file */
	struct value *values;       /* by column of the resource */
	bool *given;                /* by column: the file has it */
	const struct value *stored; /* by column; NULL: the row is new */
	enum import_fate fate;
	/* A fault of it has been reported: the row is not stored. */
	bool is_refused;
	bool is_partial; /* a value of it could not be read and is null */
	bool is_unknown; /* which row it is meant to be cannot be told */
};

struct import_reader; /* the parser, used again for each row */

struct import_reader *import_reader_new(void);
void import_reader_free(struct import_reader *); /* NULL is accepted */

/*
 * Reads the text of row number index of a table. Refused (ERROR_INVALID, each
 * fault by its path in reterr->fields, *ret still set): what is no JSON object,
 * unknown members, the server's own columns, values of a wrong type or form or
 * outside the limits of their column, null where none may be.
 */
enum error import_row_read(struct import_reader *, struct arena *,
    const struct resource *, struct str text, size_t index,
    struct import_row *ret, struct problem *reterr);

/* Refuses a row in which a column is missing that has no default. */
enum error import_row_check_complete(
    const struct resource *, struct import_row *, struct problem *reterr);

/* Fills what was not given: what is stored, or the default; now is the time
 * in the database's spelling. */
void import_row_fill(struct arena *, const struct resource *,
    struct import_row *, struct str now);

/*
 * Sets row->fate. A row without a stored one is new; a changed one whose
 * updated_at was not given gets now.
 */
void import_row_compare(struct import_reader *, const struct resource *,
    struct import_row *, struct str now);

/*
 * Refuses the row: adds what is wrong under "connectors[17].timezone" (column
 * NULL: the row) to reterr->fields, unless it has IMPORT_MAX_FAULTS. Returns
 * ERROR_INVALID.
 */
enum error import_row_fail(const struct resource *, struct import_row *,
    const char *column, struct problem *reterr, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Whether an import writes the column: all but version numbers. */
bool import_is_written(const struct column *);

/* The place of a column that is known to be there. */
size_t import_column(const struct resource *, const char *name);

/* The same, or n_columns if there is none. */
size_t import_find_column(const struct resource *, const char *name);

#endif
