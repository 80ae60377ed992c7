/*
 * `secrets init`, `add-key`, `status`: the key ring and what it sealed.
 */
#include <config.h>

#include "ctl/ctl.h"
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

static const char *
describe_key(const struct ctl *ctl, const struct value *id)
{
	if (id->type == VALUE_NULL)
		return "no sealed value";
	if (str_equal_text(id->text, keyring_sealing_id(ctl->keyring)))
		return "the key that seals";
	if (keyring_has(ctl->keyring, id->text))
		return "in the key ring";
	return "NOT in the key ring";
}

enum error
secrets_status_command(struct ctl *ctl, struct problem *reterr)
{
	TRY(ctl_ring(ctl, reterr));
	TRY(ctl_database(ctl, reterr));
	ctl_print("%-24s %-34s %10s  %s\n", "COLUMN", "KEY", "VALUES", "");
	for (size_t i = 0; i < n_sealed_columns; i++) {
		const struct sealed_column *column = &sealed_columns[i];
		const char *name = arena_printf(
		    ctl->arena, "%s.%s", column->table, column->name)
				       .ptr;
		struct rows rows = { 0 };

		TRY(sealed_count(ctl, column, &rows, reterr));
		for (size_t row = 0; row < rows.count; row++) {
			const struct value *id = rows_cell(&rows, row, 0);
			const char *key = describe_key(ctl, id);

			ctl_print("%-24s %-34.*s %10lld  %s\n", name,
			    STR_FMT(id->text),
			    (long long)rows_cell(&rows, row, 1)->integer, key);
			if (key[0] == 'N' || key[0] == 'n')
				ctl->has_failed = true;
		}
	}
	return OK;
}
