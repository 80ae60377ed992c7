/*
 * Unpacking in pieces of a fixed size, so that a decompression bomb costs no
 * more than the maximum.
 */
#include <config.h>

#include "probe/inflate.h"

#include <limits.h>
#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#define PIECE 4096 /* bytes unpacked at once */

/* How inflateInit2() is told what the bytes are. */
#define FORM_ZLIB MAX_WBITS
#define FORM_RAW  (-MAX_WBITS)
#define FORM_GZIP (MAX_WBITS + 16)

static void
end(z_stream *z)
{
	(void)inflateEnd(z);
}

/* Adds as many of the bytes as there is room for; false if not all. */
static bool
add(struct buf *b, const unsigned char *bytes, size_t n)
{
	size_t room = b->max - b->len;

	buf_add(b, bytes, n < room ? n : room);
	return n <= room;
}

/* Unpacks one stream, from where z stands to its end. */
static enum inflate_result
unpack(z_stream *z, struct buf *ret)
{
	unsigned char piece[PIECE];

	for (;;) {
		int code;

		z->next_out = piece;
		z->avail_out = sizeof(piece);
		code = inflate(z, Z_NO_FLUSH);
		if (code == Z_MEM_ERROR)
			abort();
		if (!add(ret, piece, sizeof(piece) - z->avail_out))
			return INFLATE_FULL;
		if (code == Z_STREAM_END)
			return INFLATE_DONE;
		/* The input has ended. */
		if (code == Z_BUF_ERROR)
			return INFLATE_CUT;
		if (code != Z_OK)
			return INFLATE_BROKEN;
	}
}

static bool
begins_member(const z_stream *z)
{
	return z->avail_in >= 2 && z->next_in[0] == 0x1f &&
	       z->next_in[1] == 0x8b;
}

static enum inflate_result
unpack_form(struct str packed, int form, struct buf *ret)
{
	__attribute__((cleanup(end))) z_stream z = { 0 };
	enum inflate_result result;

	if (packed.len == 0)
		return INFLATE_DONE;
	if (packed.len > UINT_MAX)
		return INFLATE_FULL;
	z.next_in = (const unsigned char *)packed.ptr;
	z.avail_in = (unsigned)packed.len;
	if (inflateInit2(&z, form) != Z_OK)
		abort();
	result = unpack(&z, ret);
	while (
	    form == FORM_GZIP && result == INFLATE_DONE && begins_member(&z)) {
		(void)inflateReset(&z);
		result = unpack(&z, ret);
	}
	return result;
}

enum inflate_result
inflate_gzip(struct str packed, struct buf *ret)
{
	return unpack_form(packed, FORM_GZIP, ret);
}

enum inflate_result
inflate_deflate(struct str packed, struct buf *ret)
{
	size_t begin = ret->len;
	enum inflate_result result = unpack_form(packed, FORM_ZLIB, ret);

	if (result != INFLATE_BROKEN)
		return result;
	buf_truncate(ret, begin);
	return unpack_form(packed, FORM_RAW, ret);
}
