/*
 * src/engine/sql_text.c
 */
#include <config.h>

#include "engine/sql_text.h"

#include <criterion/criterion.h>

static const struct {
	size_t n, padded, chunk, chunk_of_few; /* few is 1, and 8 */
} sizes[] = {
	{ 1, 1, 1, 1 },
	{ 2, 2, 2, 2 },
	{ 3, 4, 2, 3 },
	{ 8, 8, 8, 8 },
	{ 9, 16, 8, 8 },
	{ 63, 64, 32, 32 },
	{ 64, 64, 64, 64 },
	{ 65, 128, 64, 64 },
	{ 500, 512, 64, 64 },
	{ 32768, 32768, 64, 64 },
};

Test(sql_text, few_different_sizes)
{
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		size_t n = sizes[i].n;

		cr_expect_eq(sql_padded(n), sizes[i].padded, "%zu", n);
		cr_expect_eq(sql_chunk(n, 1, 64), sizes[i].chunk, "%zu", n);
		cr_expect_eq(
		    sql_chunk(n, 8, 64), sizes[i].chunk_of_few, "%zu", n);
	}
}

Test(sql_text, chunks_take_every_row_once)
{
	for (size_t n = 1; n <= 1000; n++) {
		size_t done = 0, statements = 0;

		for (; done < n; statements++)
			done += sql_chunk(n - done, 1, 512);
		cr_expect_eq(done, n);
		cr_expect_leq(statements, 10 + n / 512);
	}
}

Test(sql_text, names_and_lists)
{
	struct buf b;

	buf_init(&b, 64);
	sql_add_name(&b, "key");
	buf_add_text(&b, " IN (");
	sql_add_list(&b, "?", 3);
	sql_add_list(&b, "?", 0);
	buf_add_char(&b, ')');
	cr_expect(str_equal_text(buf_str(&b), "`key` IN (?,?,?)"));
	buf_done(&b);
}
