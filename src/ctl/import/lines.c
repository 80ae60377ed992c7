/*
 * Finds lines of faults by their paths, in one pass over the file. Changes
 * nothing but the messages.
 */
#include <config.h>

#include "ctl/import/lines.h"

#include <string.h>

#include "ctl/import/scan.h"

/* A path: "connectors[17].timezone", "connectors[17]", "connectors". */
struct path {
	struct str table;
	bool has_index;
	uint64_t index;
	struct str column; /* empty: none */
};

/* A place that moves through the file with its line. */
struct place {
	const char *p;
	size_t line;
};

static struct place
moved(struct place from, const char *to)
{
	while (from.p < to) {
		from.p = memchr(from.p, '\n', (size_t)(to - from.p));
		if (from.p == NULL)
			break;
		from.p++;
		from.line++;
	}
	from.p = to;
	return from;
}

size_t
import_line(struct str text, const char *place)
{
	return moved((struct place){ text.ptr, 1 }, place).line;
}

static struct path
read_path(struct str name)
{
	struct path path = { .table = name };
	size_t open = str_find(name, '['), close = str_find(name, ']');

	if (open >= close || close == name.len)
		return path;
	path.table.len = open;
	path.has_index = str_to_u64(
	    (struct str){ name.ptr + open + 1, close - open - 1 }, &path.index);
	path.column = str_from(name, close + 2);
	return path;
}

static void
add_line(struct arena *arena, const struct problem_field *field, size_t line)
{
	for (struct problem_text *t = field->texts; t != NULL; t = t->next)
		t->text = arena_printf(
		    arena, "%.*s (line %zu)", STR_FMT(t->text), line);
}

/* Where the column of a row stands; the row itself if it has none such. */
static const char *
find_column(struct str row, struct str column)
{
	struct str name, value;
	struct import_scan scan;

	if (column.len == 0 || !import_scan_open(&scan, row, '{'))
		return row.ptr;
	while (import_scan_member(&scan, &name, &value) == IMPORT_SCAN_FOUND)
		if (str_equal(name, column))
			return name.ptr;
	return row.ptr;
}

/* The faults of one row, or of the table itself where row is NULL. */
static void
add_to(struct problem *problem, struct str table, const struct str *row,
    size_t index, struct place at)
{
	for (struct problem_field *f = problem->fields; f != NULL;
	     f = f->next) {
		const struct path path = read_path(f->name);

		if (!str_equal(path.table, table) ||
		    path.has_index != (row != NULL) ||
		    (row != NULL && path.index != index))
			continue;
		add_line(problem->arena, f,
		    row == NULL
			? at.line
			: moved(at, find_column(*row, path.column)).line);
	}
}

static bool
has_faults(const struct problem *problem, struct str table)
{
	for (const struct problem_field *f = problem->fields; f != NULL;
	     f = f->next)
		if (str_equal(read_path(f->name).table, table))
			return true;
	return false;
}

static void
add_to_table(struct problem *problem, struct str table, struct str array,
    struct place at)
{
	struct import_scan scan;
	struct str row;

	add_to(problem, table, NULL, 0, at);
	if (!import_scan_open(&scan, array, '['))
		return;
	for (size_t i = 0; import_scan_item(&scan, &row) == IMPORT_SCAN_FOUND;
	     i++) {
		at = moved(at, row.ptr);
		add_to(problem, table, &row, i, at);
	}
}

void
import_add_lines(struct str text, struct problem *problem)
{
	const struct str inner = str_trim(text, STR_WHITE);
	struct place at = { text.ptr, 1 };
	struct import_scan scan;
	struct str name, value;

	if (problem->fields == NULL || str_find(inner, '\n') == inner.len ||
	    !import_scan_open(&scan, text, '{'))
		return;
	while (import_scan_member(&scan, &name, &value) == IMPORT_SCAN_FOUND) {
		if (!has_faults(problem, name))
			continue;
		at = moved(at, name.ptr);
		add_to_table(problem, name, value, at);
	}
}
