/*
 * What a write or a test finds of a connector's configuration: its variables,
 * the implementation it uses and the defaults there.
 *
 * The one place where rows of variables are taken from the database, so here
 * it is seen to that each is its owner's company's: a link that was led to
 * somebody else's row, whatever did it, hands nothing out.
 */
#include <config.h>

#include "api/implementation_cache.h"
#include "api/write.h"
#include "db/db.h"
#include "schema/tables.h"

/* Whose variables are meant. */
struct owner {
	const struct resource *resource;
	int64_t id;
	int64_t company_id; /* 0: it is everybody's */
};

/* Rows that are everybody's are for the catalogue: a connector may send its
 * variables wherever its company likes. */
static bool
is_owned(const struct owner *owner, const struct variable *item)
{
	return item->company_id == owner->company_id ||
	       (item->company_id == 0 && owner->resource->scope != SCOPE_OWN);
}

/* Tells of the first: one is enough to look at the data. */
static void
warn(struct write *w, const struct owner *owner, const struct variable *item)
{
	struct call *call = w->call;

	if (call->response->warning.len == 0)
		call->response->warning = arena_printf(call->arena,
		    "variable %lld is not used: it is linked to %s %lld, which "
		    "is not of its company",
		    (long long)item->id, owner->resource->one,
		    (long long)owner->id);
}

/* What belongs to somebody else counts as not there. */
static void
drop_others(struct write *w, const struct owner *owner, struct variables *items)
{
	size_t kept = 0;

	for (size_t i = 0; i < items->n; i++) {
		if (is_owned(owner, &items->all[i]))
			items->all[kept++] = items->all[i];
		else
			warn(w, owner, &items->all[i]);
	}
	items->n = kept;
}

static enum error
load(struct write *w, const struct owner *owner, struct variables *ret)
{
	const struct resource *rules = &resource_connectors;
	const struct relation *variables =
	    schema_relation(owner->resource, STR("variables"));
	struct rows rows;

	TRY(write_query(w,
	    sql_variables(w->call->arena, rules, variables, owner->id), &rows));
	variables_read(w->call->arena, rules, &rows, ret);
	drop_others(w, owner, ret);
	return OK;
}

enum error
write_load_own(struct write *w, struct variables *ret)
{
	const struct owner owner = { &resource_connectors, w->connector_id,
		w->call->principal.company_id };

	return load(w, &owner, ret);
}

enum error
write_load_defaults(
    struct write *w, int64_t id, int64_t company_id, struct variables *ret)
{
	const struct owner owner = { &resource_authentication_implementations,
		id, company_id };

	return load(w, &owner, ret);
}

static enum error
load_implementation(struct write *w, int64_t id, struct implementation *ret)
{
	static const struct str text =
	    STR_CONST("SELECT i.url, i.test_url, s.protocol, s.company_id "
		      "FROM authentication_implementations i "
		      "JOIN systems s ON s.id = i.system_id WHERE i.id = ? "
		      "AND (s.company_id IS NULL OR s.company_id = ?)");
	const struct value params[] = { value_int(id),
		value_int(w->call->principal.company_id) };
	int64_t owner_id;
	struct rows rows;

	TRY(write_query(
	    w, (struct statement){ text, params, N_ELEMENTS(params) }, &rows));
	*ret =
	    (struct implementation){ .variables.rules = &resource_connectors };
	if (rows.count == 0)
		return OK;
	owner_id = rows.cells[3].integer;
	ret->id = id;
	ret->url = rows.cells[0].text;
	ret->test_url = rows.cells[1].text;
	ret->protocol = rows.cells[2].text;
	TRY(write_load_defaults(w, id, owner_id, &ret->variables));
	implementation_cache_put(
	    w->call->service->implementations, owner_id, ret);
	return OK;
}

enum error
write_find_implementation(
    struct write *w, int64_t id, struct implementation *ret)
{
	const struct implementation *kept =
	    implementation_cache_find(w->call->service->implementations,
		w->call->principal.company_id, id);

	if (kept == NULL)
		return load_implementation(w, id, ret);
	*ret = *kept;
	return OK;
}
