/*
 * Implementations whose secret defaults no test can ever send, because what a
 * connector gives decides where the test goes.
 *
 * Reads the database only; opens no secret.
 */
#include <config.h>

#include "ctl/ctl.h"
#include "probe/probe.h"

#define NAMED_MAX \
	20 /* implementations that are listed; others are only counted */

/* The cells of load_implementations(), in the order of its text. */
enum cell {
	CELL_ID,
	CELL_TYPE,
	CELL_PROTOCOL,
	CELL_URL,
	CELL_TEST_URL
};

static enum error
load_implementations(struct ctl *ctl, struct rows *ret, struct problem *reterr)
{
	static const struct statement statement = {
		.text = STR_CONST(
		    "SELECT i.id, t.`key`, s.protocol, i.url, i.test_url "
		    "FROM authentication_implementations i "
		    "JOIN authentication_types t "
		    "ON t.id = i.authentication_type_id "
		    "JOIN systems s ON s.id = i.system_id WHERE i.id IN "
		    "(SELECT m.model_id FROM model_variables m "
		    "JOIN variables v ON v.id = m.variable_id "
		    "WHERE m.model_type = 'authentication_implementation' "
		    "AND v.value_sealed IS NOT NULL) ORDER BY i.id"),
	};

	return db_run(ctl->db, ctl->arena, &statement, ret, reterr);
}

/* The defaults that have a value. That of a secret is not needed. */
static enum error
load_defaults(struct ctl *ctl, const struct value *id,
    struct probe_target *target, struct problem *reterr)
{
	const struct statement *statement =
	    STATEMENT("SELECT v.`key`, COALESCE(v.value, ''), "
		      "v.value_sealed IS NOT NULL FROM model_variables m "
		      "JOIN variables v ON v.id = m.variable_id "
		      "WHERE m.model_type = 'authentication_implementation' "
		      "AND m.model_id = ? "
		      "AND (v.value IS NOT NULL OR v.value_sealed IS NOT NULL)",
		*id);
	struct probe_variable *variables;
	struct rows rows = { 0 };

	TRY(db_run(ctl->db, ctl->arena, statement, &rows, reterr));
	variables = ARENA_NEW(ctl->arena, struct probe_variable, rows.count);
	for (size_t i = 0; i < rows.count; i++)
		variables[i] =
		    (struct probe_variable){ .key =
						 rows_cell(&rows, i, 0)->text,
			    .value = rows_cell(&rows, i, 1)->text,
			    .secret = rows_cell(&rows, i, 2)->integer != 0,
			    .is_default = true };
	target->variables = variables;
	target->n_variables = rows.count;
	return OK;
}

enum error
defaults_find_unsent(
    struct ctl *ctl, struct str *ids, size_t *ret, struct problem *reterr)
{
	struct rows rows = { 0 };

	*ids = STR("");
	*ret = 0;
	TRY(load_implementations(ctl, &rows, reterr));
	for (size_t i = 0; i < rows.count; i++) {
		const struct value *id = rows_cell(&rows, i, CELL_ID);
		struct probe_target target = {
			.type = rows_cell(&rows, i, CELL_TYPE)->text,
			.protocol = rows_cell(&rows, i, CELL_PROTOCOL)->text,
			.url = rows_cell(&rows, i, CELL_URL)->text,
			.test_url = rows_cell(&rows, i, CELL_TEST_URL)->text
		};

		TRY(load_defaults(ctl, id, &target, reterr));
		if (probe_sends_defaults(ctl->arena, &target))
			continue;
		if ((*ret)++ < NAMED_MAX)
			*ids = arena_printf(ctl->arena, "%.*s%s%lld",
			    STR_FMT(*ids), ids->len > 0 ? ", " : "",
			    (long long)id->integer);
	}
	return OK;
}

enum error
defaults_warn(struct ctl *ctl, struct problem *reterr)
{
	struct str ids;
	size_t n;

	TRY(defaults_find_unsent(ctl, &ids, &n, reterr));
	if (n > 0)
		ctl_warn(
		    "%zu authentication "
		    "implementation%s secret defaults that are never sent, "
		    "because connectors say where tests go: %.*s%s",
		    n, n == 1 ? " has" : "s have", STR_FMT(ids),
		    n > NAMED_MAX ? ", ..." : "");
	return OK;
}
