/*
 * The statement that every request begins with: it finds the API key, and may
 * bring what the request reads first, so that both cost one statement. Pure.
 */
#ifndef ENGINE_SQL_KEY_H
#define ENGINE_SQL_KEY_H

#include "engine/sql.h"

/* The version of a company's data: the sum over the nodes of a cluster. It only
 * ever goes up. */
#define SQL_VERSION_OF(company)                                        \
	"(SELECT CAST(SUM(v.version) AS SIGNED) FROM data_versions v " \
	"WHERE v.company_id = " company ")"
/* That of the data that all companies share. */
#define SQL_COMMON_VERSION SQL_VERSION_OF("0")

/* How the versions are read. */
enum version_read {
	/* In one row each, by its key, which costs a quarter of adding up; only
	 * what KEY_CELL_ONE_NODE confirms may be used. */
	VERSION_OF_NODE_1,
	VERSION_SUM /* of all nodes: always right */
};

/* What is read together with the key. */
enum first_read {
	FIRST_NONE,
	FIRST_COUNT, /* of a list: how many rows match */
	FIRST_ROOT,  /* of a show: the row that is named */
};

/* The cells of a key; those of the first read are behind them. */
enum key_cell {
	KEY_CELL_ID,
	KEY_CELL_COMPANY_ID,
	KEY_CELL_USER_ID, /* null: it has none */
	KEY_CELL_CAN_READ,
	KEY_CELL_CAN_WRITE,
	KEY_CELL_CAN_TEST,
	KEY_CELL_USE_IS_NOTED, /* not 0: one of the last minute is */
	KEY_CELL_IS_VALID,     /* 0: it is revoked, or expired */
	KEY_CELL_VERSION,      /* of the data of its company */
	KEY_CELL_COMMON,       /* of the data that all companies share */
	KEY_CELL_ONE_NODE,     /* 1: no node but the first has ever written */
	KEY_CELL__MAX
};

/*
 * What of a first read is worth a place in the key's statement: wanted, or
 * FIRST_NONE where the read is better run by itself, or not at all.
 */
enum first_read sql_first_read(
    enum first_read wanted, const struct query *, const struct sql_root *);

/*
 * The key with this hash (64 hexadecimal digits), valid or not. One row: the
 * cells above; then for FIRST_COUNT one number, for FIRST_ROOT the cells of
 * sql_roots(), all null when there is no such row. No row: there is no such
 * key. The first read is of the company of the key, so company_id of the root
 * is not looked at. For FIRST_NONE neither query nor root is.
 */
struct statement sql_key(struct arena *, struct str hash, enum version_read,
    enum first_read, const struct query *, const struct sql_root *);

#endif
