/*
 * `system list`, `implementation list`, `implementation show`: what there is to
 * connect to, and what a connector must give for it. Opens no secret.
 */
#include <config.h>

#include "base/mask.h"
#include "ctl/listing.h"
#include "ctl/show.h"
#include "probe/needs.h"
#include "probe/template.h"

#define NEEDS_ROWS_MAX 1000

static const struct list_column system_columns[] = {
	{ "id", NULL, LIST_INT, LIST_ALWAYS },
	{ "name", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "version_name", "version", LIST_TEXT, LIST_ALWAYS },
	{ "protocol", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "company_id", "only of", LIST_INT, LIST_ALWAYS },
	{ "implementations", NULL, LIST_INT, LIST_ALWAYS },
	{ "label", NULL, LIST_TEXT, LIST_ALWAYS },
};

static const struct listing systems = {
	.columns = system_columns,
	.n_columns = N_ELEMENTS(system_columns),
	.select = "SELECT s.id, s.name, s.version_name, s.protocol, "
		  "s.company_id, (SELECT COUNT(*) FROM "
		  "authentication_implementations WHERE system_id = s.id), "
		  "s.label FROM systems s WHERE s.id > ?",
	.order = "s.id",
	/* Those that the company may use. */
	.filters = { { "company",
	    " AND (s.company_id = ? OR s.company_id IS NULL)", EXISTS_COMPANY,
	    "company" } },
};

static const struct list_column implementation_columns[] = {
	{ "id", NULL, LIST_INT, LIST_ALWAYS },
	{ "system_id", NULL, LIST_INT, LIST_IN_JSON },
	{ "system", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "name", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "type", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "url", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "test_url", NULL, LIST_TEXT, LIST_IN_JSON },
	{ "connectors", NULL, LIST_INT, LIST_ALWAYS },
};

static const struct listing implementations = {
	.columns = implementation_columns,
	.n_columns = N_ELEMENTS(implementation_columns),
	.select = "SELECT i.id, i.system_id, s.name, i.name, t.`key`, i.url, "
		  "i.test_url, (SELECT COUNT(*) FROM connectors c "
		  "WHERE c.authentication_implementation_id = i.id) "
		  "FROM authentication_implementations i "
		  "JOIN systems s ON s.id = i.system_id "
		  "JOIN authentication_types t "
		  "ON t.id = i.authentication_type_id WHERE i.id > ?",
	.order = "i.id",
	.filters = { { "system", " AND i.system_id = ?", EXISTS_SYSTEM,
	    "system" } },
};

enum error
system_list_command(struct ctl *ctl, struct problem *reterr)
{
	return listing_print(ctl, &systems, reterr);
}

enum error
implementation_list_command(struct ctl *ctl, struct problem *reterr)
{
	return listing_print(ctl, &implementations, reterr);
}

/* The cells of SELECT_ONE, in its order. */
enum cell {
	CELL_TYPE = 6,
	CELL_HTTP_METHOD,
	CELL_URL,
	CELL_HEADERS,
	CELL_QUERY,
	CELL_BODY,
	CELL_BODY_FORMAT,
	CELL_TEST_URL
};

static const struct list_column shown_columns[] = {
	{ "id", NULL, LIST_INT, LIST_ALWAYS },
	{ "name", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "system_id", NULL, LIST_INT, LIST_ALWAYS },
	{ "system", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "company_id", "only of company", LIST_INT, LIST_ALWAYS },
	{ "protocol", NULL, LIST_TEXT, LIST_ALWAYS },
	[CELL_TYPE] = { "type", NULL, LIST_TEXT, LIST_ALWAYS },
	[CELL_HTTP_METHOD] = { "http_method", NULL, LIST_TEXT, LIST_ALWAYS },
	[CELL_URL] = { "url", NULL, LIST_TEXT, LIST_ALWAYS },
	[CELL_HEADERS] = { "headers", NULL, LIST_JSON, LIST_ALWAYS },
	[CELL_QUERY] = { "query", NULL, LIST_JSON, LIST_ALWAYS },
	[CELL_BODY] = { "body", NULL, LIST_TEXT, LIST_ALWAYS },
	[CELL_BODY_FORMAT] = { "body_format", NULL, LIST_TEXT, LIST_ALWAYS },
	[CELL_TEST_URL] = { "test_url", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "expected_status", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "token_path", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "connectors", NULL, LIST_INT, LIST_ALWAYS },
};

#define SELECT_ONE                                                          \
	"SELECT i.id, i.name, i.system_id, s.name, s.company_id, "          \
	"s.protocol, t.`key`, i.http_method, i.url, i.headers, i.query, "   \
	"i.body, i.body_format, i.test_url, i.expected_status, "            \
	"i.token_path, (SELECT COUNT(*) FROM connectors c "                 \
	"WHERE c.authentication_implementation_id = i.id) "                 \
	"FROM authentication_implementations i "                            \
	"JOIN systems s ON s.id = i.system_id JOIN authentication_types t " \
	"ON t.id = i.authentication_type_id WHERE i.id = ?"

/* What a connector is asked for. The first columns are those of SELECT_LISTED.
 */
static const struct list_column needs_columns[] = {
	{ "key", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "label", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "required", NULL, LIST_BOOL, LIST_ALWAYS },
	{ "secret", NULL, LIST_BOOL, LIST_ALWAYS },
	{ "default", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "asked_by", NULL, LIST_TEXT, LIST_ALWAYS },
};
#define N_NEEDS N_ELEMENTS(needs_columns)

#define SELECT_LISTED                                              \
	"SELECT v.`key`, v.label, m.required, v.secret, "          \
	"IF(v.value_sealed IS NULL, v.value, '" SECRET_MASK "'), " \
	"'catalogue' FROM model_variables m "                      \
	"JOIN variables v ON v.id = m.variable_id "                \
	"WHERE m.model_type = 'authentication_implementation' "    \
	"AND m.model_id = ? ORDER BY m.id"

/* The table of needs being made. */
struct needs {
	struct value *cells;
	size_t n;
};

static bool
is_listed(const struct needs *needs, struct str key)
{
	for (size_t i = 0; i < needs->n; i++)
		if (str_equal(needs->cells[i * N_NEEDS].text, key))
			return true;
	return false;
}

static void
add_need(struct needs *needs, struct str key, const struct need *need,
    const char *asked_by)
{
	struct value *cells = needs->cells + needs->n * N_NEEDS;

	if (needs->n == NEEDS_ROWS_MAX || is_listed(needs, key))
		return;
	needs->n++;
	cells[0] = value_text(key);
	cells[1] =
	    need == NULL ? value_null() : value_text(str_of(need->label));
	cells[2] = value_int(need == NULL || need->required);
	cells[3] = need == NULL ? value_null() : value_int(need->secret);
	cells[4] = need == NULL || need->fallback == NULL
		       ? value_null()
		       : value_text(str_of(need->fallback));
	cells[5] = value_text(str_of(asked_by));
}

/* What the catalogue lists, what the type asks for besides, and what templates
 * refer to though nobody lists it. */
static void
collect_needs(struct arena *arena, const struct value *cells,
    const struct rows *listed, struct needs *ret)
{
	const struct probe_target target = { .type = cells[CELL_TYPE].text,
		.url = cells[CELL_URL].text,
		.test_url = cells[CELL_TEST_URL].text,
		.headers = cells[CELL_HEADERS].text,
		.query = cells[CELL_QUERY].text,
		.body = cells[CELL_BODY].text };
	const struct str templates[] = { target.url, target.test_url,
		target.headers, target.query, target.body };
	struct need needs[NEEDS_MAX];
	size_t n = needs_of(arena, &target, needs);
	struct str text, key;

	ret->cells = ARENA_NEW(arena, struct value, NEEDS_ROWS_MAX * N_NEEDS);
	for (; ret->n < listed->count && ret->n < NEEDS_ROWS_MAX; ret->n++)
		for (size_t k = 0; k < N_NEEDS; k++)
			ret->cells[ret->n * N_NEEDS + k] =
			    *rows_cell(listed, ret->n, k);
	for (size_t i = 0; i < n; i++)
		add_need(ret, str_of(needs[i].key), &needs[i], "type");
	for (size_t i = 0; i < N_ELEMENTS(templates); i++) {
		text = templates[i];
		while (template_next_key(&text, &key))
			add_need(ret, key, NULL, "template");
	}
}

enum error
implementation_show_command(struct ctl *ctl, struct problem *reterr)
{
	struct rows one = { 0 }, listed = { 0 };
	struct needs needs = { 0 };
	struct show show;
	int64_t id;

	TRY(show_find(ctl, SELECT_ONE, "implementation", &id, &one, reterr));
	TRY(db_run(ctl->db, ctl->arena, STATEMENT(SELECT_LISTED, value_int(id)),
	    &listed, reterr));
	collect_needs(ctl->arena, rows_cell(&one, 0, 0), &listed, &needs);
	show_open(&show, ctl);
	show_fields(&show, shown_columns, N_ELEMENTS(shown_columns),
	    rows_cell(&one, 0, 0));
	show_rows(&show, "needs", needs_columns, N_NEEDS, needs.cells, needs.n);
	return show_close(&show, OK, reterr);
}
