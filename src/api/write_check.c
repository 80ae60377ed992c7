/*
 * What a body makes of a connector: rules, variables, session, target.
 */
#include <config.h>

#include "api/write_check.h"

#include <string.h>

#include "schema/tables.h"

#define IMPLEMENTATION "authentication_implementation_id"

static const struct resource *const connectors = &resource_connectors;

const struct value *
write_cell(const struct write_facts *facts, const char *column)
{
	return &facts->row[schema_column(connectors, str_of(column)) -
			   connectors->columns];
}

struct value
write_reference(const struct references *references, const char *field)
{
	for (size_t i = 0; i < references->n; i++)
		if (strcmp(references->items[i].rule->field, field) == 0)
			return value_int(references->items[i].id);
	return value_null();
}

static enum error
apply_rules(struct arena *arena, const struct write_facts *facts,
    const struct node *body, struct input *ret, struct problem *reterr)
{
	const struct variables *stored = &facts->stored;
	struct validate_known known = { .references = &facts->references };
	int64_t *ids = ARENA_NEW(arena, int64_t, stored->n);
	struct str *keys = ARENA_NEW(arena, struct str, stored->n);

	for (size_t i = 0; i < stored->n; i++) {
		const struct variable *v = &stored->all[i];

		ids[i] = v->id;
		keys[i] = variable_value(stored, v, "key")->text;
	}
	known.item_ids = ids;
	known.item_keys = keys;
	known.n_items = stored->n;
	return validate(
	    arena, connectors, facts->row != NULL, body, &known, ret, reterr);
}

/* A session that an app set up does not go with another app. */
static void
ask_for_session(const struct write_facts *facts, const struct input *input,
    struct value *ret)
{
	const struct input_field *session = input_field(input, "session_id");
	struct value app =
	    write_reference(&facts->references, "platform_app_key");

	if (session->present && app.type != VALUE_NULL)
		*ret = session->value;
}

/* A body that only sends back what is stored is not held against what the
 * implementation asks for today. */
static void
ask_for_implementations(const struct write_facts *facts,
    const struct write_wanted *wanted, struct write_questions *ret)
{
	const struct input_field *to =
	    input_field(&wanted->input, IMPLEMENTATION);
	int64_t before = 0;

	if (facts->row != NULL)
		before = write_cell(facts, IMPLEMENTATION)->integer;
	if (facts->row != NULL && !variables_differ(&wanted->variables) &&
	    (!to->present || to->value.integer == before))
		return;
	ret->implementation = to->present ? to->value.integer : before;
	ret->implementation_before = before;
}

enum error
write_check_body(struct arena *arena, const struct write_facts *facts,
    const struct node *body, struct write_wanted *ret, struct problem *reterr)
{
	enum error error;

	*ret = (struct write_wanted){ 0 };
	TRY(apply_rules(arena, facts, body, &ret->input, reterr));
	error = variables_merge(
	    arena, &facts->stored, &ret->input, &ret->variables, reterr);
	ask_for_session(facts, &ret->input, &ret->questions.session);
	ask_for_implementations(facts, ret, &ret->questions);
	return error == ERROR_INVALID ? OK : error;
}

static void
check_session(const struct write_facts *facts,
    const struct write_wanted *wanted, const struct write_answers *answers,
    struct problem *reterr)
{
	struct value app =
	    write_reference(&facts->references, "platform_app_key");

	if (wanted->questions.session.type != VALUE_NULL &&
	    !value_equal(&answers->session_app, &app))
		problem_add(reterr, STR("platform_app_key"),
		    STR("The selected platform app key does not belong to the "
			"session."));
}

static void
check_target(struct arena *arena, const struct write_facts *facts,
    const struct write_wanted *wanted, const struct write_answers *answers,
    struct problem *reterr)
{
	const struct implementation *after = &answers->after;

	if (wanted->questions.implementation == 0)
		return;
	if (after->id == 0) {
		problem_add(reterr, STR(IMPLEMENTATION),
		    STR("The selected authentication implementation id is "
			"invalid."));
		return;
	}
	target_check_required(arena, after, &wanted->variables, reterr);
	if (facts->row != NULL)
		target_check_secrets(arena, &answers->before, &facts->stored,
		    after, &wanted->variables, reterr);
}

enum error
write_check_answers(struct arena *arena, const struct write_facts *facts,
    const struct write_wanted *wanted, const struct write_answers *answers,
    struct problem *reterr)
{
	check_session(facts, wanted, answers, reterr);
	check_target(arena, facts, wanted, answers, reterr);
	return reterr->fields == NULL ? OK : ERROR_INVALID;
}
