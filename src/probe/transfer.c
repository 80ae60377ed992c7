/*
 * base64 and quoted-printable; the other encodings change nothing.
 */
#include <config.h>

#include "probe/transfer.h"

#include <string.h>

static bool
keep(struct arena *a, struct str bytes, struct str *ret)
{
	(void)a;
	*ret = bytes;
	return true;
}

static bool
decode_base64(struct arena *a, struct str bytes, struct str *ret)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	char *out = arena_alloc(a, bytes.len + 1);
	unsigned bits = 0, n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < bytes.len && bytes.ptr[i] != '='; i++) {
		char c = bytes.ptr[i];
		const char *digit = c == 0 ? NULL : strchr(digits, c);

		if (str_is_one_of(c, STR_WHITE))
			continue;
		if (digit == NULL)
			return false;
		bits = (bits << 6 | (unsigned)(digit - digits)) & 0xffff;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		out[n++] = (char)(bits >> n_bits & 0xff);
	}
	*ret = (struct str){ out, n };
	return true;
}

/* Length of a soft line break: an '=' at the end of a line, with blanks before
 * the break; 0 if it is something else. */
static size_t
soft_break(struct str s)
{
	size_t n = 1;

	while (n < s.len && str_is_one_of(s.ptr[n], STR_BLANKS "\r"))
		n++;
	return n < s.len && s.ptr[n] == '\n' ? n + 1 : 0;
}

/* The byte that "=XX" stands for; -1 if it is something else. */
static int
escaped_byte(struct str s)
{
	int high = s.len < 3 ? -1 : str_hex_digit(s.ptr[1]);
	int low = s.len < 3 ? -1 : str_hex_digit(s.ptr[2]);

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool
decode_quoted(struct arena *a, struct str bytes, struct str *ret)
{
	char *out = arena_alloc(a, bytes.len + 1);
	size_t n = 0;

	while (bytes.len > 0) {
		bool is_escape = bytes.ptr[0] == '=';
		size_t skip = is_escape ? soft_break(bytes) : 0;
		int byte = is_escape ? escaped_byte(bytes) : -1;

		if (skip == 0) {
			skip = byte >= 0 ? 3 : 1;
			out[n++] = byte >= 0 ? (char)byte : bytes.ptr[0];
		}
		bytes = str_from(bytes, skip);
	}
	*ret = (struct str){ out, n };
	return true;
}

static const struct {
	const char *name;
	bool (*decode)(struct arena *, struct str bytes, struct str *ret);
} encodings[] = {
	{ "", keep },
	{ "7bit", keep },
	{ "8bit", keep },
	{ "binary", keep },
	{ "base64", decode_base64 },
	{ "quoted-printable", decode_quoted },
};

bool
transfer_decode(
    struct arena *a, struct str bytes, struct str encoding, struct str *ret)
{
	for (size_t i = 0; i < N_ELEMENTS(encodings); i++)
		if (str_equal_nocase(encoding, str_of(encodings[i].name)))
			return encodings[i].decode(a, bytes, ret);
	return false;
}
