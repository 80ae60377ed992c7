/*
 * Which columns hold sealed values: for rotation, status and checks.
 */
#ifndef CTL_SEALED_H
#define CTL_SEALED_H

#include "ctl/ctl.h"

struct sealed_column {
	const char *table;  /* has id and company_id */
	const char *name;   /* as sealed values know it (seal_context) */
	const char *column; /* the column with the ciphertext */
};

extern const struct sealed_column sealed_columns[];
extern const size_t n_sealed_columns;

/*
 * Counts the values of a column by the key that sealed them: rows of key id
 * and count, by key id; the id is NULL for what is no sealed value. Keys
 * without a value have no row.
 */
enum error sealed_count(struct ctl *, const struct sealed_column *,
    struct rows *ret, struct problem *reterr);

#endif
