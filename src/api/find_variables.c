/*
 * Variables and implementations as the database has them.
 *
 * The one place where a write or a test takes rows of variables from the
 * database, so here each is checked to belong to its owner's company: a link
 * that leads to another company's row, whatever made it, gives nothing away.
 */
#include <config.h>

#include "api/find_variables.h"

#include "api/implementation_cache.h"
#include "engine/sql_write.h"
#include "schema/tables.h"

/* Whose variables are meant. */
struct owner {
	const struct resource *resource;
	int64_t id;
	int64_t company_id; /* 0: it is everybody's */
};

/* Rows of no company belong to the catalogue, not to connectors: a connector
 * may send its variables wherever its company likes. */
static bool
is_owned(const struct owner *owner, const struct variable *v)
{
	return v->company_id == owner->company_id ||
	       (v->company_id == 0 && owner->resource->scope != SCOPE_OWN);
}

/* Tells of the first: one is enough to look at the data. */
static void
warn(struct call *call, const struct owner *owner, const struct variable *v)
{
	if (call->response->warning.len == 0)
		call->response->warning = arena_printf(call->arena,
		    "variable %lld is not used: it is linked to %s %lld, which "
		    "is not of its company",
		    (long long)v->id, owner->resource->one,
		    (long long)owner->id);
}

/* What belongs to another company counts as not there. */
static void
drop_others(
    struct call *call, const struct owner *owner, struct variables *variables)
{
	size_t kept = 0;

	for (size_t i = 0; i < variables->n; i++) {
		if (is_owned(owner, &variables->all[i]))
			variables->all[kept++] = variables->all[i];
		else
			warn(call, owner, &variables->all[i]);
	}
	variables->n = kept;
}

static enum error
load(struct call *call, const struct owner *owner, struct variables *ret)
{
	const struct resource *rules = &resource_connectors;
	const struct relation *relation =
	    schema_relation(owner->resource, STR("variables"));
	struct rows rows;

	TRY(call_query(call,
	    sql_variables(call->arena, rules, relation, owner->id), &rows));
	variables_read(call->arena, rules, &rows, ret);
	drop_others(call, owner, ret);
	return OK;
}

enum error
find_variables(struct call *call, int64_t connector_id, struct variables *ret)
{
	const struct owner owner = { &resource_connectors, connector_id,
		call->principal.company_id };

	return load(call, &owner, ret);
}

enum error
find_defaults(struct call *call, int64_t implementation_id, int64_t company_id,
    struct variables *ret)
{
	const struct owner owner = { &resource_authentication_implementations,
		implementation_id, company_id };

	return load(call, &owner, ret);
}

static enum error
load_implementation(struct call *call, int64_t id, struct implementation *ret)
{
	static const struct str text =
	    STR_CONST("SELECT i.url, i.test_url, s.protocol, s.company_id "
		      "FROM authentication_implementations i "
		      "JOIN systems s ON s.id = i.system_id WHERE i.id = ? "
		      "AND (s.company_id IS NULL OR s.company_id = ?)");
	const struct value params[] = { value_int(id),
		value_int(call->principal.company_id) };
	int64_t owner_id;
	struct rows rows;

	TRY(call_query(call,
	    (struct statement){ text, params, N_ELEMENTS(params) }, &rows));
	*ret =
	    (struct implementation){ .variables.rules = &resource_connectors };
	if (rows.count == 0)
		return OK;
	owner_id = rows.cells[3].integer;
	ret->id = id;
	ret->url = rows.cells[0].text;
	ret->test_url = rows.cells[1].text;
	ret->protocol = rows.cells[2].text;
	TRY(find_defaults(call, id, owner_id, &ret->variables));
	implementation_cache_put(call->service->implementations, owner_id, ret);
	return OK;
}

enum error
find_implementation(struct call *call, int64_t id, struct implementation *ret)
{
	const struct implementation *kept = implementation_cache_find(
	    call->service->implementations, call->principal.company_id, id);

	if (kept == NULL)
		return load_implementation(call, id, ret);
	*ret = *kept;
	return OK;
}
