/*
 * The body of a request as a tree of nodes: parsed, and its strings trimmed.
 *
 * input.c is the only file of the pipeline that reads json-c. After it a body
 * is plain data in the arena.
 */
#ifndef ENGINE_INPUT_H
#define ENGINE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum node_kind {
	NODE_NULL,
	NODE_BOOL,
	NODE_INT,
	NODE_NUMBER, /* with a fraction or exponent, or beyond 64 bits */
	NODE_TEXT,
	NODE_LIST,
	NODE_OBJECT
};

struct node {
	enum node_kind kind;
	bool boolean;
	int64_t integer;
	double number;   /* of NODE_NUMBER */
	struct str text; /* trimmed; ptr NULL when nothing is left */
	struct str raw;  /* as it was sent */
	struct str name; /* of a member */
	struct node *children;
	size_t n_children;
	struct node *next;
};

/*
 * Parses a body. Media type must be JSON (ERROR_MEDIA_TYPE) unless the body is
 * empty, which counts as {}; ERROR_BAD_REQUEST with the offset of what is
 * wrong.
 */
enum error input_parse(struct arena *, struct str content_type, struct str body,
    struct node *ret, struct problem *reterr);

/* A member of an object; NULL if there is none or node is no object. */
const struct node *node_member(const struct node *, const char *name);

/* The same along a path of names, "pivot.alias". */
const struct node *node_at(const struct node *, const char *path);

/* Whether a node means "nothing": null, or a string of blanks. */
bool node_is_null(const struct node *);

#endif
