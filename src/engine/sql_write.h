/*
 * Statements of the write side: a row to lock, rows that a body refers to,
 * inserts, updates and deletes of the columns of the tables.
 *
 * As in sql.h identifiers come from the static tables and every value is a
 * parameter. Pure.
 */
#ifndef ENGINE_SQL_WRITE_H
#define ENGINE_SQL_WRITE_H

#include "base/arena.h"
#include "base/statement.h"
#include "engine/sql.h"
#include "engine/validate.h"

/*
 * After UPDATE, when no column that refers to another table changes. In a group
 * a row that is changed counts with all the rows it refers to as changed, and
 * then all that members write of one company at the same time is in conflict;
 * with the check off it does not. There is nothing to check: the references
 * were checked when they were set. A comment to MariaDB. Source: MySQL
 * Reference Manual, "Variable-Setting Hint Syntax".
 */
#define SQL_KEEPS_REFERENCES "/*+ SET_VAR(foreign_key_checks = OFF) */ "

/* A column and what it becomes. */
struct assignment {
	const struct column *column;
	struct value value;
};

/* Room for one assignment a column of any resource. */
#define ASSIGNMENTS_MAX 32

struct assignments {
	struct assignment items[ASSIGNMENTS_MAX];
	size_t n;
};

/* Adds a column of a resource by name. */
void assign(struct assignments *, const struct resource *, const char *column,
    struct value);

/* The root, locked until the end of the transaction; a row has one cell a
 * column of the resource, NULL for what the table does not store. */
struct statement sql_lock(
    struct arena *, const struct resource *, const struct sql_root *);

/* One row (number of the reference, id or 0) for each reference that is not
 * found yet (at least one) and exists where the company may see it. */
struct statement sql_references(
    struct arena *, const struct references *, int64_t company_id);

/*
 * The items of an owner through the link of a relation, locked. A row is: id,
 * company, the sealed value, then one cell a rule of the owner's resource (NULL
 * for rules that are no columns of an item). Ordered by id.
 */
struct statement sql_variables(struct arena *, const struct resource *rules,
    const struct relation *, int64_t owner_id);

/* INSERT; created_at and updated_at are now. */
struct statement sql_insert(
    struct arena *, const struct resource *, const struct assignments *);

/* The same for n rows (at least one) of the same columns. */
struct statement sql_insert_rows(struct arena *, const struct resource *,
    const struct assignments *rows, size_t n);

/*
 * The same, and the rows come back as they are stored, in their order: of a
 * resource the cells of a list of it, of links (that have a pivot) whose the
 * link is and its pivot. MariaDB only. Source: MariaDB, "INSERT...RETURNING".
 */
struct statement sql_insert_returning(struct arena *, const struct resource *,
    const struct assignments *rows, size_t n);
struct statement sql_link_returning(struct arena *,
    const struct relation_link *, const struct assignments *rows, size_t n);

/* How a change is counted in the row. */
enum counted {
	COUNTED_NOT,
	COUNTED,     /* `version` goes up by one ... */
	COUNTED_OWN, /* ... and `own_changes`, of a change of the row alone */
};

/* UPDATE of the row whose key column has the value; updated_at is now. */
struct statement sql_update(struct arena *, const struct resource *,
    const struct assignments *, const char *key, int64_t id, enum counted);

/* UPDATE of one column of n rows (at least one) by id, each to a value of its
 * own; updated_at is now. */
struct statement sql_update_each(struct arena *, const struct resource *,
    const char *column, const int64_t *ids, const struct value *values,
    size_t n);

/* DELETE of the rows whose column has one of the n values (at least one). */
struct statement sql_delete(struct arena *, const struct resource *,
    const char *column, const int64_t *values, size_t n);

/* The statements of data_version_raise() (api/data_version.h), which alone runs
 * them: raises a version in the row of the node, and tells that another node
 * than the first has one. */
struct statement sql_raise_data_version(
    struct arena *, int64_t company_id, int64_t added);
struct statement sql_tell_node(void);

#endif
