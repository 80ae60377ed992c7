/*
 * Recorded examples. The file is part of the program: a line is operation,
 * part, name, summary and JSON text, with tabs between.
 */
#include <config.h>

#include "openapi/examples.h"

static const unsigned char recorded[] = {
#include "openapi/examples.inc"
	'\n'
};

enum field {
	FIELD_OPERATION,
	FIELD_PART,
	FIELD_NAME,
	FIELD_SUMMARY,
	FIELD_VALUE,
	FIELD__MAX
};

static bool
split(struct str line, struct str *ret)
{
	for (int i = 0; i < FIELD__MAX; i++)
		if (!str_next_part(&line, '\t', &ret[i]))
			return false;
	return true;
}

static void
put(const struct out *o, const struct str *fields)
{
	json_key_str(o->b, fields[FIELD_NAME]);
	json_object_open(o->b);
	json_key(o->b, "summary");
	json_string(o->b, fields[FIELD_SUMMARY]);
	json_key(o->b, "value");
	json_raw(o->b, fields[FIELD_VALUE]);
	json_object_close(o->b);
}

void
examples_of(const struct out *o, const struct example_place *place)
{
	struct str rest = { (const char *)recorded, sizeof(recorded) }, line;
	bool any = false;

	while (str_next_part(&rest, '\n', &line)) {
		struct str fields[FIELD__MAX];

		if (!split(line, fields) ||
		    !str_equal_text(
			fields[FIELD_OPERATION], place->operation) ||
		    !str_equal_text(fields[FIELD_PART], place->part))
			continue;
		if (!any) {
			json_key(o->b, "examples");
			json_object_open(o->b);
		}
		any = true;
		put(o, fields);
	}
	if (any)
		json_object_close(o->b);
}
