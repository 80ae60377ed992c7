/*
 * Bodies against the rules of connectors, for the tests of engine/validate.c
 * and engine/check.c.
 *
 * Bodies are written with ' for ". What only the database knows is fixed:
 * implementations 1 and 4, pool 2, certificates 3 and 8, session "S" and app
 * "app" (its id is 7) exist, and the stored variables have the ids 5 and 6.
 */
#ifndef TESTS_VALIDATING_H
#define TESTS_VALIDATING_H

#include "engine/validate.h"

/* A body of store that has nothing wrong. Of two members the last counts, so
 * what follows these replaces them. */
#define BASE                                               \
	"'name':'n','authentication_implementation_id':1," \
	"'timezone':'UTC','date_format':'Y-m-d',"          \
	"'rate_limit_unit':'hour','rate_limit_duration':60"
#define STORE(members) "{" BASE "," members "}"
#define ITEMS(items)   "{" BASE ",'variables':[" items "]}"
#define ITEM(members)  ITEMS("{'key':'k','label':'l'," members "}")

struct fixture {
	struct arena *arena;
	struct node body;
	struct problem problem;
	struct references references;
	struct input input;
	enum error error;
	struct str errors; /* see below */
};

/*
 * Errors are written "field=word|word field=word": fields and messages in
 * their order. A word stands for a text of the reference (validating.c); those
 * with a number are "max:255", "min:1", "longer:255", "items:200", those with
 * the key of a variable "needs:host", "again:host".
 */
struct validating_case {
	const char *body, *errors;
};

/* A body checked; validating_done() frees it. */
struct fixture *validating(bool update, const char *body);
void validating_done(struct fixture *);

/* The errors of a problem as texts, and the same from words: one line a field,
 * "field=text|text". */
struct str validating_join(struct arena *, const struct problem *);
struct str validating_spell(struct arena *, struct str errors);

/* A body as JSON: with " for '. */
struct str validating_quoted(struct arena *, const char *body);

/* Finds what references name, as told above. */
void validating_find(struct references *);

/* Expects these errors, or none. */
void validating_expect(bool update, const char *body, const char *errors);
void validating_expect_all(
    bool update, const struct validating_case *, size_t n);

#endif
