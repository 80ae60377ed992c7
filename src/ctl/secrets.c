/*
 * `secrets init`, `add-key`, `status`: the key ring and what it sealed.
 */
#include <config.h>

#include "ctl/list.h"
#include "ctl/progress.h"
#include "ctl/sealed.h"

static enum error
ring_path(struct ctl *ctl, const char **ret, struct problem *reterr)
{
	TRY(ctl_config(ctl, reterr));
	*ret = ctl->config.keyring_file;
	if ((*ret)[0] == '\0')
		return problem_log(reterr, ERROR_INTERNAL,
		    "no key ring is configured (secrets.keyring_file)");
	return OK;
}

static enum error
print_sealing_key(
    struct ctl *ctl, const char *what, const char *path, struct problem *reterr)
{
	TRY(ctl_ring(ctl, reterr));
	ctl_print("%s %s: new values are sealed with %s\n", what, path,
	    keyring_sealing_id(ctl->keyring));
	return OK;
}

enum error
secrets_init_command(struct ctl *ctl, struct problem *reterr)
{
	const char *path;

	TRY(ring_path(ctl, &path, reterr));
	TRY(keyring_create(path, reterr));
	return print_sealing_key(ctl, "made", path, reterr);
}

enum error
secrets_add_key_command(struct ctl *ctl, struct problem *reterr)
{
	const char *path;

	TRY(ring_path(ctl, &path, reterr));
	TRY(keyring_add_key(path, reterr));
	return print_sealing_key(ctl, "added a key to", path, reterr);
}

static const struct list_column columns[] = {
	{ "column", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "key", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "values", NULL, LIST_INT, LIST_ALWAYS },
	{ "state", NULL, LIST_TEXT, LIST_ALWAYS },
};

/* What a key is; *ret_lost: its values cannot be opened. */
static const char *
describe_key(const struct ctl *ctl, const struct value *id, bool *ret_lost)
{
	*ret_lost = false;
	if (id->type != VALUE_NULL &&
	    str_equal_text(id->text, keyring_sealing_id(ctl->keyring)))
		return "the key that seals";
	if (id->type != VALUE_NULL && keyring_has(ctl->keyring, id->text))
		return "in the key ring";
	*ret_lost = true;
	return id->type == VALUE_NULL ? "no sealed value"
				      : "NOT in the key ring";
}

static enum error
add_column(struct list *list, const struct sealed_column *column,
    struct problem *reterr)
{
	struct ctl *ctl = list->ctl;
	struct rows rows = { 0 };

	progress_step("counts %s.%s", column->table, column->name);
	TRY(sealed_count(ctl, column, &rows, reterr));
	progress_end();
	for (size_t row = 0; row < rows.count; row++) {
		const struct value *id = rows_cell(&rows, row, 0);
		bool is_lost;
		const char *state = describe_key(ctl, id, &is_lost);
		const struct value cells[] = {
			value_text(arena_printf(
			    ctl->arena, "%s.%s", column->table, column->name)),
			*id,
			*rows_cell(&rows, row, 1),
			value_text(str_of(state)),
		};

		list_add(list, cells);
		if (is_lost)
			ctl->has_failed = true;
	}
	return OK;
}

enum error
secrets_status_command(struct ctl *ctl, struct problem *reterr)
{
	struct list list;
	enum error error = OK;

	TRY(ctl_ring(ctl, reterr));
	TRY(ctl_database(ctl, reterr));
	list_open(&list, ctl, columns, N_ELEMENTS(columns));
	for (size_t i = 0; i < n_sealed_columns && error == OK; i++)
		error = add_column(&list, &sealed_columns[i], reterr);
	list_close(&list, error);
	return error;
}
