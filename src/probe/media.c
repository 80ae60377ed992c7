/*
 * "value; name=text; name=\"text\"", with blanks and empty parts allowed.
 */
#include <config.h>

#include "probe/media.h"

#include "base/text.h"

/* Cuts the part up to the next ';' that is not quoted off *rest; false once
 * nothing is left. */
static bool
next_part(struct str *rest, struct str *ret)
{
	size_t n = 0;

	if (rest->len == 0)
		return false;
	while (n < rest->len && rest->ptr[n] != ';')
		n += rest->ptr[n] == '"' ? str_quoted_length(str_from(*rest, n))
					 : 1;
	*ret = text_trim((struct str){ rest->ptr, n });
	*rest = str_from(*rest, n + 1);
	return true;
}

static struct str
unquote(struct arena *a, struct str text)
{
	char *out = arena_alloc(a, text.len + 1);
	size_t n = 0, end = str_quoted_length(text);

	if (text.ptr[end - 1] == '"' && end > 1)
		end--;
	for (size_t i = 1; i < end; i++) {
		if (text.ptr[i] == '\\' && i + 1 < end)
			i++;
		out[n++] = text.ptr[i];
	}
	return (struct str){ out, n };
}

bool
media_is(struct str field, const char *type)
{
	struct str part;

	return next_part(&field, &part) && str_equal_nocase(part, str_of(type));
}

struct str
media_parameter(struct arena *a, struct str field, const char *name)
{
	struct str part;

	(void)next_part(&field, &part);
	while (next_part(&field, &part)) {
		size_t equals = str_find(part, '=');
		struct str key = text_trim((struct str){ part.ptr, equals });
		struct str value = text_trim(str_from(part, equals + 1));

		if (!str_equal_nocase(key, str_of(name)))
			continue;
		return value.len > 0 && value.ptr[0] == '"' ? unquote(a, value)
							    : value;
	}
	return STR("");
}
