/*
 * A body against the rules of a resource: all problems, in the reference's
 * order and words, and the values that passed. Pure: what only the database
 * knows (which ids exist, which variables are stored) is handed in.
 */
#ifndef ENGINE_VALIDATE_H
#define ENGINE_VALIDATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"
#include "engine/input.h"
#include "schema/schema.h"

/* A field that names a row of another table; found is for the caller to set
 * before validate(). */
struct reference {
	const struct rule *rule;
	const struct column *column; /* of the resource of the rule */
	struct value value;          /* integer or text */
	bool found;
	int64_t id; /* of the row found; 0 when its id is no integer */
};

#define REFERENCES_MAX 8

struct references {
	struct reference items[REFERENCES_MAX];
	size_t n;
};

/* A field with its value; absent fields have present false. */
struct input_field {
	const struct rule *rule;
	bool present;
	struct value value;
	struct str raw; /* a text as it was sent; ptr NULL: none */
};

/* One item of the list of variables. */
struct input_item {
	struct input_field *fields; /* one a rule of the resource */
};

/* What passed: one field a rule of the resource, in its order. */
struct input {
	const struct resource *resource;
	bool update;
	struct input_field *fields;
	struct input_item *items;
	size_t n_items;
};

/* What update needs to know of what is stored. */
struct validate_known {
	const struct references *references;
	const int64_t *item_ids;     /* ids of the stored variables */
	const struct str *item_keys; /* their keys, in the same order */
	size_t n_items;
};

/* The references in a body that are worth asking for. */
void validate_references(const struct resource *, bool update,
    const struct node *body, struct references *ret);

/* ERROR_INVALID with every problem, or OK and the values. */
enum error validate(struct arena *, const struct resource *, bool update,
    const struct node *body, const struct validate_known *, struct input *ret,
    struct problem *reterr);

/*
 * Whether a field says what is stored: its value, or the same text byte for
 * byte. Stored texts may have blanks at their ends (by an import); sent back
 * they are no change, though they were trimmed.
 */
bool input_keeps(const struct input_field *, const struct value *stored);

/* The field of an input or item by the end of its name: "timezone", "key",
 * "pivot.alias"; never NULL for a name of the rules. */
const struct input_field *input_field(const struct input *, const char *name);
const struct input_field *input_item_field(
    const struct input *, const struct input_item *, const char *name);

#endif
