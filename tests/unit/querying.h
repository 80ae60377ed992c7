/*
 * A query string parsed for a list, in an arena of its own.
 */
#ifndef TESTS_UNIT_QUERYING_H
#define TESTS_UNIT_QUERYING_H

#include "base/statement.h"
#include "engine/query.h"

struct querying {
	struct arena *arena;
	struct problem problem;
	struct query query;
	enum error error;
};

/* About connectors. */
struct querying *querying_as(enum query_use, const char *text);

/* The same for QUERY_ALL. */
struct querying *querying(const char *text);

/* About any resource. */
struct querying *querying_about(const struct resource *, const char *text);

void querying_done(struct querying *);

/* Whether a statement's text holds the part, and its marks `?`; whether one of
 * its parameters is the number. */
bool contains(struct str text, const char *part);
size_t count_marks(struct str text);
bool has_int_param(const struct statement *s, int64_t number);

#endif
