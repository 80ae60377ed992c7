/*
 * Rows that `migrate` puts in by itself, so that a catalogue need not: one that
 * has them has its own. Names one table: no other has such rows.
 */
#include <config.h>

#include "ctl/import/import.h"
#include "schema/tables.h"

#define DROP                                                            \
	"DELETE FROM authentication_types WHERE (id = ? OR `key` = ?) " \
	"AND " TYPES_UNUSED

enum error
import_drop_provided(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	const struct resource *resource = &resource_authentication_types;
	const size_t id = import_column(resource, "id");
	const size_t key = import_column(resource, "key");

	if (batch->resource != resource)
		return OK;
	for (size_t i = 0; i < batch->n; i++) {
		const struct value *values = batch->rows[i].values;

		TRY(db_run(import->db, batch->arena,
		    STATEMENT(DROP, values[id], values[key]), NULL, reterr));
	}
	return OK;
}
