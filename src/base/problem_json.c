/*
 * The body of an answer to what failed.
 */
#include <config.h>

#include "base/problem_json.h"

#include "base/json.h"

static struct str
first_message(enum error error, const struct problem *problem)
{
	if (problem->message.len > 0)
		return problem->message;
	if (problem->fields == NULL)
		return str_of(error_message(error));
	if (problem->n_texts == 1)
		return problem->fields->texts->text;
	return arena_printf(problem->arena, "%.*s (and %zu more error%s)",
	    STR_FMT(problem->fields->texts->text), problem->n_texts - 1,
	    problem->n_texts == 2 ? "" : "s");
}

static void
put_fields(struct buf *b, const struct problem *problem)
{
	json_key(b, "errors");
	json_object_open(b);
	for (const struct problem_field *f = problem->fields; f != NULL;
	     f = f->next) {
		json_key_str(b, f->name);
		json_array_open(b);
		for (const struct problem_text *t = f->texts; t != NULL;
		     t = t->next)
			json_string(b, t->text);
		json_array_close(b);
	}
	json_object_close(b);
}

void
problem_json(struct buf *b, enum error error, const struct problem *problem)
{
	json_object_open(b);
	json_key(b, "message");
	json_string(b, first_message(error, problem));
	if (problem->fields != NULL)
		put_fields(b, problem);
	json_object_close(b);
}
