/*
 * Texts with {{key}}: the first line is the value of "a", the rest the text.
 * Wherever a value is put, it stays what it is there.
 */
#include <config.h>

#include "fuzz.h"
#include "probe/template.h"

/* Whether two braces stand together that open. */
static bool
has_opening(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.ptr[i] == '{' && s.ptr[i + 1] == '{')
			return true;
	return false;
}

static void
render(struct arena *arena, struct str value, struct str text,
    enum template_place place)
{
	const struct probe_variable variables[] = {
		{ .key = STR("a"), .value = value, .secret = true },
		{ .key = STR("b") },
	};
	struct template_source source = { variables, N_ELEMENTS(variables),
		false };
	struct str ret = { NULL, 0 }, key = { NULL, 0 };
	enum template_fault fault =
	    template_render(arena, &source, text, place, &ret, &key);

	require(fault == TEMPLATE_OK || ret.ptr == NULL);
	require(fault != TEMPLATE_OK || ret.len <= TEMPLATE_MAX);
	if (fault == TEMPLATE_OK && !template_has_reference(text))
		require(str_equal(ret, text));
	if (fault == TEMPLATE_OK && place != TEMPLATE_RAW)
		require(
		    !template_has_control(ret) || template_has_control(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(16384);
	struct str input = fuzz_text(arena, bytes, len);
	size_t end = str_find(input, '\n');
	struct str value = { input.ptr, end };
	struct str text = str_from(input, end + 1);

	require(template_find_fault(text) <= text.len);
	if (template_find_fault(text) == text.len)
		require(!has_opening(template_sample(arena, text)));
	for (int place = 0; place < TEMPLATE__MAX; place++)
		render(arena, value, text, (enum template_place)place);
	arena_free(arena);
	return 0;
}
