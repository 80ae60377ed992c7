/*
 * Bodies: what json_check() lets pass json-c must be able to read, and the
 * rules give values or a problem of any tree.
 */
#include <config.h>

#include "base/problem_json.h"
#include "engine/input.h"
#include "engine/validate.h"
#include "fuzz.h"
#include "schema/tables.h"

static void
check_node(const struct node *node)
{
	size_t n = 0;

	require(str_is_utf8(node->raw));
	require(str_find(node->raw, '\0') == node->raw.len);
	require(node->text.ptr != NULL || node->text.len == 0);
	for (const struct node *c = node->children; c != NULL; c = c->next) {
		check_node(c);
		n++;
	}
	require(n == node->n_children);
}

static void
check_rules(struct arena *arena, bool update, const struct node *body)
{
	static const int64_t ids[] = { 1, 2, 3 };
	static const struct str keys[] = { STR_CONST("host"), STR_CONST("key"),
		STR_CONST("") };
	struct problem problem = { .arena = arena };
	struct references references;
	struct validate_known known = { &references, ids, keys,
		N_ELEMENTS(ids) };
	struct input input;
	struct buf b;
	enum error error;

	validate_references(&resource_connectors, update, body, &references);
	for (size_t i = 0; i < references.n; i++)
		references.items[i].found = i % 2 == 0;
	error = validate(arena, &resource_connectors, update, body, &known,
	    &input, &problem);
	require(error == OK || error == ERROR_INVALID);
	require((error == OK) == (problem.n_texts == 0));
	buf_init(&b, 1 << 24);
	problem_json(&b, error, &problem);
	require(!b.overflow && str_is_utf8(buf_str(&b)));
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(16384);
	struct problem problem = { .arena = arena };
	struct node body;
	enum error error = input_parse(arena, STR("application/json"),
	    fuzz_text(arena, bytes, len), &body, &problem);

	require(error == OK || error == ERROR_BAD_REQUEST);
	if (error == OK) {
		check_node(&body);
		check_rules(arena, false, &body);
		check_rules(arena, true, &body);
	} else {
		/* The text of json-c's own refusal names no byte. */
		require(str_ends_with(problem.message, STR(".")));
		require(str_starts_with(
		    problem.message, STR("The body is not a JSON object: ")));
	}
	arena_free(arena);
	return 0;
}
