/*
 * Unpacking what was compressed with gzip or deflate. The only file that knows
 * zlib. Pure.
 */
#ifndef PROBE_INFLATE_H
#define PROBE_INFLATE_H

#include "base/buf.h"
#include "base/str.h"

enum inflate_result {
	INFLATE_DONE,
	INFLATE_FULL,  /* ret is at its maximum, and there is more */
	INFLATE_CUT,   /* the packed bytes end too early */
	INFLATE_BROKEN /* they are not what they are said to be */
};

/*
 * Appends what was packed, up to ret's maximum; what could be unpacked is there
 * whatever the result. Nothing unpacks to nothing.
 *
 * inflate_gzip: RFC 1952, of any number of members; bytes behind them that
 * begin none are passed over. inflate_deflate: RFC 1950, as HTTP says, or RFC
 * 1951, as some servers do.
 */
enum inflate_result inflate_gzip(struct str packed, struct buf *ret);
enum inflate_result inflate_deflate(struct str packed, struct buf *ret);

#endif
