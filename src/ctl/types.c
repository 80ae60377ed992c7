/*
 * The authentication types as rows: they come with the program, not with a
 * catalogue, for each is a function of the test of a connector.
 */
#include <config.h>

#include "ctl/ctl.h"
#include "probe/auth.h"

/* Whether a row of ids and keys has that; NULL and 0: any. */
static bool
has(const struct rows *rows, int64_t id, const char *key)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows_cell(rows, i, 0)->integer == id ||
		    (key != NULL &&
			str_equal_text(rows_cell(rows, i, 1)->text, key)))
			return true;
	return false;
}

/* The id is the place in the table of types, where it is free: catalogues can
 * name it. */
static enum error
add(struct ctl *ctl, const struct auth_type *type, struct value id,
    struct problem *reterr)
{
	const struct value time = value_text(STR(TYPES_TIME));

	return db_run(ctl->db, ctl->arena,
	    STATEMENT("INSERT INTO authentication_types "
		      "(id, `key`, name, created_at, updated_at) "
		      "VALUES (?, ?, ?, ?, ?)",
		id, value_text(str_of(type->key)),
		value_text(str_of(type->name)), time, time),
	    NULL, reterr);
}

/* Adds the missing types whose own id is free (is_free) or is not. */
static enum error
add_those(struct ctl *ctl, const struct rows *there, bool is_free,
    size_t *added, struct problem *reterr)
{
	const struct auth_type *type;

	for (int64_t i = 0; (type = auth_row((size_t)i)) != NULL; i++) {
		if (has(there, 0, type->key) ||
		    has(there, i + 1, NULL) == is_free)
			continue;
		TRY(add(ctl, type, is_free ? value_int(i + 1) : value_null(),
		    reterr));
		(*added)++;
	}
	return OK;
}

/* No answer changes: nothing can refer to a row that was not there. An id that
 * the server chooses may be another type's own, so those come last. */
static enum error
add_missing(struct ctl *ctl, size_t *ret, struct problem *reterr)
{
	struct rows rows = { 0 };
	enum error error;

	*ret = 0;
	error = db_run(ctl->db, ctl->arena,
	    &(struct statement){
		.text = STR("SELECT id, `key` FROM authentication_types") },
	    &rows, reterr);
	if (error != OK && db_errno(ctl->db) == DB_NO_SUCH_TABLE)
		return OK;
	TRY(error);
	TRY(add_those(ctl, &rows, true, ret, reterr));
	return add_those(ctl, &rows, false, ret, reterr);
}

enum error
types_provide(struct ctl *ctl, size_t *ret, struct problem *reterr)
{
	TRY(db_begin(ctl->db, reterr));
	return ctl_end(ctl, add_missing(ctl, ret, reterr), reterr);
}
