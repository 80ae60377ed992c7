/*
 * The helpers of ctl.h. Knows no command.
 */
#include <config.h>

#include "ctl/ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/progress.h"

/* A statement of a migration or an import may take this long. */
#define PATIENCE_MS (24u * 60 * 60 * 1000)

/* Prepared statements that an import keeps at once. */
#define STATEMENTS 64

void
ctl_done(struct ctl *ctl)
{
	db_free(ctl->db);
	keyring_free(ctl->keyring);
	if (ctl->has_config)
		config_free(&ctl->config);
	ctl->db = NULL;
	ctl->keyring = NULL;
	ctl->has_config = false;
}

const char *
ctl_option(const struct ctl *ctl, const char *name)
{
	const struct ctl_option *options = ctl->command->options;

	for (size_t i = 0; i < CTL_MAX_OPTIONS; i++)
		if (options[i].name != NULL &&
		    strcmp(options[i].name, name) == 0)
			return ctl->values[i];
	return NULL;
}

enum error
ctl_usage(struct problem *reterr, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return problem_set(reterr, ERROR_BAD_REQUEST, "%s", text);
}

enum error
ctl_id(const char *text, const char *what, int64_t *ret, struct problem *reterr)
{
	if (!str_to_id(str_of(text), ret))
		return ctl_usage(reterr, "%s: \"%s\" is no id", what, text);
	return OK;
}

enum error
ctl_required_id(
    struct ctl *ctl, const char *option, int64_t *ret, struct problem *reterr)
{
	const char *text = ctl_option(ctl, option);
	const char *name = arena_printf(ctl->arena, "--%s", option).ptr;

	if (text == NULL)
		return ctl_usage(reterr, "%s ID is required", name);
	return ctl_id(text, name, ret, reterr);
}

/* The faults of a configuration, in one line. */
static struct str
in_one_line(struct arena *arena, struct str faults)
{
	struct str ret = { "", 0 }, fault;

	while (str_next_part(&faults, '\n', &fault))
		ret = arena_printf(arena, "%.*s%s%.*s", STR_FMT(ret),
		    ret.len > 0 ? "; " : "", STR_FMT(fault));
	return ret;
}

enum error
ctl_config(struct ctl *ctl, struct problem *reterr)
{
	if (ctl->has_config)
		return OK;
	if (config_load(ctl->config_path, ctl->overrides, ctl->n_overrides,
		&ctl->config, reterr) != OK) {
		reterr->log = in_one_line(ctl->arena, reterr->log);
		return ERROR_INTERNAL;
	}
	ctl->has_config = true;
	return OK;
}

enum error
ctl_database(struct ctl *ctl, struct problem *reterr)
{
	if (ctl->db != NULL)
		return OK;
	TRY(ctl_config(ctl, reterr));
	ctl->patient = ctl->config.database;
	ctl->patient.read_timeout_ms = PATIENCE_MS;
	ctl->patient.read_limit_ms = 0;
	ctl->patient.request_limit_ms = 0;
	ctl->patient.statement_cache = STATEMENTS;
	ctl->db = db_new(&ctl->patient);
	progress_step("asks the database at %s", ctl->patient.hosts[0] == '\0'
						     ? ctl->patient.socket
						     : ctl->patient.hosts);
	return OK;
}

enum error
ctl_ring(struct ctl *ctl, struct problem *reterr)
{
	const char *path;

	if (ctl->keyring != NULL)
		return OK;
	TRY(ctl_config(ctl, reterr));
	path = ctl->config.keyring_file;
	if (path[0] == '\0')
		return problem_log(reterr, ERROR_INTERNAL,
		    "no key ring is configured (secrets.keyring_file)");
	return keyring_load(path, &ctl->keyring, reterr);
}

/* The first error of writing to standard output: the stream itself only keeps
 * that there was one. */
static int output_errno;

void
ctl_print(const char *format, ...)
{
	va_list args;

	progress_yield();
	va_start(args, format);
	if (vfprintf(stdout, format, args) < 0 && output_errno == 0)
		output_errno = errno;
	va_end(args);
}

void
ctl_say(const char *format, ...)
{
	va_list args;

	progress_end();
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void
ctl_warn(const char *format, ...)
{
	va_list args;

	progress_end();
	fputs("connectorsctl: warning: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int
ctl_output_errno(void)
{
	return output_errno;
}

enum error
ctl_end(struct ctl *ctl, enum error error, struct problem *reterr)
{
	if (error == OK)
		error = db_commit(ctl->db, reterr);
	db_rollback(ctl->db);
	return error;
}
