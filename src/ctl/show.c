/*
 * Showing one thing. Knows no command and no table of the database.
 */
#include <config.h>

#include "ctl/show.h"

#include <unistd.h>

#include "base/json.h"

#define JSON_MAX     (64u << 20) /* bytes */
#define NAME_COLUMNS 18          /* of a field's name on a terminal */

enum error
show_find(struct ctl *ctl, const char *select, const char *what,
    int64_t *ret_id, struct rows *ret, struct problem *reterr)
{
	struct value id = { .type = VALUE_INT };

	TRY(ctl_id(ctl->args[0], "ID", &id.integer, reterr));
	TRY(ctl_database(ctl, reterr));
	TRY(db_run(ctl->db, ctl->arena,
	    &(struct statement){ str_of(select), &id, 1 }, ret, reterr));
	*ret_id = id.integer;
	if (ret->count == 0)
		return problem_set(reterr, ERROR_NOT_FOUND,
		    "there is no %s %lld", what, (long long)id.integer);
	return OK;
}

void
show_open(struct show *s, struct ctl *ctl)
{
	s->ctl = ctl;
	s->is_json = ctl_option(ctl, "json") != NULL;
	buf_init(&s->json, JSON_MAX);
	json_object_open(&s->json);
	json_key(&s->json, "data");
	json_object_open(&s->json);
}

void
show_fields(struct show *s, const struct list_column *columns, size_t n,
    const struct value *cells)
{
	const bool is_aligned = isatty(STDOUT_FILENO) == 1;
	struct arena *arena = s->ctl->arena;

	if (s->is_json) {
		list_members(&s->json, columns, n, cells);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct str name = list_title(arena, &columns[i]);
		struct str text =
		    list_cell(arena, &columns[i], &cells[i], is_aligned);

		if (columns[i].shown == LIST_IN_JSON)
			continue;
		ctl_print("%-*.*s%s%.*s\n", is_aligned ? NAME_COLUMNS : 0,
		    STR_FMT(name), is_aligned ? "  " : "\t", STR_FMT(text));
	}
}

static void
add_rows(struct buf *b, const char *name, const struct list_column *columns,
    size_t n, const struct value *cells, size_t n_rows)
{
	json_key(b, name);
	json_array_open(b);
	for (size_t i = 0; i < n_rows; i++) {
		json_object_open(b);
		list_members(b, columns, n, cells + i * n);
		json_object_close(b);
	}
	json_array_close(b);
}

void
show_rows(struct show *s, const char *name, const struct list_column *columns,
    size_t n, const struct value *cells, size_t n_rows)
{
	struct list list;

	if (s->is_json) {
		add_rows(&s->json, name, columns, n, cells, n_rows);
		return;
	}
	ctl_print("\n");
	list_open(&list, s->ctl, columns, n);
	for (size_t i = 0; i < n_rows; i++)
		list_add(&list, cells + i * n);
	list_close(&list, OK);
}

enum error
show_close(struct show *s, enum error error, struct problem *reterr)
{
	json_object_close(&s->json);
	json_object_close(&s->json);
	if (error == OK && s->is_json && s->json.overflow)
		error = problem_log(
		    reterr, ERROR_INTERNAL, "too much for one answer");
	if (error == OK && s->is_json)
		ctl_print("%.*s\n", STR_FMT(buf_str(&s->json)));
	buf_done(&s->json);
	return error;
}
