/*
 * The charsets that are known, and the C library's iconv() for them.
 */
#include <config.h>

#include "probe/charset.h"

#include <iconv.h>
#include <string.h>

/* Letters and digits of a name; longer ones are unknown. */
#define LABEL_MAX 32
/* Most bytes of UTF-8 for one byte of any charset. */
#define GROWTH 3

#define UTF_8 "UTF-8"

/*
 * Names in small letters without punctuation, and what iconv() calls them:
 * those of the IANA registry and further spellings that servers use. Some names
 * stand for a larger set (Shift_JIS, GB2312), as in browsers.
 */
static const struct {
	const char *label, *charset;
} charsets[] = {
	{ "utf8", UTF_8 },
	{ "usascii", "ASCII" },
	{ "ascii", "ASCII" },
	{ "iso646us", "ASCII" },
	{ "ansix341968", "ASCII" },
	{ "iso88591", "ISO-8859-1" },
	{ "latin1", "ISO-8859-1" },
	{ "l1", "ISO-8859-1" },
	{ "iso885911987", "ISO-8859-1" },
	{ "iso88592", "ISO-8859-2" },
	{ "latin2", "ISO-8859-2" },
	{ "iso88593", "ISO-8859-3" },
	{ "iso88594", "ISO-8859-4" },
	{ "iso88595", "ISO-8859-5" },
	{ "iso88596", "ISO-8859-6" },
	{ "iso88597", "ISO-8859-7" },
	{ "iso88598", "ISO-8859-8" },
	{ "iso88599", "ISO-8859-9" },
	{ "latin5", "ISO-8859-9" },
	{ "iso885910", "ISO-8859-10" },
	{ "iso885911", "ISO-8859-11" },
	{ "iso885913", "ISO-8859-13" },
	{ "iso885914", "ISO-8859-14" },
	{ "iso885915", "ISO-8859-15" },
	{ "latin9", "ISO-8859-15" },
	{ "l9", "ISO-8859-15" },
	{ "iso885916", "ISO-8859-16" },
	{ "windows874", "CP874" },
	{ "tis620", "CP874" },
	{ "windows1250", "CP1250" },
	{ "cp1250", "CP1250" },
	{ "windows1251", "CP1251" },
	{ "cp1251", "CP1251" },
	{ "windows1252", "CP1252" },
	{ "cp1252", "CP1252" },
	{ "xcp1252", "CP1252" },
	{ "windows1253", "CP1253" },
	{ "cp1253", "CP1253" },
	{ "windows1254", "CP1254" },
	{ "cp1254", "CP1254" },
	{ "windows1255", "CP1255" },
	{ "cp1255", "CP1255" },
	{ "windows1256", "CP1256" },
	{ "cp1256", "CP1256" },
	{ "windows1257", "CP1257" },
	{ "cp1257", "CP1257" },
	{ "windows1258", "CP1258" },
	{ "cp1258", "CP1258" },
	{ "ibm437", "CP437" },
	{ "cp437", "CP437" },
	{ "ibm850", "CP850" },
	{ "cp850", "CP850" },
	{ "koi8r", "KOI8-R" },
	{ "koi8u", "KOI8-U" },
	{ "macintosh", "MACINTOSH" },
	{ "gb2312", "GB18030" },
	{ "gbk", "GB18030" },
	{ "cp936", "GB18030" },
	{ "gb18030", "GB18030" },
	{ "big5", "BIG5" },
	{ "shiftjis", "CP932" },
	{ "sjis", "CP932" },
	{ "windows31j", "CP932" },
	{ "eucjp", "EUC-JP" },
	{ "euckr", "CP949" },
	{ "ksc56011987", "CP949" },
	{ "windows949", "CP949" },
	{ "utf16", "UTF-16" },
	{ "ucs2", "UTF-16" },
	{ "iso10646ucs2", "UTF-16" },
	{ "utf16le", "UTF-16LE" },
	{ "utf16be", "UTF-16BE" },
	{ "utf32", "UTF-32" },
	{ "utf32le", "UTF-32LE" },
	{ "utf32be", "UTF-32BE" },
};

/* UTF-32 stands first: one of its marks begins with one of UTF-16's. */
static const struct {
	struct str mark;
	const char *charset;
} marks[] = {
	{ STR_CONST("\xEF\xBB\xBF"), UTF_8 },
	{ STR_CONST("\xFF\xFE\0\0"), "UTF-32LE" },
	{ STR_CONST("\0\0\xFE\xFF"), "UTF-32BE" },
	{ STR_CONST("\xFF\xFE"), "UTF-16LE" },
	{ STR_CONST("\xFE\xFF"), "UTF-16BE" },
};

/* Which of the first bytes are zero ('0') and which are not ('x'). */
static const struct {
	const char *pattern, *charset;
} zeros[] = {
	{ "000x", "UTF-32BE" },
	{ "x000", "UTF-32LE" },
	{ "0x", "UTF-16BE" },
	{ "x0", "UTF-16LE" },
};

const char *
charset_of_mark(struct str bytes, struct str *ret_rest)
{
	for (size_t i = 0; i < N_ELEMENTS(marks); i++) {
		if (!str_starts_with(bytes, marks[i].mark))
			continue;
		*ret_rest = str_from(bytes, marks[i].mark.len);
		return marks[i].charset;
	}
	return NULL;
}

static bool
has_zeros(struct str bytes, const char *pattern)
{
	size_t n = strlen(pattern);

	if (bytes.len < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((bytes.ptr[i] == 0) != (pattern[i] == '0'))
			return false;
	return true;
}

const char *
charset_of_zeros(struct str bytes)
{
	for (size_t i = 0; i < N_ELEMENTS(zeros); i++)
		if (has_zeros(bytes, zeros[i].pattern))
			return zeros[i].charset;
	return NULL;
}

/* The name in small letters without punctuation; false if it is too long to be
 * known. */
static bool
simplify(struct str name, char label[LABEL_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (str_is_one_of(c, "-_. :"))
			continue;
		if (n == LABEL_MAX)
			return false;
		label[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	label[n] = 0;
	return true;
}

/* NULL if it is not known. */
static const char *
find(struct str name)
{
	char label[LABEL_MAX + 1];

	if (!simplify(name, label))
		return NULL;
	for (size_t i = 0; i < N_ELEMENTS(charsets); i++)
		if (strcmp(charsets[i].label, label) == 0)
			return charsets[i].charset;
	return NULL;
}

/* The byte order of a charset whose name has none: big-endian, unless the bytes
 * show otherwise (RFC 2781, 4.3). */
static const char *
with_order(const char *charset, struct str bytes)
{
	const char *seen = charset_of_zeros(bytes);
	size_t len = strlen(charset);

	if (strcmp(charset, "UTF-16") != 0 && strcmp(charset, "UTF-32") != 0)
		return charset;
	if (seen != NULL && strncmp(seen, charset, len) == 0)
		return seen;
	return len > 0 && charset[len - 1] == '6' ? "UTF-16BE" : "UTF-32BE";
}

static enum charset_result
convert(struct arena *a, iconv_t converter, struct str bytes, struct str *ret)
{
	char *begin = arena_alloc_array(a, bytes.len, GROWTH), *out = begin;
	size_t room = bytes.len * GROWTH, left = bytes.len;
	char *in;
	bool is_good;

	/* iconv() takes a pointer without const to bytes that it never writes.
	 */
	memcpy(&in, &bytes.ptr, sizeof(in));
	is_good = iconv(converter, &in, &left, &out, &room) != (size_t)-1 &&
		  iconv(converter, NULL, NULL, &out, &room) != (size_t)-1;
	*ret = (struct str){ begin, (size_t)(out - begin) };
	return is_good ? CHARSET_OK : CHARSET_WRONG;
}

enum charset_result
charset_decode(
    struct arena *a, struct str bytes, struct str name, struct str *ret)
{
	const char *charset = find(name);
	enum charset_result result;
	iconv_t converter = (iconv_t)-1;

	*ret = bytes;
	if (charset != NULL && strcmp(charset, UTF_8) == 0)
		return CHARSET_OK;
	if (charset != NULL)
		converter = iconv_open(UTF_8, with_order(charset, bytes));
	if (converter == (iconv_t)-1)
		return str_is_utf8(bytes) ? CHARSET_OK : CHARSET_UNKNOWN;
	result = convert(a, converter, bytes, ret);
	iconv_close(converter);
	return result;
}
