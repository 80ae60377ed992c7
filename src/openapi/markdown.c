/*
 * One section a tag, one an operation, one a schema.
 */
#include <config.h>

#include "openapi/markdown.h"

#include <stdio.h>
#include <string.h>

#include "openapi/markdown_example.h"
#include "openapi/markdown_type.h"

static void
put_paragraph(struct buf *b, const char *text)
{
	if (text[0] != '\0')
		buf_printf(b, "%s\n\n", text);
}

static bool
is_shared(struct json_object *object)
{
	return text_of(object, "$ref")[0] != '\0';
}

static void
put_parameter(const struct markdown *m, struct json_object *parameter)
{
	buf_printf(m->b, "| `%s` | %s | ", text_of(parameter, "name"),
	    text_of(parameter, "in"));
	put_type(m, member_of(parameter, "schema"));
	buf_add_text(m->b, " | ");
	put_cell(m->b, text_of(parameter, "description"));
	buf_add_text(m->b, " |\n");
}

/* Those of several operations are told of once, at the end of the page. */
static void
put_shared_parameters(const struct markdown *m, struct json_object *list)
{
	const char *between = "Also ";

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *it = json_object_array_get_idx(list, i);

		if (!is_shared(it))
			continue;
		buf_printf(
		    m->b, "%s`%s`", between, text_of(resolve(m, it), "name"));
		between = ", ";
	}
	if (strcmp(between, ", ") == 0)
		buf_add_text(
		    m->b, " ([shared parameters](#shared-parameters)).\n\n");
}

#define PARAMETER_HEAD                          \
	"| parameter | in | type | meaning |\n" \
	"|---|---|---|---|\n"

static void
put_parameters(const struct markdown *m, struct json_object *list)
{
	const char *head = PARAMETER_HEAD;

	if (list == NULL)
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *it = json_object_array_get_idx(list, i);

		if (is_shared(it))
			continue;
		buf_add_text(m->b, head);
		put_parameter(m, it);
		head = "";
	}
	if (head[0] == '\0')
		buf_add_char(m->b, '\n');
	put_shared_parameters(m, list);
}

static void
put_body(const struct markdown *m, struct json_object *operation)
{
	struct json_object *body =
	    resolve(m, member_of(operation, "requestBody"));
	struct json_object *schema = member_of(content_of(body), "schema");

	if (schema == NULL)
		return;
	buf_add_text(m->b, "Body: ");
	put_type(m, schema);
	buf_add_text(m->b, ":\n\n");
	put_members(m, resolve(m, schema));
}

static void
put_headers(const struct markdown *m, struct json_object *headers)
{
	const char *between = "";

	if (headers == NULL)
		return;
	json_object_object_foreach(headers, name, header)
	{
		(void)header;
		buf_printf(m->b, "%s`%s`", between, name);
		between = ", ";
	}
}

#define ANSWER_HEAD                               \
	"| status | meaning | body | headers |\n" \
	"|---|---|---|---|\n"

static void
put_answer(
    const struct markdown *m, const char *name, struct json_object *answer)
{
	struct json_object *schema = member_of(content_of(answer), "schema");

	buf_printf(m->b, "| %s | ", name);
	put_cell(m->b, text_of(answer, "description"));
	buf_add_text(m->b, " | ");
	if (schema != NULL)
		put_type(m, schema);
	buf_add_text(m->b, " | ");
	put_headers(m, member_of(answer, "headers"));
	buf_add_text(m->b, " |\n");
}

/* Those of several operations are told of once, at the end of the page. */
static void
put_shared_answers(const struct markdown *m, struct json_object *answers)
{
	const char *between = "Also ";

	json_object_object_foreach(answers, status, answer)
	{
		if (!is_shared(answer))
			continue;
		buf_printf(m->b, "%s%s `%s`", between, status,
		    strrchr(text_of(answer, "$ref"), '/') + 1);
		between = ", ";
	}
	if (strcmp(between, ", ") == 0)
		buf_add_text(m->b, " ([shared answers](#shared-answers)).\n\n");
}

static void
put_answers(const struct markdown *m, struct json_object *operation)
{
	struct json_object *answers = member_of(operation, "responses");

	if (answers == NULL)
		return;
	buf_add_text(m->b, ANSWER_HEAD);
	json_object_object_foreach(answers, status, answer)
	{
		if (!is_shared(answer))
			put_answer(m, status, answer);
	}
	buf_add_char(m->b, '\n');
	put_shared_answers(m, answers);
}

static void
put_upper(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		buf_add_char(b,
		    (char)(*text >= 'a' && *text <= 'z' ? *text - 32 : *text));
}

/* All methods of the path with its summary mean the same. */
static void
put_methods(const struct markdown *m, const char *path,
    struct json_object *item, const char *summary)
{
	const char *between = "";

	json_object_object_foreach(item, method, operation)
	{
		if (strcmp(text_of(operation, "summary"), summary) != 0)
			continue;
		buf_printf(m->b, "%s`", between);
		put_upper(m->b, method);
		buf_printf(m->b, " %s`", path);
		between = " or ";
	}
	buf_add_text(m->b, "\n\n");
}

static void
put_operation(const struct markdown *m, const char *path,
    struct json_object *item, struct json_object *operation)
{
	const char *summary = text_of(operation, "summary");

	buf_printf(m->b, "### %s\n\n", summary);
	put_methods(m, path, item, summary);
	put_paragraph(m->b, text_of(operation, "description"));
	put_parameters(m, member_of(operation, "parameters"));
	put_body(m, operation);
	put_answers(m, operation);
	put_operation_examples(m, operation);
}

static bool
has_tag(struct json_object *operation, const char *tag)
{
	struct json_object *tags = member_of(operation, "tags");

	return json_object_is_type(tags, json_type_array) &&
	       strcmp(
		   json_object_get_string(json_object_array_get_idx(tags, 0)),
		   tag) == 0;
}

static void
put_path(const struct markdown *m, const char *tag, const char *path,
    struct json_object *item)
{
	const char *last = "";

	json_object_object_foreach(item, method, operation)
	{
		const char *summary = text_of(operation, "summary");

		(void)method;
		if (!has_tag(operation, tag))
			continue;
		if (strcmp(summary, last) == 0)
			put_operation_examples(m, operation);
		else
			put_operation(m, path, item, operation);
		last = summary;
	}
}

static void
put_tag(const struct markdown *m, struct json_object *tag)
{
	struct json_object *paths = member_of(m->document, "paths");

	buf_printf(m->b, "## %s\n\n", text_of(tag, "name"));
	put_paragraph(m->b, text_of(tag, "description"));
	json_object_object_foreach(paths, path, item)
	{
		put_path(m, text_of(tag, "name"), path, item);
	}
}

/* What operations share. */

static void
put_each_parameter(const struct markdown *m)
{
	struct json_object *all =
	    member_of(m->document, "components parameters");

	if (all == NULL)
		return;
	buf_add_text(m->b, "## Shared parameters\n\n" PARAMETER_HEAD);
	json_object_object_foreach(all, name, parameter)
	{
		(void)name;
		put_parameter(m, parameter);
	}
	buf_add_char(m->b, '\n');
}

static void
put_each_answer(const struct markdown *m)
{
	struct json_object *all =
	    member_of(m->document, "components responses");

	if (all == NULL)
		return;
	buf_add_text(m->b, "## Shared answers\n\n" ANSWER_HEAD);
	json_object_object_foreach(all, name, answer)
	{
		put_answer(m, name, answer);
	}
	buf_add_char(m->b, '\n');
	json_object_object_foreach(all, named, it)
	{
		buf_printf(m->b, "`%s`:\n\n", named);
		put_answer_examples(m, it);
	}
}

static void
put_each_header(const struct markdown *m)
{
	struct json_object *headers =
	    member_of(m->document, "components headers");

	if (headers == NULL)
		return;
	buf_add_text(m->b, "## Headers of answers\n\n"
			   "| header | type | meaning |\n|---|---|---|\n");
	json_object_object_foreach(headers, name, header)
	{
		buf_printf(m->b, "| `%s` | ", name);
		put_type(m, member_of(header, "schema"));
		buf_add_text(m->b, " | ");
		put_cell(m->b, text_of(header, "description"));
		buf_add_text(m->b, " |\n");
	}
	buf_add_char(m->b, '\n');
}

static void
put_shapes(const struct markdown *m)
{
	struct json_object *schemas =
	    member_of(m->document, "components schemas");

	buf_add_text(m->b, "## Shapes\n\n");
	if (schemas == NULL)
		return;
	json_object_object_foreach(schemas, name, schema)
	{
		buf_printf(m->b, "### Shape %s\n\n", name);
		put_paragraph(m->b, text_of(schema, "description"));
		if (member_of(schema, "properties") != NULL ||
		    member_of(schema, "allOf") != NULL) {
			put_members(m, schema);
			continue;
		}
		put_type(m, schema);
		buf_add_text(m->b, "\n\n");
	}
}

static void
put_document(const struct markdown *m)
{
	struct json_object *tags = member_of(m->document, "tags");

	buf_add_text(m->b, "# API reference\n\n");
	put_paragraph(
	    m->b, text_of(member_of(m->document, "info"), "description"));
	for (size_t i = 0; tags != NULL && i < json_object_array_length(tags);
	     i++)
		put_tag(m, json_object_array_get_idx(tags, i));
	put_each_parameter(m);
	put_each_answer(m);
	put_each_header(m);
	put_shapes(m);
}

bool
markdown_write(struct str document, struct buf *ret)
{
	struct json_tokener *tokener = json_tokener_new_ex(64);
	struct json_object *root =
	    json_tokener_parse_ex(tokener, document.ptr, (int)document.len);
	struct markdown m = { root, ret };

	json_tokener_free(tokener);
	if (root == NULL)
		return false;
	put_document(&m);
	json_object_put(root);
	return true;
}
