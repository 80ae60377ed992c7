/*
 * connectorsctl catalogue: what a catalogue may have, out of the tables that
 * an import reads it by, as a part of connectors-catalogue(5). Knows no table
 * and no column by its name.
 */
#include <config.h>

#include <limits.h>
#include <string.h>

#include "ctl/ctl.h"
#include "engine/form.h"
#include "probe/auth.h"
#include "schema/lists.h"

#define PAGE_MAX (1u << 20)

/* The forms that the test of a connector judges (probe/lint.h). */
static const char *const judged[FORM__MAX] = {
	[FORM_AUTHENTICATION_TYPE] = "must be one of AUTHENTICATION TYPES",
	[FORM_STATUSES] = "must be statuses such as 200-299,304",
	[FORM_MEMBER_PATH] = "must be names joined by dots: data.token",
	[FORM_TEMPLATE] = "a template",
	[FORM_URL] = "a template of an http or https URL",
	[FORM_HEADERS] = "whose members are names and templates of headers",
	[FORM_QUERY] = "whose members are names and templates of parameters",
};

/* Text in a line of mdoc(7). */
static void
put_text(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\\')
			buf_add_text(b, "\\e");
		else
			buf_add_char(b, *text);
}

static void
put_list(struct buf *b, const char *const *words)
{
	buf_add_text(b, ", one of");
	for (size_t i = 0; words[i] != NULL; i++)
		buf_printf(b, "%s %s", i == 0 ? "" : ",", words[i]);
}

static void
put_integer(struct buf *b, const struct column *column)
{
	buf_add_text(b, "integer");
	if (column->max == INT_MAX)
		buf_printf(b, ", from %lld", (long long)column->min);
	else if (column->refers == NULL)
		buf_printf(b, ", %lld to %lld", (long long)column->min,
		    (long long)column->max);
}

static void
put_kind(struct buf *b, const struct column *column)
{
	switch (column->type) {
	case COLUMN_INT:
		put_integer(b, column);
		break;
	case COLUMN_BOOL:
		buf_add_text(b, "true or false");
		break;
	case COLUMN_TIME:
		buf_add_text(b, "time, such as 2026-01-31T12:00:00.000000Z");
		break;
	case COLUMN_JSON:
		buf_printf(b, "any JSON, at most %lld levels deep",
		    (long long)column->max);
		break;
	case COLUMN_OBJECT:
		buf_printf(
		    b, "object, at most %lld bytes", (long long)column->max);
		break;
	case COLUMN_TEXT:
	case COLUMN_MASKED:
	case COLUMN_SEALED:
	case COLUMN__MAX:
		buf_printf(
		    b, "text, at most %lld characters", (long long)column->max);
	}
}

static void
put_form(struct buf *b, const struct column *column)
{
	const struct form *form = form_find(column->form);
	const char *must = form == NULL ? judged[column->form] : form->must;

	if (must == NULL)
		return;
	buf_add_text(b, ", ");
	put_text(b, must);
}

/* Whether a row must have it, and what it is without. */
static void
put_absence(struct buf *b, const struct column *column)
{
	if ((column->flags & COLUMN_NULLABLE) != 0)
		buf_add_text(b, ", or null");
	else if (column->fallback != NULL)
		buf_printf(b, "; else %s",
		    column->type != COLUMN_BOOL          ? column->fallback
		    : strcmp(column->fallback, "0") == 0 ? "false"
							 : "true");
	else if ((column->flags & (COLUMN_DEFAULTED | COLUMN_IMPORT)) == 0)
		buf_add_text(b, "; required");
}

static void
put_column(struct buf *b, const struct column *column)
{
	buf_printf(b, ".It Ic %s\n", column->name);
	put_text(b, column->doc);
	buf_add_text(b, "\n.br\n");
	put_kind(b, column);
	if (column->refers != NULL)
		buf_printf(b, ", the id of a row of %s", column->refers->name);
	if (column->one_of != NULL)
		put_list(b, column->one_of);
	put_form(b, column);
	put_absence(b, column);
	buf_add_text(b, ".\n");
}

/* The times of a row are the same for all tables. */
static bool
is_told(const struct column *column)
{
	return (column->flags & COLUMN_DERIVED) == 0 &&
	       (column->type != COLUMN_TIME ||
		   (column->flags & COLUMN_DEFAULTED) == 0);
}

static void
put_resource(struct buf *b, const struct resource *resource)
{
	buf_printf(b, ".Ss %s\n", resource->name);
	put_text(b, resource->doc);
	buf_add_text(b, "\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < resource->n_columns; i++)
		if (is_told(&resource->columns[i]))
			put_column(b, &resource->columns[i]);
	buf_add_text(b, ".El\n");
}

static void
put_variable(struct buf *b, const struct auth_variable *variable)
{
	const struct auth_key *about = auth_key(variable);
	bool needed = (variable->uses & (AUTH_NEEDED | AUTH_WANTED)) != 0;

	if ((variable->uses & AUTH_FOUND) != 0)
		return;
	buf_printf(b, ".It Ic %s\n%s%s%s", variable->key, about->label,
	    needed ? ", needed" : "", about->secret ? ", a secret" : "");
	if (about->fallback != NULL)
		buf_printf(b, "; else %s", about->fallback);
	buf_add_text(b, ".\n");
}

static void
put_type(struct buf *b, const struct auth_type *type, size_t id)
{
	const char *between = "For systems with the protocol";

	buf_printf(b, ".Ss %s\n%s, the type with the id %zu.\n", type->key,
	    type->name, id);
	for (const char *const *name = list_protocols; *name != NULL; name++) {
		if ((auth_protocol_find(str_of(*name)) & type->protocols) == 0)
			continue;
		buf_printf(b, "%s %s", between, *name);
		between = " or";
	}
	buf_add_text(b, ".\n");
	if (type->variables[0].key == NULL)
		return;
	buf_add_text(b, ".Bl -tag -width Ds\n");
	for (const struct auth_variable *v = type->variables; v->key != NULL;
	     v++)
		put_variable(b, v);
	buf_add_text(b, ".El\n");
}

enum error
catalogue_command(struct ctl *ctl, struct problem *reterr)
{
	const struct auth_type *type;
	struct buf page;

	(void)ctl;
	(void)reterr;
	buf_init(&page, PAGE_MAX);
	buf_add_text(&page, ".Sh TABLES\n");
	for (size_t i = 0; i < n_resources; i++)
		if (!resources[i]->internal)
			put_resource(&page, resources[i]);
	buf_add_text(&page, ".Sh AUTHENTICATION TYPES\n"
			    "The program brings these: connectorsctl migrate "
			    "stores what is missing.\n");
	for (size_t i = 0; (type = auth_row(i)) != NULL; i++)
		put_type(&page, type, i + 1);
	ctl_print("%.*s", STR_FMT(buf_str(&page)));
	buf_done(&page);
	return OK;
}
