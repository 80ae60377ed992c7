/*
 * Runs a listing: reads its rows in pages by id, so that memory does not grow
 * with the table. Knows no table by name.
 */
#include <config.h>

#include "ctl/listing.h"

#include <unistd.h>

#include "base/buf.h"
#include "ctl/progress.h"
#include "ctl/when.h"

#define PAGE        1000
#define ARENA_CHUNK (256 * 1024)
#define TEXT_MAX    8192

/* One run. */
struct question {
	struct ctl *ctl;
	const struct listing *listing;
	struct buf text;
	struct value params[LISTING_FILTERS_MAX + 1]; /* first: the last id */
	size_t n_params;
	size_t n_rows; /* that were read */
};

static enum error
read_date(struct ctl *ctl, const char *option, const char *text,
    struct value *ret, struct problem *reterr)
{
	char when[WHEN_SIZE];

	if (!when_parse_date(str_of(text), when))
		return ctl_usage(reterr,
		    "--%s: \"%s\" is no date such as 2024-01-31 or "
		    "2024-01-31T12:00:00Z",
		    option, text);
	*ret = value_text(arena_copy(ctl->arena, str_of(when)));
	return OK;
}

static enum error
read_filter(struct question *q, const struct listing_filter *filter,
    struct problem *reterr)
{
	struct ctl *ctl = q->ctl;
	const char *text = ctl_option(ctl, filter->option);
	struct value value = { .type = VALUE_INT };

	if (text == NULL)
		return OK;
	if (filter->exists == NULL)
		TRY(read_date(ctl, filter->option, text, &value, reterr));
	else
		TRY(ctl_id(text,
		    arena_printf(ctl->arena, "--%s", filter->option).ptr,
		    &value.integer, reterr));
	buf_add_text(&q->text, filter->condition);
	q->params[q->n_params++] = value;
	return OK;
}

enum error
listing_demand(struct ctl *ctl, const char *exists, const char *what,
    int64_t id, struct problem *reterr)
{
	struct value param = value_int(id);
	struct rows rows = { 0 };

	TRY(ctl_database(ctl, reterr));
	TRY(db_run(ctl->db, ctl->arena,
	    &(struct statement){ str_of(exists), &param, 1 }, &rows, reterr));
	if (rows.count == 0)
		return problem_set(reterr, ERROR_NOT_FOUND,
		    "there is no %s %lld", what, (long long)id);
	return OK;
}

/* What the options name must be there: an empty list would say that it has
 * nothing. */
static enum error
check_filters(struct question *q, struct problem *reterr)
{
	const struct value *param = q->params;

	for (size_t i = 0; i < LISTING_FILTERS_MAX; i++) {
		const struct listing_filter *f = &q->listing->filters[i];

		if (f->option == NULL || ctl_option(q->ctl, f->option) == NULL)
			continue;
		param++;
		if (f->exists != NULL)
			TRY(listing_demand(q->ctl, f->exists, f->what,
			    param->integer, reterr));
	}
	return OK;
}

static enum error
read_question(struct question *q, struct problem *reterr)
{
	buf_add_text(&q->text, q->listing->select);
	q->params[q->n_params++] = value_int(0);
	for (size_t i = 0; i < LISTING_FILTERS_MAX; i++)
		if (q->listing->filters[i].option != NULL)
			TRY(read_filter(q, &q->listing->filters[i], reterr));
	buf_printf(&q->text, " ORDER BY %s LIMIT %d", q->listing->order, PAGE);
	return OK;
}

static enum error
print_pages(struct question *q, struct list *list, struct arena *arena,
    struct problem *reterr)
{
	const struct statement statement = { buf_str(&q->text), q->params,
		q->n_params };
	struct rows rows = { 0 };

	do {
		arena_reset(arena);
		TRY(db_run(q->ctl->db, arena, &statement, &rows, reterr));
		for (size_t i = 0; i < rows.count; i++)
			list_add(list, rows_cell(&rows, i, 0));
		if (rows.count > 0)
			q->params[0] = *rows_cell(&rows, rows.count - 1, 0);
		q->n_rows += rows.count;
		progress_count(q->n_rows, "rows");
	} while (rows.count == PAGE && !list_is_over());
	return OK;
}

static enum error
print(struct question *q, struct problem *reterr)
{
	struct arena *arena;
	struct list list;
	enum error error;

	TRY(read_question(q, reterr));
	TRY(check_filters(q, reterr));
	TRY(ctl_database(q->ctl, reterr));
	arena = arena_new(ARENA_CHUNK);
	list_open(&list, q->ctl, q->listing->columns, q->listing->n_columns);
	error = print_pages(q, &list, arena, reterr);
	progress_end();
	list_close(&list, error);
	arena_free(arena);
	return error;
}

enum error
listing_print(
    struct ctl *ctl, const struct listing *listing, struct problem *reterr)
{
	struct question q = { .ctl = ctl, .listing = listing };
	enum error error;

	buf_init(&q.text, TEXT_MAX);
	error = print(&q, reterr);
	buf_done(&q.text);
	return error;
}
