/*
 * The statement that finds an API key, alone or with a first read.
 *
 * Key, versions of the data and first read are one statement, that is one
 * snapshot of the database: an answer made from them is that of just these
 * versions. What later statements read may be newer, never older; then the
 * versions went up too, and an answer that was kept is not given again.
 */
#include <config.h>

#include "engine/sql_key.h"

#include "engine/sql_parts.h"

/* In the order of enum key_cell. */
#define KEY_COLUMNS                                                \
	"k.id, k.company_id, k.user_id, k.can_read, k.can_write, " \
	"k.can_test, "                                             \
	"k.last_used_at > UTC_TIMESTAMP(6) - INTERVAL 1 "          \
	"MINUTE, " SQL_VERSION_OF("k.company_id") ", " SQL_COMMON_VERSION
#define KEY_TABLE " FROM api_keys k"
#define KEY_VALID                                         \
	" WHERE k.key_hash = ? AND k.revoked_at IS NULL " \
	"AND (k.expires_at IS NULL OR k.expires_at > UTC_TIMESTAMP(6))"

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

/* Joined from the left: the key is found whether the root is or not. */
static void
put_root(
    struct writer *w, const struct query *query, const struct sql_root *root)
{
	put_select_list(w, "t", query->resource);
	put_aggregates(w, query);
	put(w, KEY_TABLE " LEFT JOIN ");
	put_name(w, query->resource->name);
	put(w, " t ON ");
	put_condition(w, query, root);
	put_lookups(w, "t", query->resource);
}

static struct statement
key_alone(struct arena *arena, struct str hash)
{
	static const struct str text =
	    STR_CONST("SELECT " KEY_COLUMNS KEY_TABLE KEY_VALID);
	struct value *param = ARENA_NEW(arena, struct value, 1);

	*param = value_text(hash);
	return (struct statement){ text, param, 1 };
}

struct statement
sql_key(struct arena *arena, struct str hash, enum first_read first,
    const struct query *query, const struct sql_root *root)
{
	struct writer w;

	if (first == FIRST_NONE)
		return key_alone(arena, hash);
	w = writer_open(arena, 0);
	w.company_column = "k.company_id";
	put(&w, "SELECT " KEY_COLUMNS ", ");
	if (first == FIRST_COUNT) {
		put_count(&w, query, root);
		put(&w, KEY_TABLE);
	} else {
		put_root(&w, query, root);
	}
	put(&w, KEY_VALID);
	put_param(&w, value_text(hash));
	return writer_close(&w);
}
