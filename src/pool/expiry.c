/*
 * One statement over the certificates that connectors use. Must not tell whose
 * they are: a measure has no label for each company.
 */
#include <config.h>

#include "pool/expiry.h"

#include "base/time.h"
#include "db/db.h"

/* Between two looks, in microseconds. */
#define PAUSE 60000000

/* The cells of the statement, in the order of its text. */
enum cell {
	CELL_NEXT, /* seconds since 1970; NULL: none will expire */
	CELL_EXPIRED
};

enum error
expiry_look(struct arena *arena, struct db *db, struct expiry *expiry,
    struct problem *reterr)
{
	/* With EXISTS the server reads the index of all connectors; so it looks
	 * into it once for each certificate. */
	const struct statement statement = {
		.text = STR("SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', "
			    "MIN(CASE WHEN c.expires_at > UTC_TIMESTAMP(6) "
			    "THEN c.expires_at END)), "
			    "COUNT(CASE WHEN c.expires_at <= UTC_TIMESTAMP(6) "
			    "THEN 1 END) FROM certificates c "
			    "WHERE (SELECT 1 FROM connectors k "
			    "WHERE k.certificate_id = c.id LIMIT 1) = 1"),
	};
	uint64_t now = time_monotonic();
	const struct value *row;
	struct rows rows;

	if (now < atomic_load(&expiry->after))
		return OK;
	TRY(db_run(db, arena, &statement, &rows, reterr));
	row = rows_cell(&rows, 0, 0);
	atomic_store(&expiry->next, row[CELL_NEXT].integer);
	atomic_store(&expiry->expired, (uint64_t)row[CELL_EXPIRED].integer);
	atomic_store(&expiry->after, now + PAUSE);
	return OK;
}
