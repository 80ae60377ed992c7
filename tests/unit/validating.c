/*
 * The shared part of the tests of rules.
 */
#include <config.h>

#include "validating.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "schema/tables.h"

/* Texts around a field's name and, perhaps, behind a number. */
static const struct {
	const char *word, *before, *after, *unit;
} texts[] = {
	{ "required", "The ", " field is required.", NULL },
	{ "string", "The ", " field must be a string.", NULL },
	{ "integer", "The ", " field must be an integer.", NULL },
	{ "flag", "The ", " field must be true or false.", NULL },
	{ "array", "The ", " field must be an array.", NULL },
	{ "selected", "The selected ", " is invalid.", NULL },
	{ "timezone", "The ", " field must be a valid timezone.", NULL },
	{ "format", "The ", " field format is invalid.", NULL },
	{ "duplicate", "The ", " field has a duplicate value.", NULL },
	{ "min", "The ", " field must be at least ", "." },
	{ "max", "The ", " field must not be greater than ", "." },
	{ "longer", "The ", " field must not be greater than ",
	    " characters." },
	{ "items", "The ", " field must not have more than ", " items." },
	{ "foreign", "The selected ", " does not belong to the session.",
	    NULL },
	{ "locked", "The ",
	    " field cannot be changed, because the variable is locked.", NULL },
	{ "stays", "The ", " field cannot remove a variable that is locked.",
	    NULL },
	{ "readable", "The ", " field cannot become false without a new value.",
	    NULL },
	{ "mask", "The ",
	    " field is the mask of a secret, but there is no stored secret "
	    "that it could keep.",
	    NULL },
};

/* Texts around the key of a variable. */
static const struct {
	const char *word, *before, *after;
} key_texts[] = {
	{ "needs", "The variable ",
	    " is required by the authentication implementation." },
	{ "again", "The secret ",
	    " must be sent again, because what the connector connects to "
	    "changes." },
};

static const struct {
	const char *field, *text;
	int64_t id;
} rows[] = {
	{ "authentication_implementation_id", "", 1 },
	{ "authentication_implementation_id", "", 4 },
	{ "connection_pool_id", "", 2 },
	{ "certificate_id", "", 3 },
	{ "certificate_id", "", 8 },
	{ "session_id", "S", 0 },
	{ "platform_app_key", "app", 7 },
};

static void
find(struct reference *r)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		if (strcmp(r->rule->field, rows[i].field) != 0 ||
		    (r->value.type == VALUE_INT
			    ? r->value.integer != rows[i].id
			    : !str_equal_text(r->value.text, rows[i].text)))
			continue;
		r->found = true;
		r->id = rows[i].id;
	}
}

void
validating_find(struct references *references)
{
	for (size_t i = 0; i < references->n; i++)
		find(&references->items[i]);
}

/* "rate_limit_unit" is "rate limit unit" in texts, "variables.0.key" itself. */
static struct str
title_of(struct arena *arena, struct str field)
{
	char *title = arena_alloc(arena, field.len + 1);

	memcpy(title, field.ptr, field.len);
	if (!str_starts_with(field, STR("variables.")))
		for (char *c = title; *c != '\0'; c++)
			if (*c == '_')
				*c = ' ';
	return (struct str){ title, field.len };
}

/* "variables.0." of "variables.0.key" */
static struct str
item_of(struct str field)
{
	while (field.len > 0 && field.ptr[field.len - 1] != '.')
		field.len--;
	return field;
}

static struct str
text_of(struct arena *arena, struct str field, struct str word)
{
	struct str name = { word.ptr, str_find(word, ':') };
	struct str number = str_from(word, name.len + 1);
	struct str title = title_of(arena, field);

	if (str_equal(name, STR("without_id")))
		return arena_printf(arena,
		    "The %.*s field is required when %.*sid is not present.",
		    STR_FMT(title), STR_FMT(item_of(field)));
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		if (str_equal_text(name, texts[i].word))
			return arena_printf(arena, "%s%.*s%s%.*s%s",
			    texts[i].before, STR_FMT(title), texts[i].after,
			    STR_FMT(number),
			    texts[i].unit == NULL ? "" : texts[i].unit);
	for (size_t i = 0; i < N_ELEMENTS(key_texts); i++)
		if (str_equal_text(name, key_texts[i].word))
			return arena_printf(arena, "%s%.*s%s",
			    key_texts[i].before, STR_FMT(number),
			    key_texts[i].after);
	cr_assert_fail("what is %.*s?", STR_FMT(word));
	return word;
}

struct str
validating_join(struct arena *arena, const struct problem *problem)
{
	struct str all = STR("");

	for (const struct problem_field *f = problem->fields; f != NULL;
	     f = f->next) {
		all = arena_printf(
		    arena, "%.*s%.*s=", STR_FMT(all), STR_FMT(f->name));
		for (const struct problem_text *t = f->texts; t != NULL;
		     t = t->next)
			all = arena_printf(arena, "%.*s%.*s%s", STR_FMT(all),
			    STR_FMT(t->text), t->next != NULL ? "|" : "\n");
	}
	return all;
}

struct str
validating_spell(struct arena *arena, struct str errors)
{
	struct str all = STR(""), one, word;

	while (errors.len > 0 && str_next_part(&errors, ' ', &one)) {
		struct str field = { one.ptr, str_find(one, '=') };
		struct str words = str_from(one, field.len + 1);

		all = arena_printf(
		    arena, "%.*s%.*s=", STR_FMT(all), STR_FMT(field));
		while (str_next_part(&words, '|', &word))
			all = arena_printf(arena, "%.*s%.*s%s", STR_FMT(all),
			    STR_FMT(text_of(arena, field, word)),
			    words.ptr != NULL ? "|" : "\n");
	}
	return all;
}

struct str
validating_quoted(struct arena *arena, const char *body)
{
	size_t len = strlen(body);
	char *json = arena_alloc(arena, len + 1);

	for (size_t i = 0; i < len; i++)
		json[i] = body[i] == '\'' ? '"' : body[i];
	return (struct str){ json, len };
}

struct fixture *
validating(bool update, const char *body)
{
	static const int64_t ids[] = { 5, 6 };
	static const struct str keys[] = { STR_CONST("five"),
		STR_CONST("six") };
	struct arena *arena = arena_new(65536);
	struct fixture *f = ARENA_NEW(arena, struct fixture, 1);
	struct validate_known known = { &f->references, ids, keys, 2 };

	f->arena = f->problem.arena = arena;
	f->error = input_parse(arena, STR("application/json"),
	    validating_quoted(arena, body), &f->body, &f->problem);
	cr_assert_eq(
	    f->error, OK, "%s: %.*s", body, STR_FMT(f->problem.message));
	validate_references(
	    &resource_connectors, update, &f->body, &f->references);
	validating_find(&f->references);
	f->error = validate(arena, &resource_connectors, update, &f->body,
	    &known, &f->input, &f->problem);
	f->errors = validating_join(arena, &f->problem);
	return f;
}

void
validating_done(struct fixture *f)
{
	arena_free(f->arena);
}

void
validating_expect(bool update, const char *body, const char *errors)
{
	struct fixture *f = validating(update, body);
	struct str want = validating_spell(f->arena, str_of(errors));

	cr_expect(str_equal(f->errors, want),
	    "%s %.300s\ngot\n%.*swanted\n%.*s", update ? "update" : "store",
	    body, STR_FMT(f->errors), STR_FMT(want));
	cr_expect_eq(f->error, *errors == '\0' ? OK : ERROR_INVALID);
	validating_done(f);
}

void
validating_expect_all(
    bool update, const struct validating_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		validating_expect(update, cases[i].body, cases[i].errors);
}
