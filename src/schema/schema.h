/*
 * The description of the data: one resource a table, one row a fact.
 *
 * A row of a table here gives the SELECT list, the permission to filter, sort
 * and include, the JSON member, the column of an import, the OpenAPI entry and
 * the check of the real database (ctl/check_schema.c). Files in this folder
 * hold const tables and no functions, but for the lookups of schema.c.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The last migration in sql/ that this program needs. */
#define SCHEMA_VERSION 10

struct resource;

enum column_type {
	COLUMN_INT,    /* integer within min..max; ids too */
	COLUMN_BOOL,   /* TINYINT, JSON true and false */
	COLUMN_TEXT,   /* at most max characters; bytes from 65535 on */
	COLUMN_TIME,   /* DATETIME(6) UTC, JSON 2024-01-31T00:00:00.000000Z */
	COLUMN_JSON,   /* any JSON text, kept as it is; max levels deep */
	COLUMN_OBJECT, /* a JSON object; at most max bytes */
	COLUMN_MASKED, /* text, or SECRET_MASK where `secret` is set */
	COLUMN_SEALED, /* ciphertext; never selected for an answer */
	COLUMN__MAX
};

enum column_flags {
	COLUMN_NULLABLE = 1u << 0,
	COLUMN_HIDDEN = 1u << 1,    /* in no answer */
	COLUMN_KEY = 1u << 2,       /* of the primary key */
	COLUMN_SORT = 1u << 3,      /* `sort` may name it */
	COLUMN_DERIVED = 1u << 4,   /* the server's own: no import, no export */
	COLUMN_IMPORT = 1u << 5,    /* only a member of import files */
	COLUMN_BINARY = 1u << 6,    /* compared byte for byte */
	COLUMN_DEFAULTED = 1u << 7, /* an import may leave it out */
	COLUMN_SELECTED = 1u << 8,  /* hidden, but read with every row */
	COLUMN_RAW = 1u << 9,       /* kept byte for byte, though it be blank */
};

/* What a text looks like, beyond its length. Those from
 * FORM_AUTHENTICATION_TYPE on are judged as the test of a connector reads them
 * (probe/lint.h), the others by engine/form.h. */
enum column_form {
	FORM_ANY,
	FORM_TIMEZONE, /* a name of the tz database */
	FORM_KEY,      /* [A-Za-z_][A-Za-z0-9_.-]* */
	FORM_EMAIL,
	FORM_LINK, /* http or https */
	FORM_MEDIA_TYPE,
	FORM_SHA256,        /* in hexadecimal digits */
	FORM_TRIMMED,       /* a body can name it */
	FORM_IDENTIFIER,    /* a filter can name it */
	FORM_CANONICAL_KEY, /* a path can name it */
	FORM_AUTHENTICATION_TYPE,
	FORM_STATUSES,    /* "200-299,304" */
	FORM_MEMBER_PATH, /* "data.token" */
	FORM_TEMPLATE,    /* with {{key}} in it */
	FORM_URL,         /* a template of one */
	FORM_HEADERS,     /* JSON: an object of templates */
	FORM_QUERY,       /* the same */
	FORM__MAX
};

/* A column that stands in another table: its value where foreign is this row's
 * local. */
struct column_lookup {
	const struct resource *table;
	const char *local;   /* column of this table */
	const char *foreign; /* unique column of the other */
	const char *value;   /* column of the other that is shown */
};

struct column {
	const char *name; /* of the column and of the JSON member */
	enum column_type type;
	unsigned flags;   /* enum column_flags */
	int64_t min, max; /* integers: the range; others: see their type */
	enum column_form form;
	const char *const *one_of; /* allowed texts, NULL-terminated; or NULL */
	const struct resource *refers; /* table whose id it holds; or NULL */
	const struct column_lookup *lookup; /* NULL: a column of the table */
	const char *fallback; /* what an import that leaves it out gets */
	const char *doc;      /* one sentence for the OpenAPI document */
};

enum relation_kind {
	RELATION_TO_ONE,  /* local column holds the target's id */
	RELATION_HAS_ONE, /* target's foreign column holds our id */
	RELATION_HAS_MANY,
	RELATION_MANY, /* through a link table */
};

/* The table between two resources. Its own columns stand in `table`. */
struct relation_link {
	const struct resource *table;
	const char *near;  /* its column that holds our id */
	const char *far;   /* its column that holds the target's id */
	const char *morph; /* value of its model_type; NULL: it has none */
	/* Shown as "pivot" in this order, NULL-terminated; NULL: no pivot. */
	const char *const *pivot;
};

struct relation {
	const char *name;   /* in `include`: authenticationImplementation */
	const char *member; /* in JSON: authentication_implementation */
	enum relation_kind kind;
	const struct resource *target;
	const char *local;   /* column of ours; "id" but for TO_ONE */
	const char *foreign; /* column of the target; "id" for TO_ONE, MANY */
	const char *morph;   /* value of the target's model_type, or NULL */
	const struct relation_link *link; /* for RELATION_MANY */
	/*
	 * For variables: relation of ours to the authentication type. What it
	 * needs and no row of this relation has the key of is listed behind
	 * them, with an id of null (api/complete.h). NULL: rows alone.
	 */
	const char *needs_of;
	/*
	 * Only an import changes the row that it leads to and all that may be
	 * included below, so that its text is kept (api/fragments.h): nothing
	 * there belongs to a connector. For RELATION_TO_ONE without needs_of.
	 */
	bool catalogue;
	/*
	 * Column of ours that counts with the version those of our changes that
	 * were none of this relation's rows; NULL: there is none. Whatever
	 * changes one of these rows, or which there are, raises the version
	 * alone, in the same transaction, or that of what all companies share;
	 * so their text is kept under how far ahead the version is, and under
	 * that (api/fragments.h). For relations without needs_of, of a resource
	 * with a version, below which nothing is included.
	 */
	const char *own_changes;
	const char *doc;
};

/* A filter of a list. The value is compared with `digits` when it is all
 * digits and with `text` otherwise, both columns of the resource at the end
 * of `path`; NULL matches nothing. */
struct filter {
	const char *name;
	const char *path; /* relation names joined by '.'; "" is the resource */
	const char *digits;
	const char *text;
	/* Another kind: `true` is the row with the highest id among those with
	 * the same value in this column, which refers to another table; `false`
	 * any other row. No columns are compared then; the index begins with
	 * company_id and this column and goes on with the id. */
	const char *newest;
	const char *newest_index;
	const char *doc;
};

/* What a rule says about a field beside the limits of its column. */
enum rule_kind {
	RULE_STRING,
	RULE_INTEGER,
	RULE_BOOLEAN,
	RULE_ID,   /* an integer or a string of digits */
	RULE_LIST, /* a JSON list, of at most max items */
	RULE_MAP,  /* a JSON object or list */
};

enum rule_flags {
	RULE_READ = 1u << 0,     /* the route reads the field at all */
	RULE_REQUIRED = 1u << 1, /* on update: if it is there */
	RULE_NULLABLE = 1u << 2,
	RULE_WITHOUT_ID = 1u << 3, /* required unless the item has an id */
	/* ... nor where the item's key is that of a stored one */
	RULE_UNLESS_STORED = 1u << 4,
};

enum rule_checks {
	CHECK_EXISTS = 1u << 0,   /* names a row of another table */
	CHECK_DISTINCT = 1u << 1, /* among the items of the list */
	CHECK_OWN = 1u << 2,      /* an item that the row has already */
};

/*
 * A field of a body. Its limits (most characters, form, range, list of values,
 * the table it refers to) are those of the column it is stored in.
 */
struct rule {
	const char *field; /* "variables.*.pivot.alias" */
	const char *item;  /* what of it is behind ".*."; NULL: nothing */
	enum rule_kind kind;
	const struct resource *resource; /* of the column; NULL: none */
	const char *column;
	unsigned store;  /* enum rule_flags, on store */
	unsigned update; /* and on update */
	unsigned checks; /* enum rule_checks */
	size_t max;      /* items of a list */
	const char *doc;
};

/* Which rows of a table a company may see. */
enum scope {
	SCOPE_GLOBAL, /* all */
	SCOPE_OWN,    /* company_id is its own */
	SCOPE_SHARED, /* company_id is its own or NULL */
	SCOPE_PARENT, /* as the resource behind `scope_relation` */
};

struct resource {
	const char *name;  /* of the table, plural */
	const char *one;   /* singular: the model_type of its rows */
	const char *model; /* class name in "No query results for model" */
	enum scope scope;
	/* For SCOPE_PARENT: leads to a resource with another scope. */
	const char *scope_relation;
	const char *key;     /* column that names a row in a path, beside id */
	const char *version; /* column that If-Match compares; NULL: none */
	bool newest_first;   /* the order of a list: id, descending */
	/* Of SCOPE_OWN: the index of company and id, which a list in the order
	 * of ids is read from; NULL: the server chooses. Servers take a large
	 * company's rows for evenly spread, and choose to look for the first of
	 * them from the beginning of the table. */
	const char *list_index;
	/* How many rows each company has stands in data_versions, in a column
	 * of the table's name. */
	bool counted;
	/* Rows change without a new data version: answers are not kept. */
	bool unversioned;
	const struct column *columns;
	size_t n_columns;
	const struct relation *relations;
	size_t n_relations;
	const struct filter *filters;
	size_t n_filters;
	/* Columns that `search` looks in, NULL-terminated; NULL: there is no
	 * such parameter. */
	const char *const *search;
	const struct rule *rules; /* of a body, in the order of messages */
	size_t n_rules;
	const char *const *includes; /* see schema_includes() */
	bool internal;               /* neither imported nor exported */
	const char *doc;
};

/* All tables, in an order in which each follows those it refers to. */
extern const struct resource *const resources[];
extern const size_t n_resources;

/* By name; NULL if there is none. */
const struct column *schema_column(const struct resource *, struct str name);
const struct relation *schema_relation(
    const struct resource *, struct str name);
const struct filter *schema_filter(const struct resource *, struct str name);

/* Whether the values of a filter of the resource are `true` and `false` (also
 * written 1 and 0; no row has any other). */
bool schema_is_boolean(const struct resource *, const struct filter *);

/* What `include` may name, in the order of messages, NULL-terminated; never
 * NULL. */
const char *const *schema_includes(const struct resource *);

/* The rule of the list in a body; NULL: a body has no list. */
const struct rule *schema_list(const struct resource *);
/* The most items that it may have; 0: a body has no list. */
size_t schema_most_items(const struct resource *);

/* Whether every row that is read has the column. */
bool column_is_selected(const struct column *);
/* How many of a resource are. */
size_t schema_n_selected(const struct resource *);
/* Whether answers hold the column. */
bool column_is_visible(const struct column *);
/* Whether the table of the database holds it. */
bool column_is_stored(const struct column *);

#endif
