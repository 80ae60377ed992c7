/*
 * `config`: the configuration as connectorsctl reads it, and where each value
 * comes from.
 */
#include <config.h>

#include "ctl/list.h"

static const struct list_column columns[] = {
	{ "setting", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "value", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "origin", "from", LIST_TEXT, LIST_ALWAYS },
};

static void
add(void *context, struct str name, struct str value, struct str origin)
{
	const struct value cells[] = {
		value_text(name),
		value_text(value),
		value_text(origin),
	};

	list_add(context, cells);
}

enum error
config_command(struct ctl *ctl, struct problem *reterr)
{
	struct list list;

	TRY(ctl_config(ctl, reterr));
	list_open(&list, ctl, columns, N_ELEMENTS(columns));
	config_tell(&ctl->config, add, &list);
	list_close(&list, OK);
	return OK;
}
