/*
 * A row for each node of a cluster, so that writers on different nodes do not
 * meet in one. See the migrations 0006 and 0009.
 */
#include <config.h>

#include "api/data_version.h"

#include "db/db.h"
#include "engine/sql_write.h"

#define ROW_IS_NEW 1 /* rows affected; 2: there was one */

/* Where a node writes its first row of a company it tells so in the same
 * transaction: a reader of the rows of node 1 alone learns of the others with
 * them. */
struct data_version
data_version_common(int64_t company_id, const struct data_version *now)
{
	return (struct data_version){ .company_id = company_id,
		.common = now->common };
}

enum error
data_version_raise(struct db *db, struct arena *arena, int64_t company_id,
    int64_t added, struct problem *reterr)
{
	struct statement raise =
	    sql_raise_data_version(arena, company_id, added);
	struct statement tell = sql_tell_node();

	TRY(db_run(db, arena, &raise, NULL, reterr));
	if (db_affected(db) != ROW_IS_NEW)
		return OK;
	return db_run(db, arena, &tell, NULL, reterr);
}
