/*
 * Variables: settings and secrets of connectors, endpoints, implementations.
 */
#include <config.h>

#include "base/mask.h"
#include "schema/lists.h"
#include "schema/rows.h"
#include "schema/tables.h"

static const struct column variable_columns[] = {
	ID,
	REFERENCE(company_id, companies, .flags = NULLABLE | HIDDEN,
	    .doc = "Whose it is; null: everybody's."),
	COLUMN(key, TEXT, .max = 255, .form = FORM_KEY,
	    .doc = "Name that templates use."),
	COLUMN(label, TEXT, .max = 255, .doc = "Name for people."),
	COLUMN(value, MASKED, .flags = NULLABLE | RAW, .max = TEXT_MAX,
	    .doc = "The value; " SECRET_MASK " when a secret is stored."),
	COLUMN(value_sealed, SEALED, .flags = NULLABLE | HIDDEN | DERIVED),
	COLUMN(secret, BOOL, .flags = DEFAULTED, .fallback = "0",
	    .doc = "Whether the value can never be read."),
	COLUMN(locked, BOOL, .flags = DEFAULTED, .fallback = "0",
	    .doc = "Whether only label and value may change."),
	TIMES,
};

const struct resource resource_variables = {
	.name = "variables",
	.one = "variable",
	.model = "Variable",
	.scope = SCOPE_SHARED,
	COLUMNS(variable_columns),
	.doc = "A named value.",
};

/* The primary key of the table is (model_type, model_id, variable_id), so that
 * the variables of one owner stand together; the id is unique besides. */
static const struct column model_variable_columns[] = {
	ID,
	REFERENCE(variable_id, variables, .doc = "The variable."),
	COLUMN(model_type, TEXT, .flags = BINARY, .max = 32,
	    .one_of = list_model_types, .doc = "Kind of the owner."),
	COLUMN(
	    model_id, INT, .min = 1, .max = ID_MAX, .doc = "Id of the owner."),
	COLUMN(alias, TEXT, .flags = NULLABLE, .max = 255,
	    .doc = "Name that the system uses."),
	COLUMN(configurable, BOOL, .flags = DEFAULTED, .fallback = "0",
	    .doc = "Whether people may set it."),
	COLUMN(required, BOOL, .flags = DEFAULTED, .fallback = "0",
	    .doc = "Whether it must have a value."),
	COLUMN(advanced, BOOL, .flags = DEFAULTED, .fallback = "0",
	    .doc = "Whether it is for advanced people."),
	HIDDEN_TIMES,
};

static const struct relation model_variable_relations[] = {
	TO_ONE(variable, variable, variables, variable_id, "The variable."),
};

/* A link is seen as its variable is, so counts and lists agree. */
const struct resource resource_model_variables = {
	.name = "model_variables",
	.one = "model_variable",
	.model = "ModelVariable",
	.scope = SCOPE_PARENT,
	.scope_relation = "variable",
	COLUMNS(model_variable_columns),
	RELATIONS(model_variable_relations),
	.doc = "Which variable belongs to what.",
};
