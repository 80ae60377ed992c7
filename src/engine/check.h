/*
 * The rules of one field: type, limits, format, with the reference's texts.
 * Part of validate.c; pure.
 */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include "base/error.h"
#include "base/value.h"
#include "engine/input.h"
#include "schema/schema.h"

/* One field being checked. */
struct check {
	struct arena *arena;
	struct problem *problem;
	const struct rule *rule;
	const struct column *column; /* NULL for containers */
	const struct node *node;     /* NULL: absent */
	size_t index;                /* of the item whose field it is */
	size_t n_stored; /* items that a list may have though its rule has less
			  */
};

/* The field's key in the errors: "name", "variables.0.key". Made anew by each
 * call, since most fields have nothing to say. */
struct str check_path(const struct check *);

/* Adds "The <title> <text>". */
void check_say(const struct check *, const char *text);
/* Adds "The selected <title> is invalid." */
void check_say_invalid(const struct check *);
/* Adds the text of a field that must be there unless the item has an id. */
void check_say_without_id(const struct check *);

/*
 * Type, range, length, list of values, format; adds messages. Returns whether
 * the node has a value of the type (then ret is set).
 */
bool check_type(const struct check *, struct value *ret);

/* true false 0 1 "0" "1" */
bool check_boolean(const struct node *, bool *ret);

/* The value by which a row of another table is looked for; false if no row
 * can have it. */
bool check_reference_value(
    const struct rule *, const struct node *, struct value *ret);

#endif
