/*
 * Answers of strangers: the first line is a Content-Encoding, the second a
 * Content-Type, the rest the body, which is read as all that bodies are read
 * as.
 */
#include <config.h>

#include "fuzz.h"
#include "probe/content.h"
#include "probe/grant.h"
#include "probe/soap.h"

#define MOST 65536 /* bytes that are unpacked */

static struct str
cut_line(struct str *rest)
{
	struct str line = { rest->ptr, str_find(*rest, '\n') };

	*rest = str_from(*rest, line.len + 1);
	return line;
}

static void
read_token(struct arena *arena, struct str text, struct str type)
{
	struct grant_error error;
	struct grant grant;
	bool is_read = grant_read(text, type, STR("a.access_token"), &grant);

	if (!is_read)
		require(grant_token(arena, &grant).len == 0);
	(void)grant_refresh_token(arena, &grant);
	if (grant_error(arena, &grant, &error) && error.word != NULL)
		require(is_read && error.means != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(16384);
	struct str body = fuzz_text(arena, bytes, len), text;
	struct str coding = cut_line(&body), type = cut_line(&body);
	enum content_fault fault =
	    content_unpack(arena, body, coding, MOST, &text);

	require(fault < CONTENT_CHARSET_UNKNOWN);
	if (coding.len > 0 && fault != CONTENT_CODING_UNKNOWN)
		require(text.len <= MOST || text.len <= body.len);
	body = text;
	fault = content_text(arena, CONTENT_XML, body, type, &text);
	require(fault == CONTENT_OK || fault >= CONTENT_CHARSET_UNKNOWN);
	require(text.len <= 3 * body.len);
	if (fault == CONTENT_OK)
		(void)soap_read(text);
	fault = content_text(arena, CONTENT_JSON, body, type, &text);
	if (fault == CONTENT_OK)
		read_token(arena, text, type);
	arena_free(arena);
	return 0;
}
