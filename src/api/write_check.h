/*
 * What a body makes of a connector, decided from what the database says.
 *
 * Pure, in two steps, because the second asks the database for what the first
 * finds out: the body against its rules and the stored variables, then what the
 * implementation and the session say to that.
 */
#ifndef API_WRITE_CHECK_H
#define API_WRITE_CHECK_H

#include "variables/target.h"

/* What is read before anything is decided. */
struct write_facts {
	/* The stored connector, one cell for each column; NULL: a new one. */
	const struct value *row;
	struct variables stored;      /* its variables; none of a new one */
	struct references references; /* the rows that the body refers to */
};

/* What the second step asks the database for. */
struct write_questions {
	struct value session; /* the app of the session with this id; or null */
	/* The implementation that the connector will use; 0: the check of the
	 * target is not needed, since the body changes nothing about it. */
	int64_t implementation;
	int64_t implementation_before; /* the one it uses; 0: a new connector */
};

struct write_answers {
	struct value session_app;     /* its id; null: the session has none */
	struct implementation after;  /* id 0: no such implementation ... */
	struct implementation before; /* ... that the company may see */
};

/* What the connector is to be. */
struct write_wanted {
	struct input input;         /* the fields of the body */
	struct variables variables; /* all, with those that will be removed */
	struct write_questions questions;
};

/* The cell of a column in the stored row. */
const struct value *write_cell(const struct write_facts *, const char *column);

/* The id of the row that a field of the body refers to; null: it names none. */
struct value write_reference(const struct references *, const char *field);

/*
 * The first step. ERROR_INVALID, with every message, when the body breaks the
 * rules. What is wrong about its variables beyond that is only added to reterr,
 * for the second step may have more to say.
 */
enum error write_check_body(struct arena *, const struct write_facts *,
    const struct node *body, struct write_wanted *ret, struct problem *reterr);

/* The second step. ERROR_INVALID when either of the two added a message. */
enum error write_check_answers(struct arena *, const struct write_facts *,
    const struct write_wanted *, const struct write_answers *,
    struct problem *reterr);

#endif
