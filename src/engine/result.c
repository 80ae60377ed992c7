/*
 * Looking up what belongs to a parent. Pure.
 */
#include <config.h>

#include "engine/result.h"

int
result_compare_keys(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

size_t
result_first_row(const struct rows *rows, int64_t key)
{
	size_t low = 0, high = rows->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows_cell(rows, middle, 0)->integer < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct fragment *
result_fragment(const struct fragments *fragments, int64_t key)
{
	size_t low = 0, high = fragments->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (fragments->all[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return &fragments->all[low];
}

int64_t
result_count(const struct result *result, int64_t key)
{
	const struct rows *rows = &result->rows;
	const struct fragment *f =
	    result->fragments == NULL ? NULL
				      : result_fragment(result->fragments, key);

	if (f != NULL && f->stored.ptr != NULL)
		return f->rows;
	return (int64_t)(result_first_row(rows, key + 1) -
			 result_first_row(rows, key));
}
