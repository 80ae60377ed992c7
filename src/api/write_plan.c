/*
 * A write as a plan.
 */
#include <config.h>

#include "api/write_plan.h"

#include <string.h>

#include "schema/tables.h"

static const struct resource *const connectors = &resource_connectors;

/* An empty plan with room for whatever these variables need. */
static void
open_plan(struct arena *arena, enum write_kind kind,
    const struct variables *variables, struct write_plan *ret)
{
	size_t n = variables->n;

	*ret = (struct write_plan){ .kind = kind,
		.variables = *variables,
		.removed = ARENA_NEW(arena, int64_t, n),
		.changed = ARENA_NEW(arena, struct variable *, n),
		.added = ARENA_NEW(arena, struct variable *, n),
		.names =
		    ARENA_NEW(arena, struct str, connectors->n_rules + n) };
}

static void
add_name(struct write_plan *plan, struct str name)
{
	plan->names[plan->n_names++] = name;
}

/* Whether a field of the body sets a column of the connector's row to what it
 * is not yet. */
static bool
is_set(const struct write_facts *facts, const struct input_field *field)
{
	if (!field->present || field->rule->resource != connectors)
		return false;
	return facts->row == NULL ||
	       !input_keeps(field, write_cell(facts, field->rule->column));
}

/* The column that stores a field: an app is named by its key and stored by its
 * id. */
static void
assign_field(const struct write_facts *facts, const struct input_field *field,
    struct assignments *to)
{
	const char *column = field->rule->column;

	if (strcmp(column, "platform_app_key") == 0)
		assign(to, connectors, "platform_app_id",
		    write_reference(&facts->references, column));
	else
		assign(to, connectors, column, field->value);
}

static void
plan_fields(const struct write_facts *facts, const struct input *input,
    struct write_plan *plan)
{
	for (size_t i = 0; i < connectors->n_rules; i++) {
		const struct input_field *field = &input->fields[i];

		if (!is_set(facts, field))
			continue;
		assign_field(facts, field, &plan->values);
		add_name(plan, str_of(field->rule->field));
	}
}

static void
plan_certificate(const struct write_facts *facts, const struct input *input,
    struct write_plan *plan)
{
	const struct input_field *field = input_field(input, "certificate_id");

	if (!is_set(facts, field))
		return;
	plan->leaves_certificate = facts->row != NULL;
	plan->certificate = field->value;
}

static void
plan_variable(struct arena *arena, struct variable *v, struct write_plan *plan)
{
	switch (v->state) {
	case VARIABLE_KEPT:
		return;
	case VARIABLE_REMOVED:
		plan->removed[plan->n_removed++] = v->id;
		break;
	case VARIABLE_CHANGED:
		if (!variable_differs(&plan->variables, v))
			return;
		plan->changed[plan->n_changed++] = v;
		break;
	case VARIABLE_ADDED:
		plan->added[plan->n_added++] = v;
		break;
	}
	add_name(plan,
	    arena_printf(arena, "variables.%.*s",
		STR_FMT(variable_value(&plan->variables, v, "key")->text)));
}

/* In the order in which they are stored: removed ones first, so that a key may
 * be given to a new variable. */
static void
plan_variables(struct arena *arena, struct write_plan *plan)
{
	static const enum variable_state order[] = { VARIABLE_REMOVED,
		VARIABLE_CHANGED, VARIABLE_ADDED };

	for (size_t i = 0; i < N_ELEMENTS(order); i++)
		for (size_t j = 0; j < plan->variables.n; j++)
			if (plan->variables.all[j].state == order[i])
				plan_variable(
				    arena, &plan->variables.all[j], plan);
}

void
write_plan_insert(struct arena *arena, const struct write_origin *origin,
    const struct write_facts *facts, const struct write_wanted *wanted,
    struct write_plan *ret)
{
	const struct input *input = &wanted->input;

	open_plan(arena, WRITE_INSERT, &wanted->variables, ret);
	ret->connector_name = input_field(input, "name")->value.text;
	assign(&ret->values, connectors, "company_id",
	    value_int(origin->company_id));
	assign(&ret->values, connectors, "canonical_key",
	    value_text(origin->canonical_key));
	plan_fields(facts, input, ret);
	plan_variables(arena, ret);
	plan_certificate(facts, input, ret);
}

/* What the row of a stored connector says of it. */
static void
name_stored(const struct write_facts *facts, struct write_plan *plan)
{
	plan->connector_id = write_cell(facts, "id")->integer;
	plan->connector_name = write_cell(facts, "name")->text;
}

void
write_plan_change(struct arena *arena, const struct write_facts *facts,
    const struct write_wanted *wanted, struct write_plan *ret)
{
	open_plan(arena, WRITE_CHANGE, &wanted->variables, ret);
	name_stored(facts, ret);
	plan_fields(facts, &wanted->input, ret);
	plan_variables(arena, ret);
	plan_certificate(facts, &wanted->input, ret);
}

void
write_plan_remove(struct arena *arena, const struct write_facts *facts,
    struct write_plan *ret)
{
	open_plan(arena, WRITE_REMOVE, &facts->stored, ret);
	name_stored(facts, ret);
	for (size_t i = 0; i < facts->stored.n; i++)
		ret->removed[ret->n_removed++] = facts->stored.all[i].id;
	ret->leaves_certificate = true;
}

void
write_plan_variable(struct arena *arena, int64_t connector_id,
    const struct resource *rules, struct variable *v, struct write_plan *ret)
{
	const struct variables one = { .rules = rules, .all = v, .n = 1 };

	open_plan(arena, WRITE_CHANGE, &one, ret);
	ret->connector_id = connector_id;
	plan_variables(arena, ret);
}
