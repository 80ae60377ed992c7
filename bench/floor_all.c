/*
 * The floor's list with all includes: eight statements, everything to-one
 * joined into them.
 */
#include <config.h>

#include "floor.h"

#include <stdlib.h>

#include "floor_sql.h"

#define MARKS "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
/* The endpoints of a page: at most so many of each implementation. */
#define ENDPOINTS_EACH 5
#define MANY           (PER_PAGE * ENDPOINTS_EACH)
#define MANY_MARKS                                                     \
	"(" TEN "," TEN "," TEN "," TEN "," TEN "," TEN "," TEN ",?,?" \
	",?,?,?)"
#define TEN "?,?,?,?,?,?,?,?,?,?"

static struct query key = {
	"SELECT k.company_id FROM api_keys k WHERE k.key_hash=? AND "
	"k.revoked_at IS NULL AND (k.expires_at IS NULL OR "
	"k.expires_at>UTC_TIMESTAMP(6))",
	NULL
};
static struct query count = {
	"SELECT COUNT(*) FROM connectors WHERE company_id=?", NULL
};
static struct query page_query = {
	"SELECT STRAIGHT_JOIN " SQL_CONNECTOR "," SQL_IMPLEMENTATION
	"," SQL_TYPE "," SQL_SYSTEM "," SQL_LOGO "," SQL_NAMED(
	    "y") "," SQL_CERTIFICATE "," SQL_USER
		 " FROM connectors c JOIN authentication_implementations i ON "
		 "i.id=c.authentication_implementation_id JOIN "
		 "authentication_types t "
		 "ON t.id=i.authentication_type_id JOIN systems s ON "
		 "s.id=i.system_id "
		 "LEFT JOIN logos g ON g.id=s.logo_id JOIN system_types y ON "
		 "y.id=s.system_type_id LEFT JOIN certificates r ON "
		 "r.id=c.certificate_id LEFT JOIN users u ON u.id=r.user_id "
		 "WHERE "
		 "c.company_id=? ORDER BY c.id LIMIT ? OFFSET ?",
	NULL
};
static struct query variable_query = {
	"SELECT l.model_id," SQL_VARIABLE "," SQL_LINK
	" FROM model_variables l JOIN variables v ON v.id=l.variable_id "
	"WHERE l.model_type='connector' AND l.model_id IN " MARKS
	" ORDER BY l.model_id,v.id",
	NULL
};
static struct query endpoint_query = {
	"SELECT n.authentication_implementation_id," SQL_ENDPOINT "," SQL_SCHEMA
	"," SQL_SYSTEM "," SQL_LOGO "," SQL_NAMED(
	    "y") " FROM authentication_implementation_endpoints n JOIN "
		 "endpoints e ON "
		 "e.id=n.endpoint_id JOIN systems s ON s.id=e.system_id LEFT "
		 "JOIN "
		 "logos g ON g.id=s.logo_id LEFT JOIN entity_types y ON "
		 "y.id=e.entity_type_id LEFT JOIN endpoint_schemas h ON "
		 "h.endpoint_id=e.id WHERE n.authentication_implementation_id "
		 "IN " MARKS
		 " ORDER BY n.authentication_implementation_id,e.id",
	NULL
};
static struct query filter_query = {
	"SELECT f.model_id," SQL_FILTER " FROM filters f WHERE "
	"f.model_type='endpoint' AND f.model_id IN " MANY_MARKS
	" ORDER BY f.model_id,f.id",
	NULL
};
static struct query tag_query = {
	"SELECT k.endpoint_id," SQL_NAMED(
	    "q") "," SQL_TAG_LINK
		 " FROM endpoint_field_tags k JOIN field_tags q ON "
		 "q.id=k.field_tag_id WHERE k.endpoint_id IN " MANY_MARKS
		 " ORDER BY k.endpoint_id,q.id",
	NULL
};
static struct query endpoint_variable_query = {
	"SELECT l.model_id," SQL_VARIABLE "," SQL_LINK
	" FROM model_variables l JOIN variables v ON v.id=l.variable_id "
	"WHERE l.model_type='endpoint' AND l.model_id IN " MANY_MARKS
	" ORDER BY l.model_id,v.id",
	NULL
};

/* All rows of one page. */
struct all {
	struct rows page, variables, endpoints, filters, tags, of_endpoints;
};

const struct cell *
floor_one(struct out *o, const char *name, const struct field *fields,
    const struct cell *cells)
{
	bool there = cells->ptr != NULL;
	size_t before;

	out_text(o, name);
	before = o->len;
	out_text(o, "{");
	cells = out_fields(o, fields, cells);
	out_text(o, "}");
	if (!there) {
		o->len = before;
		out_text(o, "null");
	}
	return cells;
}

void
floor_many(struct out *o, const char *name, const struct rows *rows,
    const struct field *fields, const struct field *pivot,
    const struct cell *id)
{
	bool first = true;

	out_text(o, name);
	out_text(o, "[");
	for (size_t i = floor_find(rows, id, 0); i < rows->count; i++) {
		const struct cell *cells = &rows->cells[i * rows->width];

		if (!floor_same(&cells[0], id))
			break;
		out_text(o, first ? "{" : ",{");
		first = false;
		cells = out_fields(o, fields, cells + 1);
		if (pivot != NULL) {
			out_text(o, ",\"pivot\":{");
			out_fields(o, pivot, cells);
			out_text(o, "}");
		}
		out_text(o, "}");
	}
	out_text(o, "]");
}

static void
put_endpoint(struct out *o, const struct all *all, const struct cell *cells)
{
	const struct cell *id = cells;
	size_t at = 0;

	out_text(o, "{");
	cells = out_fields(o, json_endpoint, cells);
	cells = floor_one(o, ",\"endpoint_schema\":", json_schema, cells);
	out_text(o, ",\"system\":{");
	cells = out_fields(o, json_system, cells);
	cells = floor_one(o, ",\"logo\":", json_logo, cells);
	out_text(o, "}");
	floor_one(o, ",\"entity_type\":", json_named, cells);
	floor_many(o, ",\"filters\":", &all->filters, json_filter, NULL, id);
	floor_many(
	    o, ",\"field_tags\":", &all->tags, json_named, json_tag_link, id);
	out_text(o, ",");
	floor_variables(o, &all->of_endpoints, id, &at);
	out_text(o, "}");
}

static void
put_endpoints(struct out *o, const struct all *all, const struct cell *id)
{
	const struct rows *rows = &all->endpoints;
	bool first = true;

	out_text(o, ",\"endpoints\":[");
	for (size_t i = floor_find(rows, id, 0); i < rows->count; i++) {
		const struct cell *cells = &rows->cells[i * rows->width];

		if (!floor_same(&cells[0], id))
			break;
		if (!first)
			out_text(o, ",");
		first = false;
		put_endpoint(o, all, cells + 1);
	}
	out_text(o, "]");
}

void
floor_exists(struct out *o, const char *name, size_t n)
{
	out_text(o, ",\"");
	out_text(o, name);
	out_text(o, "_count\":");
	out_number(o, (long long)n);
	out_text(o, ",\"");
	out_text(o, name);
	out_text(o, n > 0 ? "_exists\":true" : "_exists\":false");
}

static void
put_connector(
    struct out *o, const struct all *all, const struct cell *cells, size_t *at)
{
	const struct cell *id = cells, *implementation;
	size_t before;

	out_text(o, "{");
	cells = out_fields(o, json_connector, cells);
	out_text(o, ",\"authentication_implementation\":{");
	implementation = cells;
	cells = out_fields(o, json_implementation, cells);
	cells = floor_one(o, ",\"authentication_type\":", json_sign_in, cells);
	out_text(o, ",\"system\":{");
	cells = out_fields(o, json_system, cells);
	cells = floor_one(o, ",\"logo\":", json_logo, cells);
	cells = floor_one(o, ",\"system_type\":", json_named, cells);
	out_text(o, "}");
	put_endpoints(o, all, implementation);
	out_text(o, "},");
	*at = floor_find(&all->variables, id, *at);
	before = *at;
	floor_variables(o, &all->variables, id, at);
	floor_exists(o, "variables", *at - before);
	floor_exists(o, "authentication_implementation", 1);
	floor_exists(o, "certificate", cells->ptr != NULL);
	if (cells->ptr == NULL) {
		out_text(o, ",\"certificate\":null}");
		return;
	}
	out_text(o, ",\"certificate\":{");
	cells = out_fields(o, json_certificate, cells);
	floor_one(o, ",\"user\":", json_user, cells);
	out_text(o, "}}");
}

int
floor_list_all(const char *hash, long page, struct out *o)
{
	struct param params[PER_PAGE] = { floor_hash(hash) }, ids[MANY];
	struct rows rows = floor_run(&key, params, 1), total;
	struct all all;
	size_t at = 0;

	if (rows.count == 0)
		return 401;
	params[0] = floor_number(strtoll(rows.cells[0].ptr, NULL, 10));
	params[1] = floor_number(PER_PAGE);
	params[2] = floor_number((page - 1) * PER_PAGE);
	total = floor_run(&count, params, 1);
	all.page = floor_run(&page_query, params, 3);
	floor_ids(&all.page, 0, params);
	all.variables = floor_run(&variable_query, params, PER_PAGE);
	floor_ids(&all.page, 3, params);
	all.endpoints = floor_run(&endpoint_query, params, PER_PAGE);
	for (size_t i = 0; i < MANY; i++)
		ids[i] = floor_number(
		    i < all.endpoints.count
			? strtoll(
			      all.endpoints.cells[i * all.endpoints.width + 1]
				  .ptr,
			      NULL, 10)
			: 0);
	all.filters = floor_run(&filter_query, ids, MANY);
	all.tags = floor_run(&tag_query, ids, MANY);
	all.of_endpoints = floor_run(&endpoint_variable_query, ids, MANY);
	out_text(o, "{\"data\":[");
	for (size_t i = 0; i < all.page.count; i++) {
		if (i > 0)
			out_text(o, ",");
		put_connector(
		    o, &all, &all.page.cells[i * all.page.width], &at);
	}
	floor_page(o, page, &total.cells[0]);
	return 200;
}
