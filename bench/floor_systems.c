/*
 * The floor's list of systems with all includes: six statements, everything
 * to-one joined into them. The authentication types of the data need nothing
 * that implementations do not list.
 */
#include <config.h>

#include "floor.h"

#include <stdlib.h>

#include "floor_sql.h"

#define MARKS "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
/* The implementations of a page: at most so many of each system. */
#define EACH       2
#define MANY       (PER_PAGE * EACH)
#define MANY_MARKS "(" TEN "," TEN "," TEN ")"
#define TEN        "?,?,?,?,?,?,?,?,?,?"

#define VISIBLE "(s.company_id IS NULL OR s.company_id=?)"

static struct query key = {
	"SELECT k.company_id FROM api_keys k WHERE k.key_hash=? AND "
	"k.revoked_at IS NULL AND (k.expires_at IS NULL OR "
	"k.expires_at>UTC_TIMESTAMP(6))",
	NULL
};
static struct query count = { "SELECT COUNT(*) FROM systems s WHERE " VISIBLE,
	NULL };
static struct query page_query = {
	"SELECT STRAIGHT_JOIN " SQL_SYSTEM "," SQL_LOGO "," SQL_NAMED(
	    "y") "," SQL_TEMPLATE " FROM systems s LEFT JOIN logos g ON "
		 "g.id=s.logo_id JOIN system_types y ON y.id=s.system_type_id "
		 "LEFT JOIN system_templates m ON m.id=s.system_template_id "
		 "WHERE " VISIBLE " ORDER BY s.id LIMIT ? OFFSET ?",
	NULL
};
static struct query implementation_query = {
	"SELECT i.system_id," SQL_IMPLEMENTATION "," SQL_TYPE
	" FROM authentication_implementations i JOIN authentication_types t "
	"ON t.id=i.authentication_type_id WHERE i.system_id IN " MARKS
	" ORDER BY i.system_id,i.id",
	NULL
};
static struct query variable_query = {
	"SELECT l.model_id," SQL_VARIABLE "," SQL_LINK
	" FROM model_variables l JOIN variables v ON v.id=l.variable_id "
	"WHERE l.model_type='authentication_implementation' AND l.model_id "
	"IN " MANY_MARKS " ORDER BY l.model_id,v.id",
	NULL
};
static struct query endpoint_query = {
	"SELECT e.system_id," SQL_ENDPOINT
	" FROM endpoints e WHERE e.system_id IN " MARKS
	" ORDER BY e.system_id,e.id",
	NULL
};

/* All rows of one page. */
struct all {
	struct rows page, implementations, variables, endpoints;
};

static size_t
put_implementations(struct out *o, const struct all *all, const struct cell *id)
{
	const struct rows *rows = &all->implementations;
	size_t n = 0, at;

	out_text(o, ",\"authentication_implementations\":[");
	for (size_t i = floor_find(rows, id, 0); i < rows->count; i++) {
		const struct cell *cells = &rows->cells[i * rows->width];

		if (!floor_same(&cells[0], id))
			break;
		out_text(o, n++ == 0 ? "{" : ",{");
		at = 0;
		floor_one(o, ",\"authentication_type\":", json_sign_in,
		    out_fields(o, json_implementation, cells + 1));
		out_text(o, ",");
		floor_variables(o, &all->variables, cells + 1, &at);
		out_text(o, "}");
	}
	out_text(o, "]");
	return n;
}

static size_t
count_of(const struct rows *rows, const struct cell *id)
{
	size_t from = floor_find(rows, id, 0), n = 0;

	while (from + n < rows->count &&
	       floor_same(&rows->cells[(from + n) * rows->width], id))
		n++;
	return n;
}

static void
put_system(struct out *o, const struct all *all, const struct cell *cells)
{
	const struct cell *id = cells, *last;

	out_text(o, "{");
	cells = out_fields(o, json_system, cells);
	floor_exists(o, "logo", cells->ptr != NULL);
	cells = floor_one(o, ",\"logo\":", json_logo, cells);
	floor_exists(o, "system_type", cells->ptr != NULL);
	cells = floor_one(o, ",\"system_type\":", json_named, cells);
	last = cells;
	floor_exists(o, "system_template", last->ptr != NULL);
	floor_one(o, ",\"system_template\":", json_template, last);
	floor_exists(o, "authentication_implementations",
	    put_implementations(o, all, id));
	floor_many(
	    o, ",\"endpoints\":", &all->endpoints, json_endpoint, NULL, id);
	floor_exists(o, "endpoints", count_of(&all->endpoints, id));
	out_text(o, "}");
}

int
floor_systems(const char *hash, long page, struct out *o)
{
	struct param params[PER_PAGE] = { floor_hash(hash) }, ids[MANY];
	struct rows rows = floor_run(&key, params, 1), total;
	struct all all;

	if (rows.count == 0)
		return 401;
	params[0] = floor_number(strtoll(rows.cells[0].ptr, NULL, 10));
	params[1] = floor_number(PER_PAGE);
	params[2] = floor_number((page - 1) * PER_PAGE);
	total = floor_run(&count, params, 1);
	all.page = floor_run(&page_query, params, 3);
	floor_ids(&all.page, 0, params);
	all.implementations =
	    floor_run(&implementation_query, params, PER_PAGE);
	all.endpoints = floor_run(&endpoint_query, params, PER_PAGE);
	rows = all.implementations;
	for (size_t i = 0; i < MANY; i++)
		ids[i] = floor_number(
		    i < rows.count
			? strtoll(rows.cells[i * rows.width + 1].ptr, NULL, 10)
			: 0);
	all.variables = floor_run(&variable_query, ids, MANY);
	out_text(o, "{\"data\":[");
	for (size_t i = 0; i < all.page.count; i++) {
		if (i > 0)
			out_text(o, ",");
		put_system(o, &all, &all.page.cells[i * all.page.width]);
	}
	floor_page(o, page, &total.cells[0]);
	return 200;
}
