/*
 * What each action takes and answers, as a table: the pipeline (serve.c) acts
 * by it and the OpenAPI document (openapi/) tells it. Pure; knows no handler.
 */
#ifndef API_ACTION_H
#define API_ACTION_H

#include <stdbool.h>

#include "engine/query.h"
#include "engine/sql_key.h"

/* What is done about the resource of a route; serve.c says how. */
enum action {
	ACTION_INDEX,
	ACTION_SHOW,
	ACTION_STORE,
	ACTION_UPDATE,
	ACTION_DESTROY,
	ACTION_TEST,
	ACTION_DOCUMENT, /* the description of all routes */
	ACTION_OPTIONS,  /* which methods a path takes */
	ACTION__MAX
};

enum ability {
	ABILITY_READ = 1u << 0,
	ABILITY_WRITE = 1u << 1,
	ABILITY_TEST = 1u << 2,
};

/* What a good answer holds. */
enum answer_kind {
	ANSWER_LIST,    /* a page of rows */
	ANSWER_ROW,     /* one row, of which `fields` may keep a part */
	ANSWER_STORED,  /* one whole row, just made */
	ANSWER_UPDATED, /* one whole row */
	ANSWER_MESSAGE,
	ANSWER_RESULT, /* of a test, if it was asked for */
	ANSWER_DOCUMENT,
	ANSWER_NOTHING,
};

struct action_facts {
	unsigned ability;      /* enum ability that the key needs; 0: no key */
	enum query_use query;  /* what of the query string counts */
	bool body;             /* is read */
	bool keep;             /* the answer may come from the cache */
	enum first_read first; /* what may be read together with the key */
	bool tagged;           /* a good answer has an ETag */
	bool if_match;         /* If-Match counts, where rows have a version */
	bool idempotent;       /* Idempotency-Key counts */
	bool prefer;           /* Prefer counts */
	/* A relation that a good answer has whether it is asked for or not. */
	const char *always;
	enum answer_kind answer;
	const char *doc; /* of the OpenAPI document, below the summary */
};

/* The row of an action; always there. */
const struct action_facts *action_facts(enum action);

#endif
