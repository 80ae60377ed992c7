/*
 * connectorsctl database recount: the numbers of connectors that stand in
 * data_versions, after changes by SQL that went past them.
 */
#include <config.h>

#include "api/data_version.h"
#include "ctl/ctl.h"

enum cell {
	CELL_COMPANY,
	CELL_MORE
};

enum error
recount_compare(struct ctl *ctl, struct rows *ret, struct problem *reterr)
{
	static const struct statement statement = {
		.text = STR_CONST(
		    "SELECT company_id, "
		    "CAST(SUM(found) - SUM(known) AS SIGNED) AS more FROM ("
		    "SELECT company_id, COUNT(*) AS found, 0 AS known "
		    "FROM connectors GROUP BY company_id UNION ALL "
		    "SELECT company_id, 0, connectors FROM data_versions) n "
		    "GROUP BY company_id HAVING more <> 0 "
		    "ORDER BY company_id")
	};

	return db_run(ctl->db, ctl->arena, &statement, ret, reterr);
}

/* While all numbers are locked no store or delete can end, so what it has not
 * counted yet is not seen here either (READ COMMITTED). */
static enum error
recount(struct ctl *ctl, struct rows *ret, struct problem *reterr)
{
	static const struct statement lock = {
		.text = STR_CONST("SELECT version FROM "
				  "data_versions FOR UPDATE")
	};
	struct rows rows = { 0 };

	TRY(db_run(ctl->db, ctl->arena, &lock, &rows, reterr));
	TRY(recount_compare(ctl, ret, reterr));
	for (size_t i = 0; i < ret->count; i++)
		TRY(data_version_raise(ctl->db, ctl->arena,
		    rows_cell(ret, i, CELL_COMPANY)->integer,
		    rows_cell(ret, i, CELL_MORE)->integer, reterr));
	return OK;
}

enum error
database_recount_command(struct ctl *ctl, struct problem *reterr)
{
	struct rows rows = { 0 };

	TRY(ctl_database(ctl, reterr));
	TRY(db_begin(ctl->db, reterr));
	TRY(ctl_end(ctl, recount(ctl, &rows, reterr), reterr));
	for (size_t i = 0; i < rows.count; i++)
		ctl_print("company %lld: %+lld\n",
		    (long long)rows_cell(&rows, i, CELL_COMPANY)->integer,
		    (long long)rows_cell(&rows, i, CELL_MORE)->integer);
	if (rows.count == 0)
		ctl_print("nothing to do: all numbers are right\n");
	return OK;
}
