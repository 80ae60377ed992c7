/*
 * A statement being written: text, and the values of its `?`. Included by the
 * sql*.c files only.
 */
#ifndef ENGINE_SQL_WRITER_H
#define ENGINE_SQL_WRITER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/statement.h"
#include "schema/schema.h"

struct writer {
	struct arena *arena;
	struct buf text;
	struct value *params;
	size_t n;
	size_t capacity;
	/* The company whose rows a scope lets through: its id is bound, unless
	 * a column of the statement holds it. */
	int64_t company_id;
	const char *company_column; /* "k.company_id"; NULL: company_id */
};

struct writer writer_open(struct arena *, int64_t company_id);

/* The finished statement; the writer is done with. */
struct statement writer_close(struct writer *);

/* SQL text; literals of our files and nothing else. */
void put(struct writer *, const char *text);

/* The name of a table or column, quoted. */
void put_name(struct writer *, const char *name);

/* alias.`column` */
void put_column(struct writer *, const char *alias, const char *column);

/* A value for a `?` that stands in the text already. */
void put_param(struct writer *, struct value);

/* A `?` and its value. */
void put_value(struct writer *, struct value);

/* " IN (?, ...)" with n marks. */
void put_marks(struct writer *, size_t n);

/* That the company may see the row of a resource: as its scope says. A resource
 * without a company of its own is seen as the one behind scope_relation, which
 * has one. */
void put_visible(struct writer *, const char *alias, const struct resource *);

/* The same as " AND ..."; nothing where all rows are everybody's. */
void put_scope(struct writer *, const char *alias, const struct resource *);

#endif
