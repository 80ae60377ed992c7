/*
 * JSON schemas out of the tables.
 */
#include <config.h>

#include "openapi/schema.h"

#include <string.h>

#include "base/json.h"

/* Bytes of what the fields of one level begin with. */
#define PREFIX_MAX 128

static const struct {
	const char *type; /* NULL: any */
	const char *format;
} column_types[] = {
	[COLUMN_INT] = { "integer", NULL },
	[COLUMN_BOOL] = { "boolean", NULL },
	[COLUMN_TEXT] = { "string", NULL },
	[COLUMN_TIME] = { "string", "date-time" },
	[COLUMN_JSON] = { NULL, NULL },
	[COLUMN_OBJECT] = { "object", NULL },
	[COLUMN_MASKED] = { "string", NULL },
	[COLUMN_SEALED] = { NULL, NULL },
};
_Static_assert(N_ELEMENTS(column_types) == COLUMN__MAX, "one row a type");

void
openapi_text(struct buf *b, const char *key, const char *text)
{
	json_key(b, key);
	json_string(b, str_of(text));
}

void
openapi_reference(struct buf *b, const char *kind, const char *name)
{
	json_object_open(b);
	json_key(b, "$ref");
	json_string(b, STR("#/components/"));
	buf_truncate(b, b->len - 1);
	buf_printf(b, "%s/%s\"", kind, name);
	json_object_close(b);
}

/* "type": "string", or ["string", "null"]. */
static void
put_type(struct buf *b, const char *type, bool nullable)
{
	if (type == NULL)
		return;
	json_key(b, "type");
	if (!nullable) {
		json_string(b, str_of(type));
		return;
	}
	json_array_open(b);
	json_string(b, str_of(type));
	json_string(b, STR("null"));
	json_array_close(b);
}

static void
put_limits(struct buf *b, const struct column *column, bool nullable)
{
	if (column->type == COLUMN_INT && column->max != 0) {
		json_key(b, "minimum");
		json_int(b, column->min);
		json_key(b, "maximum");
		json_int(b, column->max);
	} else if (column->type == COLUMN_TEXT && column->max != 0) {
		json_key(b, "maxLength");
		json_int(b, column->max);
	}
	if (column->one_of == NULL)
		return;
	json_key(b, "enum");
	json_array_open(b);
	for (const char *const *p = column->one_of; *p != NULL; p++)
		json_string(b, str_of(*p));
	if (nullable)
		json_null(b);
	json_array_close(b);
}

static void
put_column(struct buf *b, const struct column *column, bool nullable)
{
	json_object_open(b);
	put_type(b, column_types[column->type].type, nullable);
	if (column_types[column->type].format != NULL)
		openapi_text(b, "format", column_types[column->type].format);
	put_limits(b, column, nullable);
	if (column->doc != NULL)
		openapi_text(b, "description", column->doc);
	json_object_close(b);
}

static void
put_columns(struct buf *b, const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (!column_is_visible(column))
			continue;
		json_key(b, column->name);
		put_column(b, column, (column->flags & COLUMN_NULLABLE) != 0);
	}
}

void
openapi_many(struct buf *b, const char *name)
{
	json_object_open(b);
	openapi_text(b, "type", "array");
	json_key(b, "items");
	openapi_reference(b, "schemas", name);
	json_object_close(b);
}

/* A related row that may be missing. */
static void
put_one(struct buf *b, const struct relation *relation)
{
	json_object_open(b);
	json_key(b, "oneOf");
	json_array_open(b);
	openapi_reference(b, "schemas", relation->target->one);
	json_object_open(b);
	openapi_text(b, "type", "null");
	json_object_close(b);
	json_array_close(b);
	json_object_close(b);
}

static void
put_relations(struct buf *b, const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_relations; i++) {
		const struct relation *relation = &resource->relations[i];

		json_key(b, relation->member);
		if (relation->kind == RELATION_MANY ||
		    relation->kind == RELATION_HAS_MANY)
			openapi_many(b, relation->target->one);
		else
			put_one(b, relation);
	}
}

void
openapi_resource(struct buf *b, const struct resource *resource)
{
	json_object_open(b);
	openapi_text(b, "type", "object");
	openapi_text(b, "description", resource->doc);
	json_key(b, "properties");
	json_object_open(b);
	put_columns(b, resource);
	put_relations(b, resource);
	json_object_close(b);
	json_object_close(b);
}

/* Fields of one level: those that begin with prefix and hold no more dots. */
struct level {
	const struct resource *resource;
	const char *prefix;
	bool update;
};

static const char *
name_at(const struct level *level, const struct rule *rule)
{
	size_t len = strlen(level->prefix);

	if (strncmp(rule->field, level->prefix, len) != 0 ||
	    strchr(rule->field + len, '.') != NULL)
		return NULL;
	return rule->field + len;
}

static unsigned
use_of(const struct level *level, const struct rule *rule)
{
	return level->update ? rule->update : rule->store;
}

static void put_level(struct buf *, const struct level *);

/* {"type": "object"} and what is in it. */
static void
put_item(struct buf *b, const struct level *level)
{
	json_object_open(b);
	openapi_text(b, "type", "object");
	put_level(b, level);
	json_object_close(b);
}

static void
put_container(struct buf *b, const struct level *level, const struct rule *rule)
{
	struct level inner = *level;
	bool is_list = rule->kind == RULE_LIST;
	struct buf prefix;

	buf_init(&prefix, PREFIX_MAX);
	buf_printf(&prefix, "%s%s", rule->field, is_list ? ".*." : ".");
	buf_add_char(&prefix, '\0');
	inner.prefix = prefix.ptr;
	json_object_open(b);
	put_type(b, is_list ? "array" : "object",
	    (use_of(level, rule) & RULE_NULLABLE) != 0);
	openapi_text(b, "description", rule->doc);
	if (is_list) {
		json_key(b, "maxItems");
		json_int(b, (int64_t)rule->max);
		json_key(b, "items");
		put_item(b, &inner);
	} else {
		put_level(b, &inner);
	}
	json_object_close(b);
	buf_done(&prefix);
}

static void
put_flag(struct buf *b, const struct rule *rule)
{
	json_object_open(b);
	openapi_text(b, "type", "boolean");
	openapi_text(b, "description", rule->doc);
	json_object_close(b);
}

static void
put_rule(struct buf *b, const struct level *level, const struct rule *rule)
{
	const struct column *column;

	if (rule->kind == RULE_LIST || rule->kind == RULE_MAP) {
		put_container(b, level, rule);
		return;
	}
	if (rule->resource == NULL) {
		put_flag(b, rule);
		return;
	}
	column = schema_column(rule->resource, str_of(rule->column));
	put_column(b, column, (use_of(level, rule) & RULE_NULLABLE) != 0);
}

static void
put_required(struct buf *b, const struct level *level)
{
	bool any = false;

	for (size_t i = 0; i < level->resource->n_rules; i++) {
		const struct rule *rule = &level->resource->rules[i];
		const char *name = name_at(level, rule);

		if (name == NULL || level->update ||
		    (rule->store & RULE_REQUIRED) == 0)
			continue;
		if (!any) {
			json_key(b, "required");
			json_array_open(b);
		}
		any = true;
		json_string(b, str_of(name));
	}
	if (any)
		json_array_close(b);
}

static void
put_level(struct buf *b, const struct level *level)
{
	json_key(b, "properties");
	json_object_open(b);
	for (size_t i = 0; i < level->resource->n_rules; i++) {
		const struct rule *rule = &level->resource->rules[i];
		const char *name = name_at(level, rule);

		if (name == NULL || (use_of(level, rule) & RULE_READ) == 0)
			continue;
		json_key(b, name);
		put_rule(b, level, rule);
	}
	json_object_close(b);
	put_required(b, level);
}

void
openapi_body(struct buf *b, const struct resource *resource, bool update)
{
	struct level level = { resource, "", update };

	json_object_open(b);
	openapi_text(b, "type", "object");
	put_level(b, &level);
	json_object_close(b);
}
