/*
 * The statement that a request begins with: it finds the API key, and may
 * bring what the request reads first, so that both cost one statement. Several
 * requests may share one. Pure.
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
	/* Of a list that may not be read at all: how many rows the company has,
	 * where that is stored. */
	FIRST_STORED,
	FIRST_ROOT, /* of a show: the row that is named */
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

/* The same where the cache may have the answer: what the statement reads beside
 * the versions anyway, so that it costs next to nothing. */
enum first_read sql_first_read_at_hand(
    enum first_read wanted, enum version_read, const struct resource *);

/*
 * The key with this hash (64 hexadecimal digits), valid or not. One row: the
 * cells above; then for FIRST_COUNT and FIRST_STORED one number, for FIRST_ROOT
 * the cells of sql_roots(), all null when there is no such row. No row: there
 * is no such key. The first read is of the company of the key, so company_id of
 * the root is not looked at. For FIRST_STORED only the query's resource is
 * looked at, for FIRST_NONE neither query nor root.
 */
struct statement sql_key(struct arena *, struct str hash, enum version_read,
    enum first_read, const struct query *, const struct sql_root *);

/* Most keys of one statement. */
#define SQL_KEYS_TOGETHER 16

/* One of several keys, and what is read with it. */
struct sql_asked {
	struct str hash;
	enum first_read first;
	int64_t id; /* of a FIRST_ROOT */
};

/* The first cells of a row of sql_keys(). */
enum keys_cell {
	KEYS_CELL_ASKED, /* whose it is: 0 is the first of those asked for */
	KEYS_CELL_KEY    /* the cells of a key from here on */
};

/*
 * Whether a first read can be shared by several keys: a stored number, or a row
 * that is named by its id. FIRST_NONE and FIRST_STORED always can.
 */
bool sql_can_share(
    enum first_read, const struct query *, const struct sql_root *);

/*
 * 1 to SQL_KEYS_TOGETHER keys in one statement, all first reads of which are of
 * one resource; NULL: there are none. Rows in any order, none for a key that
 * there is not: the cells above and those of a key, then one number if any of
 * those asked for has FIRST_COUNT or FIRST_STORED, then the root's if any has
 * FIRST_ROOT. Rows with other numbers than 0 to n - 1 mean nothing.
 */
struct statement sql_keys(struct arena *, enum version_read,
    const struct resource *, const struct sql_asked *, size_t n);

/* The first read in a row of that statement, which has one of the n keys; no
 * rows for FIRST_NONE. */
struct rows sql_keys_first(const struct rows *, size_t row,
    const struct resource *, const struct sql_asked *, size_t n);

/* Whether what was read first as the one serves as the other. */
bool sql_first_serves(enum first_read read, enum first_read wanted);

#endif
