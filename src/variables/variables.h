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

enum variable_state {
	VARIABLE_KEPT,    /* stored, not named by the body */
	VARIABLE_CHANGED, /* stored and named, perhaps with what is stored */
	VARIABLE_ADDED,
	VARIABLE_REMOVED
};

/* One variable as it will be after the request. */
struct variable {
	enum variable_state state;
	int64_t id;                     /* 0: added, and not stored yet */
	int64_t company_id;             /* of the row; 0: global */
	const struct value *stored;     /* one for each rule; NULL: added */
	struct value *values;           /* one for each rule: as it will be */
	struct str sealed;              /* the stored secret; ptr NULL: none */
	bool given;                     /* the body gives it a new value */
	size_t index;                   /* in the body's list */
	const struct input_item *input; /* that item; NULL: none names it */
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

/* A deep copy of stored variables in an arena, and about how many bytes it
 * takes. */
void variables_copy(
    struct arena *, const struct variables *stored, struct variables *ret);
size_t variables_size(const struct variables *stored);

/*
 * Merges a body's list into the stored variables; ret holds all of them, with
 * the added ones at the end. Adds a message for each thing that is not allowed;
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

/*
 * Whether storing a merged variable changes a row of a table: any of them, and
 * the link that joins the variable to its owner. A secret that is given again
 * counts as changed: the stored one is not opened to compare. For variables
 * that were not added.
 */
bool variable_differs(const struct variables *, const struct variable *);
bool variable_link_differs(const struct variables *, const struct variable *);

/* Whether storing the merged variables changes anything. */
bool variables_differ(const struct variables *);

/* The variable that will have a key; removed ones do not count. NULL: none. */
const struct variable *variables_find(const struct variables *, struct str key);

/* Position of a rule by the end of its field's name: "key", "pivot.alias". */
size_t variables_rule(const struct resource *rules, const char *name);

#endif
