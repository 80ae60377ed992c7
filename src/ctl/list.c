/*
 * Lists. Knows no command and no table of the database.
 */
#include <config.h>

#include "ctl/list.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "ctl/when.h"

#define ARENA_CHUNK (256 * 1024)
#define ROW_MAX     (8u << 20) /* bytes of a row in JSON */
#define SECOND      19         /* bytes of a time up to its seconds */
#define SPACE       2          /* blanks between columns */

/* Bytes of the control character that begins p, in UTF-8; 0: none does.
 * Terminals obey those from U+0080 to U+009F, too. */
static size_t
control_length(const char *p, size_t len)
{
	const unsigned char c = (unsigned char)p[0];

	if (c < ' ' || c == 0x7F)
		return 1;
	if (c == 0xC2 && len > 1 && (unsigned char)p[1] >= 0x80 &&
	    (unsigned char)p[1] < 0xA0)
		return 2;
	return 0;
}

struct str
list_clean(struct arena *arena, struct str text)
{
	char *copy = arena_alloc(arena, text.len + 1);
	size_t n = 0, i = 0, control;

	while (i < text.len) {
		control = control_length(text.ptr + i, text.len - i);
		copy[n++] = control > 0 ? ' ' : text.ptr[i];
		i += control > 0 ? control : 1;
	}
	copy[n] = '\0';
	return (struct str){ copy, n };
}

struct str
list_cell(struct arena *arena, const struct list_column *column,
    const struct value *value, bool is_short)
{
	char when[WHEN_SIZE];

	if (value->type == VALUE_NULL)
		return STR("-");
	if (column->kind == LIST_BOOL)
		return value->integer != 0 ? STR("yes") : STR("no");
	if (value->type == VALUE_INT)
		return arena_printf(arena, "%lld", (long long)value->integer);
	if (column->kind != LIST_TIME || !when_format(value->text, when))
		return list_clean(arena, value->text);
	if (is_short)
		return arena_printf(arena, "%.*sZ", SECOND, when);
	return arena_copy(arena, str_of(when));
}

static void
add_value(struct buf *b, enum list_kind kind, const struct value *value)
{
	char when[WHEN_SIZE];

	if (value->type == VALUE_NULL)
		json_null(b);
	else if (kind == LIST_BOOL)
		json_bool(b, value->integer != 0);
	else if (value->type == VALUE_INT)
		json_int(b, value->integer);
	else if (kind == LIST_JSON)
		json_raw(b, value->text);
	else if (kind == LIST_TIME && when_format(value->text, when))
		json_string(b, str_of(when));
	else
		json_string(b, value->text);
}

void
list_members(struct buf *b, const struct list_column *columns, size_t n,
    const struct value *cells)
{
	for (size_t i = 0; i < n; i++) {
		if (columns[i].shown == LIST_IN_TEXT)
			continue;
		json_key(b, columns[i].name);
		add_value(b, columns[i].kind, &cells[i]);
	}
}

struct str
list_title(struct arena *arena, const struct list_column *column)
{
	const struct str text =
	    str_of(column->title == NULL ? column->name : column->title);
	char *copy = arena_alloc(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i] == '_' ? ' ' : text.ptr[i];

		copy[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	return (struct str){ copy, text.len };
}

/* Letters, as far as can be told: bytes of what is no UTF-8. */
static size_t
width_of(struct str text)
{
	return str_is_utf8(text) ? str_utf8_length(text) : text.len;
}

static void
put_cell(const struct list *l, struct str text, size_t column, bool is_last)
{
	size_t width = width_of(text);

	ctl_print("%.*s", STR_FMT(text));
	if (is_last)
		ctl_print("\n");
	else if (!l->is_aligned)
		ctl_print("\t");
	else
		ctl_print("%*s", (int)(l->widths[column] - width + SPACE), "");
}

static size_t
last_column(const struct list *l)
{
	size_t last = l->n_columns - 1;

	while (l->columns[last].shown == LIST_IN_JSON)
		last--;
	return last;
}

static void
put_row(const struct list *l, const struct str *cells)
{
	const size_t last = last_column(l);

	for (size_t i = 0; i <= last; i++)
		if (l->columns[i].shown != LIST_IN_JSON)
			put_cell(l, cells[i], i, i == last);
}

/* Prints what waits. The columns never become narrower. */
static void
flush(struct list *l)
{
	for (size_t row = 0; row < l->n_rows; row++)
		put_row(l, l->cells + row * l->n_columns);
	l->n_rows = 0;
	arena_reset(l->arena);
	l->cells = ARENA_NEW(l->arena, struct str, LIST_PAGE * l->n_columns);
}

/* Room for the cells of the next row. */
static struct str *
next_row(struct list *l)
{
	if (l->n_rows == LIST_PAGE)
		flush(l);
	return l->cells + l->n_rows++ * l->n_columns;
}

static void
measure(struct list *l, const struct str *cells)
{
	for (size_t i = 0; i < l->n_columns; i++)
		if (width_of(cells[i]) > l->widths[i])
			l->widths[i] = width_of(cells[i]);
}

static void
add_titles(struct list *l)
{
	struct str *cells;

	l->has_rows = true;
	if (l->is_headless)
		return;
	cells = next_row(l);
	for (size_t i = 0; i < l->n_columns; i++)
		cells[i] = list_title(l->arena, &l->columns[i]);
	measure(l, cells);
}

void
list_open(struct list *l, struct ctl *ctl, const struct list_column *columns,
    size_t n)
{
	*l = (struct list){ .ctl = ctl,
		.columns = columns,
		.n_columns = n,
		.is_json = ctl_option(ctl, "json") != NULL,
		.is_aligned = isatty(STDOUT_FILENO) == 1,
		.arena = arena_new(ARENA_CHUNK) };
	l->cells = ARENA_NEW(l->arena, struct str, LIST_PAGE * n);
	ctl->is_in_list = l->is_json;
	if (l->is_json)
		ctl_print("{\"data\":[");
}

static void
add_json(struct list *l, const struct value *cells)
{
	struct buf row;

	buf_init(&row, ROW_MAX);
	json_object_open(&row);
	list_members(&row, l->columns, l->n_columns, cells);
	json_object_close(&row);
	/* What does not fit has lost its end, and is no JSON. */
	if (row.overflow)
		l->ctl->has_failed = true;
	else
		ctl_print(
		    "%s\n%.*s", l->has_rows ? "," : "", STR_FMT(buf_str(&row)));
	l->has_rows = l->has_rows || !row.overflow;
	buf_done(&row);
}

void
list_add(struct list *l, const struct value *cells)
{
	struct str *texts;

	if (l->is_json) {
		add_json(l, cells);
		return;
	}
	if (!l->has_rows)
		add_titles(l);
	texts = next_row(l);
	for (size_t i = 0; i < l->n_columns; i++)
		texts[i] = list_cell(
		    l->arena, &l->columns[i], &cells[i], l->is_aligned);
	measure(l, texts);
}

void
list_close(struct list *l, enum error error)
{
	if (!l->is_json && !l->has_rows && error == OK)
		add_titles(l);
	flush(l);
	arena_free(l->arena);
	if (!l->is_json || error != OK)
		return;
	ctl_print("%s]}\n", l->has_rows ? "\n" : "");
	l->ctl->is_in_list = false;
}

bool
list_is_over(void)
{
	return ferror(stdout) != 0;
}
