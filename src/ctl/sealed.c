/*
 * The table of sealed columns. Counting by key is done in the database, so that
 * no ciphertext is sent.
 */
#include <config.h>

#include "ctl/sealed.h"

const struct sealed_column sealed_columns[] = {
	{ "variables", "value", "value_sealed" },
	{ "certificates", "certificate", "certificate_sealed" },
	{ "certificates", "passphrase", "passphrase_sealed" },
};
const size_t n_sealed_columns = N_ELEMENTS(sealed_columns);

enum error
sealed_count(struct ctl *ctl, const struct sealed_column *column,
    struct rows *ret, struct problem *reterr)
{
	/* The envelope: version, length of the key id, key id. */
	const struct statement count = {
		.text = arena_printf(ctl->arena,
		    "SELECT CASE WHEN ORD(%s) = 1 THEN "
		    "CONVERT(SUBSTRING(%s, 3, ORD(SUBSTRING(%s, 2, 1))) "
		    "USING latin1) END AS k, COUNT(*) FROM %s "
		    "WHERE %s IS NOT NULL GROUP BY k ORDER BY k",
		    column->column, column->column, column->column,
		    column->table, column->column),
	};

	return db_run(ctl->db, ctl->arena, &count, ret, reterr);
}
