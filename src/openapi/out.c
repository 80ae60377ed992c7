/*
 * What all parts of the document write with.
 */
#include <config.h>

#include "openapi/out.h"

#include <string.h>

void
out_json(const struct out *o, const char *json)
{
	size_t len = strlen(json);
	char *text = arena_alloc(o->arena, len + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = json[i] == '\'' ? '"' : json[i];
	json_raw(o->b, (struct str){ text, len });
}

void
out_reference(const struct out *o, const char *kind, const char *name)
{
	json_object_open(o->b);
	json_member_text(
	    o->b, "$ref", out_name(o, "#/components/%s/%s", kind, name));
	json_object_close(o->b);
}

void
out_schema(const struct out *o, const char *key, const char *name)
{
	json_key(o->b, key);
	out_reference(o, "schemas", name);
}

void
out_many(const struct out *o, const char *name)
{
	json_object_open(o->b);
	json_member_text(o->b, "type", "array");
	out_schema(o, "items", name);
	json_object_close(o->b);
}

void
out_or_null(const struct out *o, const char *name)
{
	json_key(o->b, "anyOf");
	json_array_open(o->b);
	out_reference(o, "schemas", name);
	out_json(o, "{'type':'null'}");
	json_array_close(o->b);
}

void
out_required(const struct out *o, const char *const *names)
{
	if (*names == NULL)
		return;
	json_key(o->b, "required");
	json_array_open(o->b);
	for (; *names != NULL; names++)
		json_string(o->b, str_of(*names));
	json_array_close(o->b);
}

void
out_type(const struct out *o, const char *type, bool nullable)
{
	if (type == NULL)
		return;
	if (!nullable) {
		json_member_text(o->b, "type", type);
		return;
	}
	json_key(o->b, "type");
	json_array_open(o->b);
	json_string(o->b, str_of(type));
	json_string(o->b, STR("null"));
	json_array_close(o->b);
}
