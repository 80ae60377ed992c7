/*
 * Certificates with content: fingerprint and expiry are computed from it, and
 * values that the row has must agree with them.
 */
#include <config.h>

#include "base/mask.h"
#include "ctl/import/import.h"
#include "secret/certificate.h"

/* The content, and the columns for what is computed from it. */
struct content {
	const struct resource *resource;
	struct import_row *row;
	struct value *certificate;
	const struct value *passphrase;
};

static bool
is_text(const struct value *value)
{
	return value->type == VALUE_TEXT &&
	       !str_equal(value->text, STR(SECRET_MASK));
}

/* Fills in a computed value, or compares it with the one that the row has. */
static void
agree(const struct content *c, const char *name, struct str computed,
    struct problem *reterr)
{
	const size_t i = import_column(c->resource, name);
	struct value *value = &c->row->values[i];

	if (c->row->given[i] && value->type == VALUE_TEXT &&
	    !str_equal_nocase(value->text, computed))
		(void)import_row_fail(c->resource, c->row, name, reterr,
		    "is not that of the certificate (%.*s)", STR_FMT(computed));
	c->row->given[i] = true;
	*value = value_text(computed);
}

static enum error
read_content(
    struct arena *arena, const struct content *c, struct problem *reterr)
{
	struct problem why = { .arena = arena };
	struct certificate certificate;
	char when[WHEN_SIZE];
	struct str passphrase = { "", 0 };

	if (is_text(c->passphrase))
		passphrase = c->passphrase->text;
	if (certificate_read(arena, c->certificate->text, passphrase,
		&certificate, &why) != OK)
		return import_row_fail(c->resource, c->row, "certificate",
		    reterr, "%.*s", STR_FMT(why.message));
	if (!when_of_seconds(certificate.expires_at, when))
		return import_row_fail(c->resource, c->row, "certificate",
		    reterr, "expires in a year that cannot be stored");
	/* The same content in any form is stored as one text. */
	*c->certificate = value_text(certificate.pem);
	agree(c, "fingerprint_sha256", certificate.fingerprint_sha256, reterr);
	agree(c, "expires_at", arena_copy(arena, str_of(when)), reterr);
	return OK;
}

/* Of content that cannot be opened a missing fingerprint is not reported as
 * well. */
static void
take_content(
    struct arena *arena, const struct content *c, struct problem *reterr)
{
	if (read_content(arena, c, reterr) != OK)
		c->row
		    ->given[import_column(c->resource, "fingerprint_sha256")] =
		    true;
}

void
import_read_certificates(struct import_batch *batch, struct problem *reterr)
{
	const struct resource *r = batch->resource;

	for (size_t i = 0; i < batch->n; i++) {
		struct import_row *row = &batch->rows[i];
		const struct content c = {
			.resource = r,
			.row = row,
			.certificate =
			    &row->values[import_column(r, "certificate")],
			.passphrase =
			    &row->values[import_column(r, "passphrase")],
		};

		if (is_text(c.certificate))
			take_content(batch->arena, &c, reterr);
		else if (is_text(c.passphrase))
			(void)import_row_fail(r, row, "passphrase", reterr,
			    "needs the certificate that it opens");
	}
}
