/*
 * A statement being written.
 */
#include <config.h>

#include "engine/sql_writer.h"

#include <assert.h>
#include <string.h>

#include "engine/sql_text.h"

#define TEXT_LIMIT (1u << 20) /* of one statement */

struct writer
writer_open(struct arena *arena, int64_t company_id)
{
	struct writer w = { .arena = arena, .company_id = company_id };

	buf_init(&w.text, TEXT_LIMIT);
	return w;
}

struct statement
writer_close(struct writer *w)
{
	struct statement statement;

	assert(!w->text.overflow);
	statement.text = arena_copy(w->arena, buf_str(&w->text));
	statement.params = w->params;
	statement.n_params = w->n;
	buf_done(&w->text);
	return statement;
}

void
put(struct writer *w, const char *text)
{
	buf_add_text(&w->text, text);
}

void
put_param(struct writer *w, struct value value)
{
	struct value *params;

	if (w->n == w->capacity) {
		w->capacity = w->capacity == 0 ? 16 : w->capacity * 2;
		params = ARENA_NEW(w->arena, struct value, w->capacity);
		if (w->n > 0)
			memcpy(params, w->params, w->n * sizeof(*params));
		w->params = params;
	}
	w->params[w->n++] = value;
}

/* A value: its place in the text and in the parameters. */
void
put_value(struct writer *w, struct value value)
{
	buf_add_char(&w->text, '?');
	put_param(w, value);
}

void
put_name(struct writer *w, const char *name)
{
	sql_add_name(&w->text, name);
}

/* alias.`column` */
void
put_column(struct writer *w, const char *alias, const char *column)
{
	put(w, alias);
	buf_add_char(&w->text, '.');
	put_name(w, column);
}

void
put_marks(struct writer *w, size_t n)
{
	put(w, " IN (");
	sql_add_list(&w->text, "?", n);
	put(w, ")");
}

/* The company whose rows a scope lets through. */
static void
put_company(struct writer *w)
{
	if (w->company_column != NULL)
		put(w, w->company_column);
	else
		put_value(w, value_int(w->company_id));
}

static void
put_own(struct writer *w, const char *alias, bool shared)
{
	if (shared) {
		put(w, "(");
		put_column(w, alias, "company_id");
		put(w, " IS NULL OR ");
	}
	put_column(w, alias, "company_id");
	put(w, " = ");
	put_company(w);
	if (shared)
		put(w, ")");
}

/* As the row that it belongs to. */
static void
put_as_parent(
    struct writer *w, const char *alias, const struct resource *resource)
{
	const struct relation *up =
	    schema_relation(resource, str_of(resource->scope_relation));

	put(w, "EXISTS (SELECT 1 FROM ");
	put_name(w, up->target->name);
	put(w, " p WHERE ");
	put_column(w, "p", up->foreign);
	put(w, " = ");
	put_column(w, alias, up->local);
	put_scope(w, "p", up->target);
	put(w, ")");
}

void
put_visible(
    struct writer *w, const char *alias, const struct resource *resource)
{
	switch (resource->scope) {
	case SCOPE_GLOBAL:
		put(w, "TRUE");
		return;
	case SCOPE_OWN:
	case SCOPE_SHARED:
		put_own(w, alias, resource->scope == SCOPE_SHARED);
		return;
	case SCOPE_PARENT:
		put_as_parent(w, alias, resource);
		return;
	}
}

void
put_scope(struct writer *w, const char *alias, const struct resource *resource)
{
	if (resource->scope == SCOPE_GLOBAL)
		return;
	put(w, " AND ");
	put_visible(w, alias, resource);
}
