/*
 * `connector list`, `connector show`: connectors of all companies. Opens no
 * secret.
 */
#include <config.h>

#include "base/mask.h"
#include "ctl/listing.h"
#include "ctl/show.h"

static const struct list_column columns[] = {
	{ "id", NULL, LIST_INT, LIST_ALWAYS },
	{ "company_id", "company", LIST_INT, LIST_ALWAYS },
	{ "name", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "authentication_implementation_id", "implementation", LIST_INT,
	    LIST_ALWAYS },
	{ "canonical_key", NULL, LIST_TEXT, LIST_IN_JSON },
	{ "last_test", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "tested_at", "tested", LIST_TIME, LIST_ALWAYS },
};

static const struct listing listing = {
	.columns = columns,
	.n_columns = N_ELEMENTS(columns),
	.select = "SELECT c.id, c.company_id, c.name, "
		  "c.authentication_implementation_id, c.canonical_key, "
		  "IF(t.ok, 'passed', t.reason), t.updated_at "
		  "FROM connectors c LEFT JOIN connector_tests t ON t.id = "
		  "(SELECT MAX(id) FROM connector_tests "
		  "WHERE connector_id = c.id AND ok IS NOT NULL) "
		  "WHERE c.id > ?",
	.order = "c.id",
	.filters = {
	    { "company", " AND c.company_id = ?", EXISTS_COMPANY, "company" },
	    { "implementation",
		" AND c.authentication_implementation_id = ?",
		"SELECT 1 FROM authentication_implementations WHERE id = ?",
		"implementation" },
	},
};

enum error
connector_list_command(struct ctl *ctl, struct problem *reterr)
{
	return listing_print(ctl, &listing, reterr);
}

static const struct list_column shown_columns[] = {
	{ "id", NULL, LIST_INT, LIST_ALWAYS },
	{ "name", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "company_id", NULL, LIST_INT, LIST_ALWAYS },
	{ "company", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "canonical_key", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "system_id", NULL, LIST_INT, LIST_ALWAYS },
	{ "system", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "authentication_implementation_id", "implementation", LIST_INT,
	    LIST_ALWAYS },
	{ "authentication_type", "type", LIST_TEXT, LIST_ALWAYS },
	{ "timezone", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "certificate_id", "certificate", LIST_INT, LIST_ALWAYS },
	{ "certificate_expires_at", "its expiry", LIST_TIME, LIST_ALWAYS },
	{ "connection_pool_id", "connection pool", LIST_INT, LIST_ALWAYS },
	{ "platform_app_id", "platform app", LIST_INT, LIST_ALWAYS },
	{ "version", NULL, LIST_INT, LIST_ALWAYS },
	{ "created_at", "created", LIST_TIME, LIST_ALWAYS },
	{ "updated_at", "updated", LIST_TIME, LIST_ALWAYS },
};

#define SELECT_ONE                                                           \
	"SELECT c.id, c.name, c.company_id, o.name, c.canonical_key, s.id, " \
	"s.name, i.id, t.`key`, c.timezone, c.certificate_id, "              \
	"e.expires_at, c.connection_pool_id, c.platform_app_id, c.version, " \
	"c.created_at, c.updated_at FROM connectors c "                      \
	"JOIN companies o ON o.id = c.company_id "                           \
	"JOIN authentication_implementations i "                             \
	"ON i.id = c.authentication_implementation_id "                      \
	"JOIN systems s ON s.id = i.system_id JOIN authentication_types t "  \
	"ON t.id = i.authentication_type_id "                                \
	"LEFT JOIN certificates e ON e.id = c.certificate_id WHERE c.id = ?"

/* The connector's own variables, then defaults of its implementation that it
 * has none for. */
static const struct list_column variable_columns[] = {
	{ "key", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "label", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "value", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "secret", NULL, LIST_BOOL, LIST_ALWAYS },
	{ "required", NULL, LIST_BOOL, LIST_ALWAYS },
	{ "from", NULL, LIST_TEXT, LIST_ALWAYS },
};

#define VARIABLE_CELLS                                                        \
	"v.`key`, v.label, IF(v.value_sealed IS NULL, v.value, '" SECRET_MASK \
	"'), v.secret, m.required"
#define SELECT_VARIABLES                                                 \
	"SELECT " VARIABLE_CELLS ", 'connector' FROM model_variables m " \
	"JOIN variables v ON v.id = m.variable_id "                      \
	"WHERE m.model_type = 'connector' AND m.model_id = ? "           \
	"UNION ALL SELECT " VARIABLE_CELLS ", 'implementation' "         \
	"FROM connectors c JOIN model_variables m "                      \
	"ON m.model_type = 'authentication_implementation' "             \
	"AND m.model_id = c.authentication_implementation_id "           \
	"JOIN variables v ON v.id = m.variable_id WHERE c.id = ? "       \
	"AND NOT EXISTS (SELECT 1 FROM model_variables own "             \
	"JOIN variables w ON w.id = own.variable_id "                    \
	"WHERE own.model_type = 'connector' AND own.model_id = c.id "    \
	"AND w.`key` = v.`key` "                                         \
	"AND (w.value IS NOT NULL OR w.value_sealed IS NOT NULL)) "      \
	"ORDER BY 6, 1"

static const struct list_column test_columns[] = {
	{ "updated_at", "tested", LIST_TIME, LIST_ALWAYS },
	{ "ok", "passed", LIST_BOOL, LIST_ALWAYS },
	{ "stage", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "reason", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "duration_ms", "ms", LIST_INT, LIST_ALWAYS },
	{ "detail", NULL, LIST_TEXT, LIST_ALWAYS },
};

#define SELECT_TESTS                                                 \
	"SELECT updated_at, ok, stage, reason, duration_ms, detail " \
	"FROM connector_tests WHERE connector_id = ? AND ok IS NOT " \
	"NULL ORDER BY id DESC LIMIT 5"

/* What belongs to a connector; the statement takes its id. */
static enum error
show_part(struct show *show, const char *name,
    const struct list_column *part_columns, size_t n,
    const struct statement *statement, struct problem *reterr)
{
	struct ctl *ctl = show->ctl;
	struct rows rows = { 0 };

	TRY(db_run(ctl->db, ctl->arena, statement, &rows, reterr));
	show_rows(show, name, part_columns, n, rows.cells, rows.count);
	return OK;
}

static enum error
show_parts(struct show *show, int64_t id, struct problem *reterr)
{
	const struct value value = value_int(id);

	TRY(show_part(show, "variables", variable_columns,
	    N_ELEMENTS(variable_columns),
	    STATEMENT(SELECT_VARIABLES, value, value), reterr));
	return show_part(show, "tests", test_columns, N_ELEMENTS(test_columns),
	    STATEMENT(SELECT_TESTS, value), reterr);
}

enum error
connector_show_command(struct ctl *ctl, struct problem *reterr)
{
	struct rows one = { 0 };
	struct show show;
	int64_t id;

	TRY(show_find(ctl, SELECT_ONE, "connector", &id, &one, reterr));
	show_open(&show, ctl);
	show_fields(&show, shown_columns, N_ELEMENTS(shown_columns),
	    rows_cell(&one, 0, 0));
	return show_close(&show, show_parts(&show, id, reterr), reterr);
}
