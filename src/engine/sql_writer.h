/*
 * A statement being written: text, and the values of its `?`. Shared by the
 * sql_*.c files; nobody else includes it.
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
	/* Whose rows a scope lets through: the id, or the column with it. */
	int64_t company_id;
	const char *company; /* NULL: company_id is bound */
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

/* alias.company_id = the company, or NULL where shared. */
void put_own(struct writer *, const char *alias, bool shared);

/* The rows of the resource that the company may see, as " AND ...". */
void put_scope(struct writer *, const char *alias, const struct resource *);

#endif
