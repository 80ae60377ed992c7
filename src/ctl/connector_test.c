/*
 * `connector test`: the API's test, without a key of the connector's company.
 * The steps as a table.
 */
#include <config.h>

#include <unistd.h>

#include "api/administrator_test.h"
#include "base/account.h"
#include "base/json.h"
#include "config/probe.h"
#include "ctl/progress.h"
#include "ctl/show.h"

#define JSON_MAX (4u << 20) /* bytes */

static const struct list_column columns[] = {
	{ "connector", NULL, LIST_INT, LIST_ALWAYS },
	{ "result", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "reason", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "detail", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "target", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "address", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "http_status", NULL, LIST_INT, LIST_ALWAYS },
	{ "ms", NULL, LIST_INT, LIST_ALWAYS },
};

static const struct list_column step_columns[] = {
	{ "step", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "result", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "ms", NULL, LIST_TEXT, LIST_ALWAYS },
};
#define N_STEP N_ELEMENTS(step_columns)

static const char *const outcome_names[] = {
	[PROBE_NOT_REACHED] = "-",
	[PROBE_PASSED] = "ok",
	[PROBE_FAILED] = "FAILED",
};

static struct value
text_or_null(struct str text)
{
	return text.len == 0 ? value_null() : value_text(text);
}

static struct value
target_text(struct arena *arena, const struct probe_result *result)
{
	if (result->target.host.len == 0)
		return value_null();
	return value_text(arena_printf(arena, "%.*s://%.*s:%u%.*s",
	    STR_FMT(result->target.scheme), STR_FMT(result->target.host),
	    result->target.port, STR_FMT(result->target.path)));
}

static void
show_steps(struct show *show, const struct probe_result *result)
{
	struct value cells[PROBE_DONE * N_STEP];

	for (unsigned i = 0; i < PROBE_DONE; i++) {
		struct value *row = cells + i * N_STEP;
		const enum probe_outcome outcome = result->steps[i].outcome;

		row[0] =
		    value_text(str_of(probe_step_name((enum probe_step)i)));
		row[1] = value_text(str_of(outcome_names[outcome]));
		row[2] =
		    outcome == PROBE_NOT_REACHED
			? value_null()
			: value_text(arena_printf(show->ctl->arena, "%.3f",
			      (double)result->steps[i].duration_us / 1000));
	}
	show_rows(show, "steps", step_columns, N_STEP, cells, PROBE_DONE);
}

static void
print_text(struct ctl *ctl, int64_t id, const struct probe_result *result)
{
	const struct value cells[] = {
		value_int(id),
		value_text(result->ok ? STR("passed") : STR("FAILED")),
		text_or_null(str_of(result->reason)),
		text_or_null(result->detail),
		target_text(ctl->arena, result),
		text_or_null(result->address),
		result->http_status == 0 ? value_null()
					 : value_int(result->http_status),
		value_int(result->duration_ms),
	};
	struct problem ignored = { .arena = ctl->arena };
	struct show show;

	show_open(&show, ctl);
	show_fields(&show, columns, N_ELEMENTS(columns), cells);
	show_steps(&show, result);
	(void)show_close(&show, OK, &ignored);
}

/* The result as the API shows it. */
static void
print_json(const struct probe_result *result)
{
	struct buf b;

	buf_init(&b, JSON_MAX);
	json_object_open(&b);
	json_key(&b, "data");
	probe_result_json(&b, result);
	json_object_close(&b);
	ctl_print("%.*s\n", STR_FMT(buf_str(&b)));
	buf_done(&b);
}

/* What the remote side sends is read with the rights that the service has, if
 * it is known as whom that runs. */
static enum error
give_up_rights(const struct ctl *ctl, struct problem *reterr)
{
	const struct pool_settings *pool = &ctl->config.pool;

	if (geteuid() != 0 || pool->user[0] == '\0')
		return OK;
	return account_become(pool->user, pool->group, reterr);
}

static enum error
test(struct ctl *ctl, int64_t id, struct probe_result *ret,
    struct problem *reterr)
{
	struct probe_settings settings;
	struct administrator who = { .limits = &ctl->config.serve,
		.probe = &settings };
	struct str warning;
	enum error error;

	TRY(config_probe(&ctl->config, &settings, reterr));
	who.db = ctl->db;
	who.keyring = ctl->keyring;
	progress_step("tests connector %lld, for %u s at most", (long long)id,
	    settings.total_timeout_ms / 1000);
	error = administrator_test(&who, ctl->arena, id, ret, &warning, reterr);
	progress_end();
	if (warning.len > 0)
		ctl_warn("%.*s", STR_FMT(warning));
	if (error == ERROR_TOO_MANY)
		return problem_set(reterr, error,
		    "as many tests of its company run already as may "
		    "(test.per_company), or one of this connector does not "
		    "end: try again later");
	return error;
}

enum error
connector_test_command(struct ctl *ctl, struct problem *reterr)
{
	struct probe_result result;
	int64_t id;

	TRY(ctl_id(ctl->args[0], "ID", &id, reterr));
	TRY(probe_start(reterr));
	TRY(ctl_database(ctl, reterr));
	if (ctl->config.keyring_file[0] != '\0')
		TRY(ctl_ring(ctl, reterr));
	TRY(give_up_rights(ctl, reterr));
	TRY(test(ctl, id, &result, reterr));
	ctl->has_failed = !result.ok;
	if (ctl_option(ctl, "json") != NULL)
		print_json(&result);
	else
		print_text(ctl, id, &result);
	return OK;
}
