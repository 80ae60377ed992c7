/*
 * One thing on standard output: its fields, and lists of what belongs to it.
 * For people a line a field and tables below; with --json
 * {"data": {..., "name of a list": [...]}}, printed as a whole at the end.
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "ctl/list.h"

struct show {
	struct ctl *ctl;
	bool is_json;
	struct buf json;
};

/* The row that the command's ID names; select takes the id. ERROR_NOT_FOUND:
 * "there is no connector 9". */
enum error show_find(struct ctl *, const char *select, const char *what,
    int64_t *ret_id, struct rows *ret, struct problem *reterr);

/* To be ended by show_close(), also after an error. */
void show_open(struct show *, struct ctl *);

/* The cells are in the order of the columns. */
void show_fields(struct show *, const struct list_column *, size_t n,
    const struct value *cells);

/* Rows of n cells each. */
void show_rows(struct show *, const char *name, const struct list_column *,
    size_t n, const struct value *cells, size_t n_rows);

enum error show_close(struct show *, enum error, struct problem *reterr);

#endif
