/*
 * `audit`: the audit trail, oldest first, one line an event.
 */
#include <config.h>

#include "base/buf.h"
#include "ctl/ctl.h"
#include "ctl/when.h"

#define PAGE        1000
#define ARENA_CHUNK (256 * 1024)
#define TEXT_MAX    4096
#define MAX_PARAMS  4

/* What is asked for, as conditions of a statement. */
struct question {
	struct buf where;
	struct value params[MAX_PARAMS]; /* the first: the last id seen */
	size_t n_params;
};

enum cell {
	CELL_ID,
	CELL_TIME,
	CELL_ACTION,
	CELL_COMPANY,
	CELL_CONNECTOR,
	CELL_NAME,
	CELL_KEY,
	CELL_USER,
	CELL_CHANGED,
	CELL_REQUEST,
	CELL__MAX
};

static void
add_condition(struct question *q, const char *text, struct value value)
{
	buf_add_text(&q->where, text);
	q->params[q->n_params++] = value;
}

static enum error
add_id(struct ctl *ctl, struct question *q, const char *option,
    const char *condition, struct problem *reterr)
{
	const char *text = ctl_option(ctl, option);
	int64_t id;

	if (text == NULL)
		return OK;
	TRY(ctl_id(
	    text, arena_printf(ctl->arena, "--%s", option).ptr, &id, reterr));
	add_condition(q, condition, value_int(id));
	return OK;
}

static enum error
read_question(struct ctl *ctl, struct question *q, struct problem *reterr)
{
	const char *since = ctl_option(ctl, "since");
	char when[WHEN_SIZE];

	add_condition(q, "id > ?", value_int(0));
	TRY(add_id(ctl, q, "connector", " AND connector_id = ?", reterr));
	TRY(add_id(ctl, q, "company", " AND company_id = ?", reterr));
	if (since == NULL)
		return OK;
	if (!when_parse_date(str_of(since), when))
		return ctl_usage(reterr,
		    "--since: \"%s\" is no date such as 2024-01-31 or "
		    "2024-01-31T12:00:00Z",
		    since);
	add_condition(q, " AND created_at >= ?",
	    value_text(arena_copy(ctl->arena, str_of(when))));
	return OK;
}

/* Names are people's text: no control character reaches the terminal. */
static void
print_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];

		ctl_print("%c", (unsigned char)c < ' ' || c == 0x7F ? ' ' : c);
	}
}

static void
print_cell(size_t column, const struct value *value)
{
	char when[WHEN_SIZE];

	if (value->type == VALUE_NULL)
		ctl_print("-");
	else if (value->type == VALUE_INT)
		ctl_print("%lld", (long long)value->integer);
	else if (column == CELL_TIME && when_format(value->text, when))
		ctl_print("%s", when);
	else
		print_text(value->text);
}

static void
print_event(const struct value *row)
{
	for (size_t i = CELL_TIME; i < CELL__MAX; i++) {
		if (i > CELL_TIME)
			ctl_print("\t");
		print_cell(i, &row[i]);
	}
	ctl_print("\n");
}

static enum error
print_pages(struct ctl *ctl, struct question *q, struct arena *arena,
    struct problem *reterr)
{
	const struct str text = arena_printf(ctl->arena,
	    "SELECT id, created_at, action, company_id, connector_id, "
	    "connector_name, api_key_id, user_id, changed, request_id "
	    "FROM audit_events WHERE %.*s ORDER BY id LIMIT %d",
	    STR_FMT(buf_str(&q->where)), PAGE);
	struct rows rows = { 0 };

	do {
		arena_reset(arena);
		TRY(db_run(ctl->db, arena,
		    &(struct statement){ text, q->params, q->n_params }, &rows,
		    reterr));
		for (size_t i = 0; i < rows.count; i++)
			print_event(rows_cell(&rows, i, 0));
		if (rows.count > 0)
			q->params[0] =
			    *rows_cell(&rows, rows.count - 1, CELL_ID);
	} while (rows.count == PAGE);
	return OK;
}

static enum error
print_answer(struct ctl *ctl, struct question *q, struct problem *reterr)
{
	struct arena *arena;
	enum error error;

	TRY(read_question(ctl, q, reterr));
	TRY(ctl_database(ctl, reterr));
	ctl_print("TIME\tACTION\tCOMPANY\tCONNECTOR\tNAME\tKEY\tUSER\t"
		  "CHANGED\tREQUEST\n");
	arena = arena_new(ARENA_CHUNK);
	error = print_pages(ctl, q, arena, reterr);
	arena_free(arena);
	return error;
}

enum error
audit_command(struct ctl *ctl, struct problem *reterr)
{
	struct question q = { 0 };
	enum error error;

	buf_init(&q.where, TEXT_MAX);
	error = print_answer(ctl, &q, reterr);
	buf_done(&q.where);
	return error;
}
