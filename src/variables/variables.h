/*
 * Variables of a connector: what is stored, merged with what a body sends.
 *
 * What the tables cannot say stands here: which item of a body means which
 * stored variable, what a locked one allows, that a stored secret never
 * becomes readable. Pure: sees no SQL and opens no secret.
 */
#ifndef VARIABLES_VARIABLES_H
#define VARIABLES_VARIABLES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/statement.h"
#include "engine/validate.h"

enum item_state {
	ITEM_KEPT,    /* stored, not named by the body */
	ITEM_CHANGED, /* stored and named */
	ITEM_ADDED,
	ITEM_REMOVED
};

/* One variable as it is to be after the request. */
struct variable {
	enum item_state state;
	int64_t id;                 /* 0: added */
	int64_t company_id;         /* of the row; 0: global */
	const struct value *stored; /* one a rule; NULL: added */
	struct value *values;       /* one a rule: as it will be */
	struct str sealed;          /* the stored secret; ptr NULL: none */
	bool given;                 /* the body gives it a new value */
	size_t index;               /* in the body's list */
	const struct input_item *input;
};

/* The variables of one owner. */
struct variables {
	const struct resource *rules; /* whose rules number the values */
	struct variable *all;
	size_t n;
};

/* Reads the rows of sql_variables(). */
void variables_read(struct arena *, const struct resource *rules,
    const struct rows *, struct variables *ret);

/* A deep copy of stored items in an arena, and about the bytes it takes. */
void variables_copy(
    struct arena *, const struct variables *stored, struct variables *ret);
size_t variables_size(const struct variables *stored);

/*
 * Merges a body's list into the stored variables; ret holds all of them, and
 * the added ones behind. Adds a message for each thing that may not be;
 * ERROR_INVALID if there is one.
 */
enum error variables_merge(struct arena *, const struct variables *stored,
    const struct input *, struct variables *ret, struct problem *reterr);

/* The value of a variable by the name of its rule: "key", "pivot.alias". */
const struct value *variable_value(
    const struct variables *, const struct variable *, const char *name);

/* Whether the variable will have a secret, stored or given; and whether a
 * secret that is stored stays as it is. */
bool variable_is_secret(const struct variables *, const struct variable *);
bool variable_keeps_secret(const struct variables *, const struct variable *);

/* The item that will have a key, if one will; removed ones do not count. */
const struct variable *variables_find(const struct variables *, struct str key);

/* Position of a rule by the end of its field's name. */
size_t variables_rule(const struct resource *rules, const char *name);

#endif
