/*
 * What counts as an integer and as numeric in text.
 */
#include <config.h>

#include "engine/number.h"

#include <stdlib.h>
#include <string.h>

/* Longest text that is looked at as a number. */
#define NUMBER_MAX 330

bool
number_is_integer(struct str text, int64_t *ret)
{
	struct str s = str_trim(text, STR_SPACES);
	bool negative = s.len > 0 && s.ptr[0] == '-';
	uint64_t value;

	if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
		s = str_from(s, 1);
	if (s.len > 1 && s.ptr[0] == '0')
		return false;
	if (!str_to_u64(s, &value))
		return false;
	if (value > (uint64_t)INT64_MAX + (negative ? 1 : 0))
		return false;
	if (negative)
		*ret = value == 0 ? 0 : -(int64_t)(value - 1) - 1;
	else
		*ret = (int64_t)value;
	return true;
}

static size_t
count_digits(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
		n++;
	return n;
}

/* Whether s is [digits][.digits][e[sign]digits] with a digit before the e. */
static bool
has_numeric_form(struct str s)
{
	size_t whole = count_digits(s), fraction = 0;

	s = str_from(s, whole);
	if (s.len > 0 && s.ptr[0] == '.') {
		s = str_from(s, 1);
		fraction = count_digits(s);
		s = str_from(s, fraction);
	}
	if (whole + fraction == 0)
		return false;
	if (s.len == 0)
		return true;
	if (s.ptr[0] != 'e' && s.ptr[0] != 'E')
		return false;
	s = str_from(s, 1);
	if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
		s = str_from(s, 1);
	return s.len > 0 && count_digits(s) == s.len;
}

bool
number_is_numeric(struct str text, double *ret)
{
	struct str s = str_trim(text, STR_SPACES), unsigned_part;
	char copy[NUMBER_MAX + 1];

	if (s.len == 0 || s.len > NUMBER_MAX)
		return false;
	unsigned_part = s;
	if (s.ptr[0] == '-' || s.ptr[0] == '+')
		unsigned_part = str_from(s, 1);
	if (!has_numeric_form(unsigned_part))
		return false;
	memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	*ret = strtod(copy, NULL);
	return true;
}
