#include <config.h>

#include "openapi/markdown_type.h"

#include <stdio.h>
#include <string.h>

/* Longer lists of values are left to the document. */
#define VALUES_MAX 64
#define PATH_BYTES 256

struct json_object *
member_of(struct json_object *object, const char *path)
{
	char name[PATH_BYTES];
	size_t len = strcspn(path, " ");
	struct json_object *found = NULL;

	if (len >= sizeof(name))
		return NULL;
	memcpy(name, path, len);
	name[len] = '\0';
	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &found))
		return NULL;
	return path[len] == '\0' ? found : member_of(found, path + len + 1);
}

const char *
text_of(struct json_object *object, const char *name)
{
	struct json_object *text = member_of(object, name);

	return json_object_is_type(text, json_type_string)
		   ? json_object_get_string(text)
		   : "";
}

struct json_object *
resolve(const struct markdown *m, struct json_object *object)
{
	const char *ref = text_of(object, "$ref");
	char path[PATH_BYTES];

	if (strncmp(ref, "#/", 2) != 0 || strlen(ref) >= sizeof(path))
		return object;
	memcpy(path, ref + 2, strlen(ref) - 1);
	for (char *c = path; *c != '\0'; c++)
		*c = *c == '/' ? ' ' : *c;
	return member_of(m->document, path);
}

void
put_cell(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			buf_add_char(b, '\\');
		buf_add_char(b, *text == '\n' ? ' ' : *text);
	}
}

static void
put_code(struct buf *b, struct json_object *value)
{
	buf_add_char(b, '`');
	put_cell(b, json_object_is_type(value, json_type_string)
			? json_object_get_string(value)
			: json_object_to_json_string_ext(
			      value, JSON_C_TO_STRING_NOSLASHESCAPE));
	buf_add_char(b, '`');
}

static void
put_values(struct buf *b, struct json_object *values)
{
	size_t n = json_object_array_length(values);

	if (n > VALUES_MAX) {
		buf_printf(b, "one of %zu values that the document lists", n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		buf_add_text(b, i == 0 ? "" : ", ");
		put_code(b, json_object_array_get_idx(values, i));
	}
}

/* Each alternative of a list of schemas. */
static void
put_each(
    const struct markdown *m, struct json_object *schemas, const char *between)
{
	for (size_t i = 0; i < json_object_array_length(schemas); i++) {
		buf_add_text(m->b, i == 0 ? "" : between);
		put_type(m, json_object_array_get_idx(schemas, i));
	}
}

static void
put_type_name(
    const struct markdown *m, struct json_object *schema, const char *name)
{
	struct json_object *items = member_of(schema, "items");

	if (strcmp(name, "array") == 0 && items != NULL) {
		buf_add_text(m->b, "list of ");
		put_type(m, items);
	} else {
		buf_add_text(m->b, strcmp(name, "array") == 0 ? "list" : name);
	}
}

static void
put_type_names(const struct markdown *m, struct json_object *schema)
{
	struct json_object *type = member_of(schema, "type");

	if (json_object_is_type(type, json_type_string))
		put_type_name(m, schema, json_object_get_string(type));
	if (!json_object_is_type(type, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(type); i++) {
		buf_add_text(m->b, i == 0 ? "" : " or ");
		put_type_name(m, schema,
		    json_object_get_string(json_object_array_get_idx(type, i)));
	}
}

/* ", 1 to 255 characters". */
static void
put_range(struct buf *b, struct json_object *schema, const char *least_name,
    const char *most_name, const char *unit)
{
	struct json_object *least = member_of(schema, least_name);
	struct json_object *most = member_of(schema, most_name);

	if (least == NULL && most == NULL)
		return;
	if (least == NULL)
		buf_printf(b, ", at most %s", json_object_get_string(most));
	else if (most == NULL)
		buf_printf(b, ", at least %s", json_object_get_string(least));
	else
		buf_printf(b, ", %s to %s", json_object_get_string(least),
		    json_object_get_string(most));
	buf_add_text(b, unit);
}

static void
put_limits(const struct markdown *m, struct json_object *schema)
{
	const char *format = text_of(schema, "format");

	if (format[0] != '\0')
		buf_printf(m->b, " (%s)", format);
	put_range(m->b, schema, "minimum", "maximum", "");
	put_range(m->b, schema, "minLength", "maxLength", " characters");
	put_range(m->b, schema, "minItems", "maxItems", " items");
}

static void
put_code_after(
    const struct markdown *m, struct json_object *schema, const char *name)
{
	struct json_object *value = member_of(schema, name);

	if (value == NULL)
		return;
	buf_printf(m->b, ", %s ", name);
	put_code(m->b, value);
}

static void
put_shape_link(struct buf *b, const char *ref)
{
	const char *name = strrchr(ref, '/') + 1;

	buf_printf(b, "[%s](#shape-%s)", name, name);
}

void
put_type(const struct markdown *m, struct json_object *schema)
{
	const char *ref = text_of(schema, "$ref");
	struct json_object *part;

	if (strchr(ref, '/') != NULL) {
		put_shape_link(m->b, ref);
	} else if ((part = member_of(schema, "oneOf")) != NULL ||
		   (part = member_of(schema, "anyOf")) != NULL) {
		put_each(m, part, " or ");
	} else if ((part = member_of(schema, "allOf")) != NULL) {
		put_each(m, part, " and ");
	} else if ((part = member_of(schema, "enum")) != NULL) {
		put_values(m->b, part);
	} else if ((part = member_of(schema, "const")) != NULL) {
		put_code(m->b, part);
	} else {
		put_type_names(m, schema);
		put_limits(m, schema);
		put_code_after(m, schema, "pattern");
	}
	put_code_after(m, schema, "default");
}

/* Members. */

static bool
is_required(struct json_object *schema, const char *name)
{
	struct json_object *names = member_of(schema, "required");

	if (!json_object_is_type(names, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(names); i++)
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(names, i)),
			name) == 0)
			return true;
	return false;
}

static void put_rows(
    const struct markdown *, struct json_object *schema, const char *prefix);

/* The members of an object that has no name of its own. */
static void
put_inner(const struct markdown *m, struct json_object *schema,
    const char *prefix, const char *name)
{
	struct json_object *items = member_of(schema, "items");
	char inner[PATH_BYTES];

	if (items != NULL)
		snprintf(inner, sizeof(inner), "%s%s[].", prefix, name);
	else
		snprintf(inner, sizeof(inner), "%s%s.", prefix, name);
	put_rows(m, items != NULL ? items : schema, inner);
}

static void
put_row(const struct markdown *m, struct json_object *of, const char *prefix,
    const char *name, struct json_object *schema)
{
	buf_printf(m->b, "| `%s%s` | ", prefix, name);
	put_type(m, schema);
	buf_add_text(m->b, is_required(of, name) ? " | yes | " : " | | ");
	put_cell(m->b, text_of(schema, "description"));
	buf_add_text(m->b, " |\n");
}

static void
put_rows(
    const struct markdown *m, struct json_object *schema, const char *prefix)
{
	struct json_object *all = member_of(schema, "allOf");
	struct json_object *members = member_of(schema, "properties");

	for (size_t i = 0; all != NULL && i < json_object_array_length(all);
	     i++)
		put_rows(m, json_object_array_get_idx(all, i), prefix);
	if (members == NULL)
		return;
	json_object_object_foreach(members, name, member)
	{
		put_row(m, schema, prefix, name, member);
		put_inner(m, member, prefix, name);
	}
}

void
put_members(const struct markdown *m, struct json_object *schema)
{
	buf_add_text(m->b, "| member | type | required | meaning |\n"
			   "|---|---|---|---|\n");
	put_rows(m, schema, "");
	buf_add_char(m->b, '\n');
}
