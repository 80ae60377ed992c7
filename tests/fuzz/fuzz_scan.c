/*
 * The beginning of a FastCGI connection: an answer about a part of the bytes
 * must not contradict the answer about more of them.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "conn/fcgi_scan.h"
#include "fuzz.h"

static struct scan
scan(const uint8_t *bytes, size_t len)
{
	/* Exactly as large as they may be, for the sanitizer. */
	unsigned char *copy = malloc(len > 0 ? len : 1);
	unsigned char *scratch = malloc(len > 0 ? len : 1);
	struct scan ret;

	require(copy != NULL && scratch != NULL);
	memcpy(copy, bytes, len);
	ret = scan_request(copy, len, scratch);
	free(copy);
	free(scratch);
	return ret;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct scan whole = scan(bytes, len);
	enum scan_state before = SCAN_MORE;

	require(whole.params <= len);
	if (whole.state == SCAN_MORE || whole.state == SCAN_HEAD)
		require(whole.need > len);
	for (size_t n = 0; n <= len && len <= 512; n++) {
		struct scan part = scan(bytes, n);

		/* What is settled stays, and the order is MORE, HEAD, end. */
		if (before == SCAN_JUNK || before == SCAN_WHOLE)
			require(part.state == before);
		if (before == SCAN_HEAD)
			require(part.state != SCAN_MORE);
		before = part.state;
	}
	return 0;
}
