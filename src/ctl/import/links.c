/*
 * Certificates and connectors that name each other. It is enough that one of
 * both names the other; if both do, they must agree. A certificate that agrees
 * with its connector may serve other connectors too: the API lets them.
 */
#include <config.h>

#include <stdlib.h>

#include "ctl/import/import.h"
#include "schema/tables.h"

/* An array of n items with room for one more, grown in powers of two. */
static void *
make_room(void *items, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return items;
	items = realloc(items, (n == 0 ? 1 : n * 2) * size);
	if (items == NULL)
		abort();
	return items;
}

static void
add_link(struct import *import, const struct import_link *link)
{
	import->links =
	    make_room(import->links, import->n_links, sizeof(*link));
	import->links[import->n_links++] = *link;
}

static void
add_claim(struct import *import, size_t index, size_t link)
{
	import->claims = make_room(
	    import->claims, import->n_claims, sizeof(*import->claims));
	import->claims[import->n_claims++] =
	    (struct import_claim){ index, link };
}

/* A certificate row names its connector: remembered until that one comes. */
void
import_note_link(struct import *import, const struct import_batch *batch,
    struct import_row *row, struct problem *reterr)
{
	const struct resource *r = batch->resource;
	const struct value *connector =
	    &row->values[import_column(r, "connector_id")];
	const struct import_link link = {
		.connector = connector->integer,
		.certificate = row->values[import_column(r, "id")].integer,
		.company = row->values[import_column(r, "company_id")].integer,
		.index = row->index,
	};
	const int64_t *other;

	if (connector->type == VALUE_NULL)
		return;
	other = import_map_find(&import->link_by_connector, link.connector);
	if (other != NULL) {
		(void)import_row_fail(r, row, "connector_id", reterr,
		    "certificates[%zu] names the same connector",
		    import->links[*other].index);
		return;
	}
	import_map_add(&import->link_by_connector, link.connector,
	    (int64_t)import->n_links);
	import_map_add(&import->link_by_certificate, link.certificate,
	    (int64_t)import->n_links);
	add_link(import, &link);
}

/* What the certificate that names the connector means for its row; false if
 * the row names another. */
static bool
meet(struct import_link *link, const struct resource *r, struct import_row *row,
    struct problem *reterr)
{
	const size_t column = import_column(r, "certificate_id");
	struct value *certificate = &row->values[column];

	link->is_met = true;
	if (certificate->type == VALUE_NULL) {
		row->given[column] = true;
		*certificate = value_int(link->certificate);
	} else if (certificate->integer == link->certificate) {
		link->is_agreed = true;
	} else {
		(void)import_row_fail(r, row, "certificate_id", reterr,
		    "certificates[%zu] names this connector too", link->index);
		return false;
	}
	return true;
}

void
import_take_link(struct import *import, const struct import_batch *batch,
    struct import_row *row, struct problem *reterr)
{
	const struct resource *r = batch->resource;
	const int64_t id = row->values[import_column(r, "id")].integer;
	const struct value *certificate =
	    &row->values[import_column(r, "certificate_id")];
	const int64_t *place;

	place = import_map_find(&import->link_by_connector, id);
	if (place != NULL && !meet(&import->links[*place], r, row, reterr))
		return;
	if (certificate->type == VALUE_NULL)
		return;
	place =
	    import_map_find(&import->link_by_certificate, certificate->integer);
	if (place != NULL && import->links[*place].connector != id)
		add_claim(import, row->index, (size_t)*place);
}

/* The connector as it is stored now: its company and certificate; no row if
 * there is none. */
static enum error
read_connector(struct import *import, const struct import_link *link,
    struct rows *ret, struct problem *reterr)
{
	return db_run(import->db, import->ctl->arena,
	    STATEMENT("SELECT company_id, certificate_id FROM connectors "
		      "WHERE id = ? FOR UPDATE",
		value_int(link->connector)),
	    ret, reterr);
}

/* A certificate names a connector that is not in the file. */
static enum error
check_link(
    struct import *import, struct import_link *link, struct problem *reterr)
{
	const struct resource *r = &resource_certificates;
	struct import_row row = { .index = link->index };
	struct rows rows = { 0 };
	const struct value *stored;

	TRY(read_connector(import, link, &rows, reterr));
	if (rows.count == 0)
		return import_may_be_refused(
			   import, &resource_connectors, link->connector)
			   ? OK
			   : import_row_fail(r, &row, "connector_id", reterr,
				 "there is no such connector");
	stored = rows_cell(&rows, 0, 0);
	if (stored[0].integer != link->company)
		return import_row_fail(r, &row, "connector_id", reterr,
		    "the connector belongs to another company");
	link->is_agreed = stored[1].type == VALUE_INT &&
			  stored[1].integer == link->certificate;
	return OK;
}

enum error
import_check_links(struct import *import, struct problem *reterr)
{
	for (size_t i = 0; i < import->n_links; i++)
		if (!import->links[i].is_met)
			TRY(import_go_on(
			    check_link(import, &import->links[i], reterr)));
	for (size_t i = 0; i < import->n_claims; i++) {
		const struct import_claim *claim = &import->claims[i];
		const struct import_link *link = &import->links[claim->link];
		struct import_row row = { .index = claim->index };

		if (!link->is_agreed)
			(void)import_row_fail(&resource_connectors, &row,
			    "certificate_id", reterr,
			    "certificates[%zu] names another connector",
			    link->index);
	}
	return OK;
}

enum error
import_store_links(struct import *import, struct problem *reterr)
{
	for (size_t i = 0; i < import->n_links; i++) {
		const struct import_link *link = &import->links[i];

		if (link->is_met || link->is_agreed)
			continue;
		import_map_add(&import->touched, link->connector, 0);
		TRY(db_run(import->db, import->ctl->arena,
		    STATEMENT("UPDATE connectors SET certificate_id = ?, "
			      "updated_at = ? WHERE id = ?",
			value_int(link->certificate),
			value_text(str_of(import->now)),
			value_int(link->connector)),
		    NULL, reterr));
	}
	return OK;
}
