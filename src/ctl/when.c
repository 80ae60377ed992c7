/*
 * Reading and writing points in time. Must not depend on a locale or a time
 * zone of the environment.
 */
#include <config.h>

#include "ctl/when.h"

#include <stdint.h>
#include <stdio.h>

#include "base/time.h"

#define FRACTION_DIGITS 6

/* What is left to read. */
struct reader {
	const char *p;
	const char *end;
	bool is_wrong;
};

struct parts {
	int year, month, day, hour, minute, second;
	int fraction; /* millionths */
	int offset;   /* minutes east */
};

static void
expect(struct reader *r, const char *one_of)
{
	if (r->p == r->end || !str_is_one_of(*r->p, one_of))
		r->is_wrong = true;
	else
		r->p++;
}

static bool
is_next(const struct reader *r, const char *one_of)
{
	return r->p < r->end && str_is_one_of(*r->p, one_of);
}

/* A number of exactly so many digits, within low to high. */
static int
number(struct reader *r, int digits, int low, int high)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!is_next(r, "0123456789")) {
			r->is_wrong = true;
			return low;
		}
		value = value * 10 + (*r->p++ - '0');
	}
	if (value < low || value > high)
		r->is_wrong = true;
	return value;
}

static int
fraction(struct reader *r)
{
	int value = 0;
	int digits = 0;

	if (!is_next(r, "."))
		return 0;
	r->p++;
	while (is_next(r, "0123456789") && digits < FRACTION_DIGITS) {
		value = value * 10 + (*r->p++ - '0');
		digits++;
	}
	if (digits == 0)
		r->is_wrong = true;
	for (; digits < FRACTION_DIGITS; digits++)
		value *= 10;
	return value;
}

static int
offset(struct reader *r)
{
	int sign, hours, minutes;

	if (is_next(r, "Zz")) {
		r->p++;
		return 0;
	}
	sign = is_next(r, "-") ? -1 : 1;
	expect(r, "+-");
	hours = number(r, 2, 0, 23);
	expect(r, ":");
	minutes = number(r, 2, 0, 59);
	return sign * (hours * 60 + minutes);
}

static void
read_date(struct reader *r, struct parts *ret)
{
	ret->year = number(r, 4, 1000, 9999);
	expect(r, "-");
	ret->month = number(r, 2, 1, 12);
	expect(r, "-");
	ret->day = number(r, 2, 1, 31);
}

static void
read_time(struct reader *r, struct parts *ret)
{
	ret->hour = number(r, 2, 0, 23);
	expect(r, ":");
	ret->minute = number(r, 2, 0, 59);
	expect(r, ":");
	ret->second = number(r, 2, 0, 59);
	ret->fraction = fraction(r);
}

static bool
print(time_t seconds, int millionths, char out[WHEN_SIZE])
{
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < 1000 - 1900 ||
	    tm.tm_year > 9999 - 1900)
		return false;
	snprintf(out, WHEN_SIZE, "%04u-%02u-%02u %02u:%02u:%02u.%06u",
	    (unsigned)(tm.tm_year + 1900) % 10000,
	    (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100,
	    (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
	    (unsigned)tm.tm_sec % 100, (unsigned)millionths % 1000000);
	return true;
}

static bool
write_parts(const struct parts *parts, char out[WHEN_SIZE])
{
	struct tm tm = {
		.tm_year = parts->year - 1900,
		.tm_mon = parts->month - 1,
		.tm_mday = parts->day,
		.tm_hour = parts->hour,
		.tm_min = parts->minute,
		.tm_sec = parts->second,
	};
	const time_t seconds = timegm(&tm);

	/* timegm() made the 1st of March of a 30th of February. */
	if (tm.tm_mday != parts->day)
		return false;
	return print(
	    seconds - (time_t)parts->offset * 60, parts->fraction, out);
}

bool
when_parse(struct str text, char out[WHEN_SIZE])
{
	struct reader r = { text.ptr, text.ptr + text.len, false };
	struct parts parts = { 0 };

	if (text.len == 0)
		return false;
	read_date(&r, &parts);
	expect(&r, "Tt ");
	read_time(&r, &parts);
	parts.offset = offset(&r);
	return !r.is_wrong && r.p == r.end && write_parts(&parts, out);
}

bool
when_parse_date(struct str text, char out[WHEN_SIZE])
{
	struct reader r = { text.ptr, text.ptr + text.len, false };
	struct parts parts = { 0 };

	if (text.len != sizeof("2024-01-31") - 1)
		return when_parse(text, out);
	read_date(&r, &parts);
	return !r.is_wrong && r.p == r.end && write_parts(&parts, out);
}

bool
when_format(struct str stored, char out[WHEN_SIZE])
{
	struct reader r = { stored.ptr, stored.ptr + stored.len, false };
	struct parts parts = { 0 };

	if (stored.len == 0)
		return false;
	read_date(&r, &parts);
	expect(&r, " ");
	read_time(&r, &parts);
	if (r.is_wrong || r.p != r.end || !write_parts(&parts, out))
		return false;
	out[10] = 'T';
	out[26] = 'Z';
	out[27] = '\0';
	return true;
}

bool
when_of_seconds(time_t seconds, char out[WHEN_SIZE])
{
	return print(seconds, 0, out);
}

void
when_now(char out[WHEN_SIZE])
{
	uint64_t now = time_real();

	if (!print((time_t)(now / 1000000), (int)(now % 1000000), out))
		print(0, 0, out);
}
