/*
 * Bodies as the rules read them.
 */
#include <config.h>

#include <string.h>

#include "openapi/column.h"
#include "openapi/schema.h"

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

static void put_level(const struct out *, const struct level *);

static void
put_container(
    const struct out *o, const struct level *level, const struct rule *rule)
{
	struct level inner = *level;
	bool is_list = rule->kind == RULE_LIST;

	inner.prefix = out_name(o, "%s%s", rule->field, is_list ? ".*." : ".");
	json_object_open(o->b);
	out_type(o, is_list ? "array" : "object",
	    (use_of(level, rule) & RULE_NULLABLE) != 0);
	json_member_text(o->b, "description", rule->doc);
	if (is_list) {
		json_member_int(o->b, "maxItems", rule->max);
		json_key(o->b, "items");
		json_object_open(o->b);
		json_member_text(o->b, "type", "object");
		put_level(o, &inner);
		json_object_close(o->b);
	} else {
		put_level(o, &inner);
	}
	json_object_close(o->b);
}

static void
put_flag(const struct out *o, const struct rule *rule)
{
	json_object_open(o->b);
	json_member_text(o->b, "type", "boolean");
	json_member_text(o->b, "description", rule->doc);
	json_object_close(o->b);
}

static void
put_rule(
    const struct out *o, const struct level *level, const struct rule *rule)
{
	bool nullable = (use_of(level, rule) & RULE_NULLABLE) != 0;

	if (rule->kind == RULE_LIST || rule->kind == RULE_MAP)
		put_container(o, level, rule);
	else if (rule->resource == NULL)
		put_flag(o, rule);
	else
		openapi_column(o, rule->resource,
		    schema_column(rule->resource, str_of(rule->column)),
		    nullable ? COLUMN_OPTIONAL : COLUMN_WANTED);
}

static void
put_required(const struct out *o, const struct level *level)
{
	const struct resource *resource = level->resource;
	const char **names =
	    ARENA_NEW(o->arena, const char *, resource->n_rules + 1);
	size_t n = 0;

	for (size_t i = 0; i < resource->n_rules; i++) {
		const struct rule *rule = &resource->rules[i];
		const char *name = name_at(level, rule);

		if (name != NULL && !level->update &&
		    (rule->store & RULE_REQUIRED) != 0)
			names[n++] = name;
	}
	out_required(o, names);
}

static void
put_level(const struct out *o, const struct level *level)
{
	put_required(o, level);
	json_key(o->b, "properties");
	json_object_open(o->b);
	for (size_t i = 0; i < level->resource->n_rules; i++) {
		const struct rule *rule = &level->resource->rules[i];
		const char *name = name_at(level, rule);

		if (name == NULL || (use_of(level, rule) & RULE_READ) == 0)
			continue;
		json_key(o->b, name);
		put_rule(o, level, rule);
	}
	json_object_close(o->b);
}

void
schema_body(const struct out *o, const struct resource *resource, bool update)
{
	const struct level level = { resource, "", update };

	json_object_open(o->b);
	json_member_text(o->b, "type", "object");
	json_member_text(o->b, "description",
	    "Texts are trimmed, and an empty one counts as null; members that "
	    "are not known are ignored. An id may be a text of digits, too.");
	put_level(o, &level);
	json_object_close(o->b);
}
