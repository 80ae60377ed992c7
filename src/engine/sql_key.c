/*
 * The statement that finds an API key, alone or with a first read, or several.
 *
 * Key, versions of the data and first read are one statement, that is one
 * snapshot of the database: an answer made from them is that of just these
 * versions. What later statements read may be newer, never older; then the
 * versions went up too, and an answer that was kept is not given again.
 */
#include <config.h>

#include "engine/sql_key.h"

#include "engine/sql_parts.h"
#include "engine/sql_text.h"

/*
 * In the order of enum key_cell. Whether a key is valid is told and not asked
 * for: so the one condition is the hash, and the server finds the row before it
 * plans, which saves it an eighth of its work.
 */
#define KEY_COLUMNS                                                \
	"k.id, k.company_id, k.user_id, k.can_read, k.can_write, " \
	"k.can_test, "                                             \
	"k.last_used_at > UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, "  \
	"k.revoked_at IS NULL AND (k.expires_at IS NULL OR "       \
	"k.expires_at > UTC_TIMESTAMP(6)), "

/* A row for each node of a company, found by its whole key. */
#define OF_NODE_1(alias, company)                      \
	" LEFT JOIN data_versions " alias " ON " alias \
	".company_id = " company " AND " alias ".node = 1"

#define NODE_1_COLUMNS "own.version, common.version, common.one_node"
#define NODE_1_TABLES  OF_NODE_1("own", "k.company_id") OF_NODE_1("common", "0")

#define SUM_COLUMNS SQL_VERSION_OF("k.company_id") "," SQL_COMMON_VERSION ",0"
#define SUM_TABLES  ""
#define KEY_TABLE   " FROM api_keys k"
#define KEY_IS      " WHERE k.key_hash = ?"
#define KEY_ALONE(columns, tables) \
	STR_CONST("SELECT " KEY_COLUMNS columns KEY_TABLE tables KEY_IS)

static const struct {
	const char *columns, *tables; /* the latter to be joined */
	struct str alone;             /* the whole statement */
} versions[] = {
	[VERSION_OF_NODE_1] = { NODE_1_COLUMNS, NODE_1_TABLES,
	    KEY_ALONE(NODE_1_COLUMNS, NODE_1_TABLES) },
	[VERSION_SUM] = { SUM_COLUMNS, SUM_TABLES,
	    KEY_ALONE(SUM_COLUMNS, SUM_TABLES) },
};

/* With filters the server chooses better indexes for a company that is bound
 * than for one that is joined. */
enum first_read
sql_first_read(enum first_read wanted, const struct query *query,
    const struct sql_root *root)
{
	if (wanted == FIRST_COUNT && query_narrows(query))
		return FIRST_NONE;
	if (wanted == FIRST_ROOT && !sql_root_can_exist(query->resource, root))
		return FIRST_NONE;
	return wanted;
}

/* Added up over the nodes of a cluster it would cost a subquery. */
enum first_read
sql_first_read_at_hand(enum first_read wanted, enum version_read read,
    const struct resource *resource)
{
	return wanted == FIRST_COUNT && resource->counted &&
		       read == VERSION_OF_NODE_1
		   ? FIRST_STORED
		   : FIRST_NONE;
}

static bool
is_number(enum first_read first)
{
	return first == FIRST_COUNT || first == FIRST_STORED;
}

bool
sql_first_serves(enum first_read read, enum first_read wanted)
{
	return read == wanted || (is_number(read) && is_number(wanted));
}

/* Joined from the left: the key is found whether the root is or not. */
static void
put_root_columns(struct writer *w, const struct query *query)
{
	put(w, ", ");
	put_select_list(w, "t", query->resource);
	put_aggregates(w, query);
}

static void
put_root(
    struct writer *w, const struct query *query, const struct sql_root *root)
{
	put(w, " LEFT JOIN ");
	put_name(w, query->resource->name);
	put(w, " t ON ");
	put_condition(w, query, root);
	put_lookups(w, "t", query->resource);
}

/* The stored number is in the row of node 1, where versions are read there. */
static void
put_number(struct writer *w, enum version_read read, const struct query *query,
    const struct sql_root *root)
{
	put(w, ", ");
	if (read == VERSION_OF_NODE_1 && sql_count_is_stored(query, root)) {
		put(w, "COALESCE(own.");
		put_name(w, query->resource->name);
		put(w, ", 0)");
	} else {
		put_count(w, query, root);
	}
}

/* Of all rows of the company. */
static void
put_stored(
    struct writer *w, enum version_read read, const struct resource *resource)
{
	const struct query all = { .resource = resource };
	const struct sql_root root = { 0 };

	put_number(w, read, &all, &root);
}

static struct statement
key_alone(struct arena *arena, struct str hash, struct str text)
{
	struct value *param = ARENA_NEW(arena, struct value, 1);

	*param = value_text(hash);
	return (struct statement){ text, param, 1 };
}

struct statement
sql_key(struct arena *arena, struct str hash, enum version_read read,
    enum first_read first, const struct query *query,
    const struct sql_root *root)
{
	struct writer w;

	if (first == FIRST_NONE)
		return key_alone(arena, hash, versions[read].alone);
	w = writer_open(arena, 0);
	w.company_column = "k.company_id";
	put(&w, "SELECT " KEY_COLUMNS);
	put(&w, versions[read].columns);
	if (first == FIRST_COUNT)
		put_number(&w, read, query, root);
	else if (first == FIRST_STORED)
		put_stored(&w, read, query->resource);
	else
		put_root_columns(&w, query);
	put(&w, KEY_TABLE);
	put(&w, versions[read].tables);
	if (first == FIRST_ROOT)
		put_root(&w, query, root);
	put(&w, KEY_IS);
	put_param(&w, value_text(hash));
	return writer_close(&w);
}

bool
sql_can_share(enum first_read first, const struct query *query,
    const struct sql_root *root)
{
	if (first == FIRST_COUNT)
		return sql_count_is_stored(query, root);
	return first == FIRST_NONE || first == FIRST_STORED ||
	       (root->by_id && !query_narrows(query) &&
		   query->aggregates == NULL);
}

/* One of those asked for. Types are named, since of a parameter that is
 * selected servers guess one, with which no index helps. */
static void
put_asked(struct writer *w, size_t number, const struct sql_asked *asked)
{
	bool root = asked->first == FIRST_ROOT;

	put(w, number == 0 ? "" : " UNION ALL ");
	buf_printf(&w->text,
	    "SELECT %zu AS asked, CAST(? AS CHAR(64) CHARACTER SET ascii) "
	    "COLLATE ascii_bin AS hash, CAST(? AS SIGNED) AS id",
	    number);
	put_param(w, value_text(asked->hash));
	put_param(w, root ? value_int(asked->id) : value_null());
}

static void
put_all_asked(struct writer *w, const struct sql_asked *asked, size_t n)
{
	put(w, " FROM (");
	for (size_t i = 0; i < sql_padded(n); i++)
		put_asked(w, i, &asked[i < n ? i : n - 1]);
	put(w, ") q JOIN api_keys k ON k.key_hash = q.hash");
}

static bool
has_first(enum first_read first, const struct sql_asked *asked, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sql_first_serves(asked[i].first, first))
			return true;
	return false;
}

struct statement
sql_keys(struct arena *arena, enum version_read read,
    const struct resource *resource, const struct sql_asked *asked, size_t n)
{
	const struct query query = { .resource = resource };
	static const struct sql_root one = { .by_id = true,
		.id_column = "q.id" };
	bool with_root = has_first(FIRST_ROOT, asked, n);
	struct writer w = writer_open(arena, 0);

	w.company_column = "k.company_id";
	put(&w, "SELECT q.asked, " KEY_COLUMNS);
	put(&w, versions[read].columns);
	if (has_first(FIRST_COUNT, asked, n))
		put_stored(&w, read, resource);
	if (with_root)
		put_root_columns(&w, &query);
	put_all_asked(&w, asked, n);
	put(&w, versions[read].tables);
	if (with_root)
		put_root(&w, &query, &one);
	return writer_close(&w);
}

struct rows
sql_keys_first(const struct rows *rows, size_t row,
    const struct resource *resource, const struct sql_asked *asked, size_t n)
{
	size_t at = KEYS_CELL_KEY + KEY_CELL__MAX;
	enum first_read first =
	    asked[rows_cell(rows, row, KEYS_CELL_ASKED)->integer].first;

	if (first == FIRST_NONE)
		return (struct rows){ 0 };
	if (first == FIRST_ROOT && has_first(FIRST_COUNT, asked, n))
		at++;
	return (struct rows){ .count = 1,
		.width = first == FIRST_ROOT ? schema_n_selected(resource) : 1,
		.cells = rows->cells + row * rows->width + at };
}
