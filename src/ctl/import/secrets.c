/*
 * Secrets on their way in: sealed, unless what is stored opens to the same.
 *
 * A sealed column stands beside a column of the file: variables.value and
 * value_sealed, certificates.certificate and certificate_sealed, passphrase
 * and passphrase_sealed. Plain text never goes further than this file.
 */
#include <config.h>

#include "base/mask.h"
#include "ctl/import/import.h"
#include "schema/tables.h"

#define NEEDS_VALUE "a stored secret can only be made readable with a new value"
#define MASK_ALONE  "the mask stands for a stored secret, and none is stored"

/* A column of the file and the one that keeps it. */
struct secret {
	const struct resource *resource;
	struct import_row *row;
	size_t plain;
	size_t sealed;
};

static struct secret
secret_of(const struct resource *resource, struct import_row *row,
    const char *plain, const char *sealed)
{
	return (struct secret){ resource, row, import_column(resource, plain),
		import_column(resource, sealed) };
}

static const char *
name_of(const struct secret *s)
{
	return s->resource->columns[s->plain].name;
}

static struct seal_context
context_of(const struct secret *s)
{
	const struct value *values = s->row->values;

	return (struct seal_context){
		.table = s->resource->name,
		.column = name_of(s),
		.row_id = values[import_column(s->resource, "id")].integer,
		.company_id =
		    values[import_column(s->resource, "company_id")].integer,
	};
}

static const struct value *
stored_sealed(const struct secret *s)
{
	if (s->row->stored == NULL ||
	    s->row->stored[s->sealed].type == VALUE_NULL)
		return NULL;
	return &s->row->stored[s->sealed];
}

/* Whether what is stored opens to this text. What does not open is replaced. */
static bool
opens_to(struct import *import, struct arena *arena, const struct secret *s,
    const struct value *stored, struct str plain)
{
	const struct seal_context context = context_of(s);
	struct problem ignored = { .arena = arena };
	struct str opened;

	return secret_open(arena, import->ctl->keyring, &context, stored->text,
		   &opened, &ignored) == OK &&
	       secret_equal(opened, plain);
}

static enum error
seal(struct import *import, struct arena *arena, const struct secret *s,
    struct str plain, struct problem *reterr)
{
	const struct seal_context context = context_of(s);
	struct value *sealed = &s->row->values[s->sealed];
	const struct value *stored = stored_sealed(s);
	enum error error = ctl_ring(import->ctl, reterr);

	/* The other secrets cannot be sealed either: one message is
	 * enough. */
	if (error != OK)
		return problem_set(reterr, error, "%s[%zu].%s: is secret: %.*s",
		    s->resource->name, s->row->index, name_of(s),
		    STR_FMT(reterr->log));
	if (stored != NULL && opens_to(import, arena, s, stored, plain))
		*sealed = *stored;
	else
		*sealed = value_bytes(
		    secret_seal(arena, import->ctl->keyring, &context, plain));
	return OK;
}

/* What the file gives: nothing at all, null, the mask, or a text. */
static enum error
take(struct import *import, struct arena *arena, const struct secret *s,
    struct problem *reterr)
{
	const struct value *plain = &s->row->values[s->plain];

	if (!s->row->given[s->plain])
		return OK; /* the sealed column was filled with the stored */
	s->row->values[s->sealed] = value_null();
	if (plain->type == VALUE_NULL)
		return OK;
	if (!str_equal(plain->text, STR(SECRET_MASK)))
		return seal(import, arena, s, plain->text, reterr);
	if (stored_sealed(s) == NULL)
		return import_row_fail(
		    s->resource, s->row, name_of(s), reterr, MASK_ALONE);
	s->row->values[s->sealed] = *stored_sealed(s);
	return OK;
}

/* A variable that is not secret, or no longer. */
static enum error
take_readable(const struct secret *s, struct problem *reterr)
{
	const struct value *value = &s->row->values[s->plain];
	const bool is_new = s->row->given[s->plain] &&
			    (value->type == VALUE_NULL ||
				!str_equal(value->text, STR(SECRET_MASK)));

	if (stored_sealed(s) != NULL && !is_new)
		return import_row_fail(
		    s->resource, s->row, "secret", reterr, NEEDS_VALUE);
	s->row->values[s->sealed] = value_null();
	return OK;
}

static enum error
seal_variable(struct import *import, const struct import_batch *batch,
    struct import_row *row, struct problem *reterr)
{
	const struct resource *r = batch->resource;
	const struct secret s = secret_of(r, row, "value", "value_sealed");
	struct value *value = &row->values[s.plain];

	if (row->values[import_column(r, "secret")].integer == 0)
		return take_readable(&s, reterr);
	/* The variable becomes secret: its stored plain text is sealed. */
	if (!row->given[s.plain] && value->type != VALUE_NULL) {
		if (str_equal(value->text, STR(SECRET_MASK)))
			return import_row_fail(
			    r, row, name_of(&s), reterr, MASK_ALONE);
		TRY(seal(import, batch->arena, &s, value->text, reterr));
	}
	TRY(take(import, batch->arena, &s, reterr));
	*value = value_null();
	return OK;
}

static enum error
seal_certificate(struct import *import, const struct import_batch *batch,
    struct import_row *row, struct problem *reterr)
{
	const struct resource *r = batch->resource;
	const struct secret content =
	    secret_of(r, row, "certificate", "certificate_sealed");
	const struct secret passphrase =
	    secret_of(r, row, "passphrase", "passphrase_sealed");

	TRY(import_go_on(take(import, batch->arena, &content, reterr)));
	return take(import, batch->arena, &passphrase, reterr);
}

enum error
import_seal(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct import_row *row = &batch->rows[i];

		if (row->is_partial)
			continue;
		if (batch->resource == &resource_variables)
			TRY(import_go_on(
			    seal_variable(import, batch, row, reterr)));
		else if (batch->resource == &resource_certificates)
			TRY(import_go_on(
			    seal_certificate(import, batch, row, reterr)));
	}
	return OK;
}
