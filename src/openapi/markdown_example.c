#include <config.h>

#include "openapi/markdown_example.h"

#include <string.h>

#define EXAMPLE_FLAGS                                        \
	(JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | \
	    JSON_C_TO_STRING_NOSLASHESCAPE)
/* Of a request that is shown: longer ones are there for their length. */
#define REQUEST_MAX 300

/* "POST /path (Header: value)". */
struct request {
	struct str method;
	struct str path;
	struct str header; /* empty: none */
};

struct json_object *
content_of(struct json_object *of)
{
	struct json_object *content = member_of(of, "content");

	if (content == NULL)
		return NULL;
	json_object_object_foreach(content, type, value)
	{
		(void)type;
		return value;
	}
	return NULL;
}

static bool
read_request(const char *summary, struct request *ret)
{
	struct str rest = str_of(summary);

	*ret = (struct request){ { NULL, 0 }, { NULL, 0 }, STR("") };
	if (rest.len > REQUEST_MAX ||
	    !str_next_part(&rest, ' ', &ret->method) ||
	    !str_starts_with(rest, STR("/")))
		return false;
	str_next_part(&rest, ' ', &ret->path);
	if (str_starts_with(rest, STR("(")) && str_ends_with(rest, STR(")")))
		ret->header = (struct str){ rest.ptr + 1, rest.len - 2 };
	return true;
}

static const char *
json_of(struct json_object *value)
{
	return json_object_to_json_string_ext(value, EXAMPLE_FLAGS);
}

/* body: NULL if there is none. */
static void
put_request(struct buf *b, const char *summary, struct json_object *body)
{
	struct request r;

	if (!read_request(summary, &r))
		return;
	buf_add_text(b, "```sh\ncurl -g");
	if (!str_equal(r.method, STR("GET")))
		buf_printf(b, " -X %.*s", STR_FMT(r.method));
	buf_add_text(b, " -H \"Authorization: Bearer $key\"");
	if (r.header.len > 0)
		buf_printf(b, " -H '%.*s'", STR_FMT(r.header));
	if (body != NULL)
		buf_add_text(b, " -H 'Content-Type: application/json'");
	buf_printf(b, " \"$server%.*s\"", STR_FMT(r.path));
	if (body != NULL)
		buf_printf(b, " -d '%s'", json_of(body));
	buf_add_text(b, "\n```\n\n");
}

/* Calls the function for each example of a content. */
static void
each_example(const struct markdown *m, struct json_object *content,
    void (*put)(struct buf *, const char *summary, struct json_object *value))
{
	struct json_object *examples = member_of(content, "examples");

	if (examples == NULL)
		return;
	json_object_object_foreach(examples, name, example)
	{
		struct json_object *it = resolve(m, example);

		(void)name;
		put(m->b, text_of(it, "summary"), member_of(it, "value"));
	}
}

static void
put_value(struct buf *b, const char *summary, struct json_object *value)
{
	(void)summary;
	buf_printf(b, "```json\n%s\n```\n\n", json_of(value));
}

static void
put_exchange(struct buf *b, const char *summary, struct json_object *value)
{
	put_request(b, summary, NULL);
	put_value(b, summary, value);
}

void
put_answer_examples(const struct markdown *m, struct json_object *answer)
{
	each_example(m, content_of(answer), put_exchange);
}

void
put_operation_examples(const struct markdown *m, struct json_object *operation)
{
	struct json_object *body =
	    content_of(resolve(m, member_of(operation, "requestBody")));
	struct json_object *answers = member_of(operation, "responses");

	each_example(m, body, put_request);
	if (answers == NULL)
		return;
	json_object_object_foreach(answers, status, answer)
	{
		(void)status;
		if (text_of(answer, "$ref")[0] == '\0')
			each_example(m, content_of(answer),
			    body == NULL ? put_exchange : put_value);
	}
}
