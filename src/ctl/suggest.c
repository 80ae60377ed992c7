/*
 * The distance of two words by optimal string alignment: how many letters must
 * be put in, taken out, replaced or exchanged with their neighbour.
 */
#include <config.h>

#include "ctl/suggest.h"

#define LETTERS_MAX 40 /* longer words are near to none */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* cells[i][j]: of the first i letters of a and the first j of b. */
static size_t
cell(size_t cells[LETTERS_MAX + 1][LETTERS_MAX + 1], struct str a, struct str b,
    size_t i, size_t j)
{
	const char *p = a.ptr, *q = b.ptr;
	size_t ret = cells[i - 1][j - 1] + (p[i - 1] != q[j - 1]);

	ret = least(ret, cells[i - 1][j] + 1);
	ret = least(ret, cells[i][j - 1] + 1);
	if (i > 1 && j > 1 && p[i - 1] == q[j - 2] && p[i - 2] == q[j - 1])
		ret = least(ret, cells[i - 2][j - 2] + 1);
	return ret;
}

static size_t
distance(struct str a, struct str b)
{
	size_t cells[LETTERS_MAX + 1][LETTERS_MAX + 1];

	for (size_t i = 0; i <= a.len; i++)
		for (size_t j = 0; j <= b.len; j++)
			cells[i][j] =
			    i == 0 || j == 0 ? i + j : cell(cells, a, b, i, j);
	return cells[a.len][b.len];
}

void
suggest(struct suggestion *s, struct str word)
{
	size_t found;

	if (s->typed.len > LETTERS_MAX || word.len > LETTERS_MAX)
		return;
	found = distance(s->typed, word);
	if (found * 3 > word.len + 1 ||
	    (s->word.len > 0 && found >= s->distance))
		return;
	s->word = word;
	s->distance = found;
}
