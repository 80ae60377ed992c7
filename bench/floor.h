/*
 * What the floor answers. Each returns the HTTP status and adds the body.
 */
#ifndef FLOOR_H
#define FLOOR_H

#include "floor_db.h"
#include "floor_json.h"

#define PER_PAGE 15

/* hash: the API key's, 64 hexadecimal digits. */
struct param floor_hash(const char *hash);
struct param floor_number(long long);
struct param floor_text(const char *);

/* The ids of a column of the rows, as PER_PAGE parameters. */
void floor_ids(const struct rows *, size_t column, struct param *ret);

/* The first row at or behind `from` whose first cell is id. */
size_t floor_find(const struct rows *, const struct cell *id, size_t from);
bool floor_same(const struct cell *, const struct cell *);

/* "links" and "meta" behind the rows of a page, and the end of the answer. */
void floor_page(struct out *, long page, const struct cell *total);

/* The members "variables" of the row with that id. */
void floor_variables(
    struct out *, const struct rows *, const struct cell *id, size_t *at);

/* name (",\"x\":") and a row: {...}, or null if its first cell is; returns the
 * cell behind it. */
const struct cell *floor_one(
    struct out *, const char *name, const struct field *, const struct cell *);

/* name and the rows whose first cell is id, with a pivot unless that is NULL.
 */
void floor_many(struct out *, const char *name, const struct rows *,
    const struct field *, const struct field *pivot, const struct cell *id);

/* "name_count" and "name_exists". */
void floor_exists(struct out *, const char *name, size_t n);

int floor_show(const char *hash, long long id, struct out *);
int floor_list(const char *hash, long page, bool includes, struct out *);
int floor_list_all(const char *hash, long page, struct out *);
int floor_systems(const char *hash, long page, struct out *);
int floor_store(const char *hash, const char *body, struct out *);

#endif
