/*
 * API keys: look-up by SHA-256, abilities. The key itself is never stored and
 * never logged.
 */
#include <config.h>

#include "api/authenticate.h"

#include "db/db.h"
#include "secret/secret.h"

#define KEY_PREFIX "cak_"
#define KEY_MIN    40  /* characters behind the prefix */
#define KEY_MAX    200 /* longer ones are not looked up */

/* The version of a company's data, or of everybody's (0): the sum over the
 * nodes of a cluster. It only ever goes up. */
#define VERSION_OF(company)                                            \
	"(SELECT CAST(SUM(v.version) AS SIGNED) FROM data_versions v " \
	"WHERE v.company_id = " company ")"
/* With the versions of what the key may see, so that a kept answer costs one
 * statement. */
#define KEY_COLUMNS                                                           \
	"k.id, k.company_id, k.user_id, k.can_read, k.can_write, "            \
	"k.can_test, "                                                        \
	"k.last_used_at > UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, " VERSION_OF( \
	    "k.company_id") ", " VERSION_OF("0")
#define KEY_WIDTH  9
#define KEY_TABLES " FROM api_keys k"
#define KEY_VALID                                         \
	" WHERE k.key_hash = ? AND k.revoked_at IS NULL " \
	"AND (k.expires_at IS NULL OR k.expires_at > UTC_TIMESTAMP(6))"

static const struct str find_key =
    STR_CONST("SELECT " KEY_COLUMNS KEY_TABLES KEY_VALID);

static bool
is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static bool
is_key(struct str text)
{
	if (!str_starts_with(text, STR(KEY_PREFIX)))
		return false;
	text = str_from(text, sizeof(KEY_PREFIX) - 1);
	if (text.len < KEY_MIN || text.len > KEY_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!is_alphanumeric(text.ptr[i]))
			return false;
	return true;
}

struct str
principal_key(struct str authorization)
{
	static const struct str scheme = STR_CONST("Bearer ");
	struct str head = authorization;

	if (head.len <= scheme.len)
		return authorization;
	head.len = scheme.len;
	if (!str_equal_nocase(head, scheme))
		return authorization;
	return str_trim_start(str_from(authorization, scheme.len), " ");
}

static struct principal
read_principal(const struct rows *rows)
{
	const struct value *cells = rows->cells;

	return (struct principal){
		.key_id = cells[0].integer,
		.company_id = cells[1].integer,
		.user_id = cells[2].integer,
		.abilities = (cells[3].integer ? ABILITY_READ : 0) |
			     (cells[4].integer ? ABILITY_WRITE : 0) |
			     (cells[5].integer ? ABILITY_TEST : 0),
		/* NULL: it was never used. */
		.unnoted = cells[6].integer == 0,
		.version = { .company_id = cells[1].integer,
		    .company = cells[7].integer,
		    .common = cells[8].integer },
	};
}

enum error
principal_caller(
    struct arena *arena, struct str authorization, struct sql_caller *ret)
{
	struct str key = principal_key(authorization);

	if (!is_key(key))
		return ERROR_UNAUTHENTICATED;
	*ret = (struct sql_caller){ .columns = KEY_COLUMNS,
		.tables = KEY_TABLES,
		.valid = KEY_VALID,
		.param = value_text(secret_sha256_hex(arena, key)),
		.company = "k.company_id" };
	return OK;
}

/* What is behind the caller's columns of the one row. */
static struct rows
behind_key(const struct rows *rows)
{
	return (struct rows){ .count = rows->count,
		.width = rows->width - KEY_WIDTH,
		.cells = rows->cells + KEY_WIDTH };
}

static enum error
find(struct arena *arena, struct db *db, const struct statement *statement,
    struct principal *ret, struct rows *ret_rows, struct problem *reterr)
{
	TRY(db_run(db, arena, statement, ret_rows, reterr));
	if (ret_rows->count == 0)
		return ERROR_UNAUTHENTICATED;
	*ret = read_principal(ret_rows);
	return OK;
}

enum error
principal_find(struct arena *arena, struct db *db,
    const struct sql_caller *caller, const struct statement *along,
    struct principal *ret, struct rows *ret_along, struct problem *reterr)
{
	const struct statement alone = { find_key, &caller->param, 1 };
	struct rows rows;
	enum error error;

	*ret_along = (struct rows){ 0 };
	if (along == NULL)
		return find(arena, db, &alone, ret, &rows, reterr);
	error = find(arena, db, along, ret, &rows, reterr);
	if (error == OK)
		*ret_along = behind_key(&rows);
	else if (db_was_ended(db))
		TRY(find(arena, db, &alone, ret, &rows, reterr));
	return error;
}

enum error
principal_require(const struct principal *principal, enum ability ability)
{
	if ((principal->abilities & (unsigned)ability) == 0)
		return ERROR_FORBIDDEN;
	return OK;
}
