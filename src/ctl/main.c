/*
 * connectorsctl: start, messages, exit status.
 *
 * The only file of the program that ends the process. Must not do any work of
 * a command.
 */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/problem_json.h"
#include "base/process.h"
#include "ctl/advice.h"
#include "ctl/command_line.h"
#include "ctl/help.h"
#include "ctl/progress.h"

#define ARENA_CHUNK (64 * 1024)
#define JSON_MAX    (1u << 20) /* bytes of a failure in JSON */

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

static void
help(const struct ctl *ctl, const struct command_line *line)
{
	if (ctl->command != NULL)
		help_print_command(ctl->command);
	else if (line->group.len > 0)
		help_print_group(line->group);
	else
		help_print();
}

static enum error
run(int argc, char **argv, struct ctl *ctl, struct problem *reterr)
{
	struct command_line line = { 0 };

	TRY(secret_start(reterr));
	TRY(command_line_read(argc, argv, ctl, &line, reterr));
	if (line.wish == WISH_VERSION)
		return version_command(ctl, reterr);
	if (line.wish == WISH_RUN)
		return ctl->command->run(ctl, reterr);
	help(ctl, &line);
	return OK;
}

/* Prints a text so that it stays on one line. */
static void
put_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];

		fputc((unsigned char)c < ' ' || c == 0x7F ? ' ' : c, stderr);
	}
}

static void
put_line(struct str before, const char *between, struct str text)
{
	fputs("connectorsctl: ", stderr);
	put_text(before);
	fputs(between, stderr);
	put_text(text);
	fputc('\n', stderr);
}

/* The sentence for a failure that has no fields. */
static struct str
sentence(const struct problem *problem, enum error error)
{
	if (problem->message.len > 0)
		return problem->message;
	if (problem->log.len > 0)
		return problem->log;
	return str_of(error_message(error));
}

/* A line for each thing that is wrong. */
static void
complain(const struct problem *problem, enum error error)
{
	const struct problem_field *field = problem->fields;

	for (; field != NULL; field = field->next)
		for (const struct problem_text *item = field->texts;
		     item != NULL; item = item->next)
			put_line(field->name, ": ", item->text);
	if (problem->message.len > 0 || problem->fields == NULL)
		put_line(STR(""), "", sentence(problem, error));
}

/* Behind what the database says: what to do about it. */
static void
advise(const struct ctl *ctl, struct problem *problem)
{
	const char *advice = advice_on_database(ctl);

	if (advice != NULL && problem->message.len == 0 &&
	    problem->fields == NULL && problem->log.len > 0)
		problem->log = arena_printf(
		    ctl->arena, "%.*s (%s)", STR_FMT(problem->log), advice);
}

/* With --json standard output is JSON whatever happens: {"message": "..."}, and
 * "errors" as the API has them; behind the rows that were printed before. */
static void
complain_in_json(
    const struct ctl *ctl, const struct problem *problem, enum error error)
{
	struct problem told = *problem;
	struct buf b;

	if (ctl->command == NULL || ctl_option(ctl, "json") == NULL)
		return;
	if (told.fields == NULL)
		told.message = sentence(problem, error);
	buf_init(&b, JSON_MAX);
	problem_json(&b, error, &told);
	if (b.overflow) {
		buf_reset(&b);
		problem_json(&b, error, &(struct problem){ 0 });
	}
	/* The object begins with what the list has opened already. */
	ctl_print("%s%.*s\n", ctl->is_in_list ? "\n]," : "{", (int)b.len - 1,
	    b.ptr + 1);
	buf_done(&b);
}

/* A reader that has left is no failure to tell of: the program ends as others
 * do whose output nobody wants, by SIGPIPE unless its caller ignores that. */
static enum exit_status
end_output(enum exit_status status, bool is_pipe_ignored)
{
	const bool failed = fflush(stdout) != 0 || ferror(stdout) != 0;

	if (!failed)
		return status;
	if (ctl_output_errno() != EPIPE && errno != EPIPE) {
		fputs("connectorsctl: cannot write the output\n", stderr);
		return EXIT_FAILED;
	}
	process_show_to_sanitizer();
	if (!is_pipe_ignored) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return EXIT_FAILED;
}

static enum exit_status
status_of(const struct ctl *ctl, enum error error)
{
	if (error == ERROR_BAD_REQUEST)
		return EXIT_USAGE;
	return error != OK || ctl->has_failed ? EXIT_FAILED : EXIT_FINE;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { .arena = arena_new(ARENA_CHUNK) };
	struct problem problem = { .arena = ctl.arena };
	/* A write into a closed pipe or socket is an error, where it happens.
	 */
	const bool is_pipe_ignored = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
	enum exit_status status;
	enum error error;

	process_hide();
	error = run(argc, argv, &ctl, &problem);
	progress_end();
	if (error != OK) {
		advise(&ctl, &problem);
		complain(&problem, error);
		complain_in_json(&ctl, &problem, error);
	}
	status = status_of(&ctl, error);
	ctl_done(&ctl);
	arena_free(ctl.arena);
	status = end_output(status, is_pipe_ignored);
	process_show_to_sanitizer();
	return (int)status;
}
