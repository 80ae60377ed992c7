/*
 * Runs the plan of a write: the connector and its certificate.
 *
 * SQL texts come from sql_write.c, but for two that are about one table each.
 */
#include <config.h>

#include "api/write_store.h"

#include "db/db.h"
#include "schema/tables.h"

static const struct resource *const connectors = &resource_connectors;

static enum error
insert_returning(struct call *call, struct write_plan *plan)
{
	size_t id = sql_position(connectors, "id");

	TRY(call_insert(call,
	    sql_insert_returning(call->arena, connectors, &plan->values, 1), 1,
	    &plan->stored));
	plan->connector_id = rows_cell(&plan->stored, 0, id)->integer;
	return OK;
}

static enum error
insert(struct call *call, struct write_plan *plan)
{
	if (plan->returns)
		return insert_returning(call, plan);
	TRY(call_run(call, sql_insert(call->arena, connectors, &plan->values)));
	plan->connector_id = db_insert_id(call->service->db);
	return OK;
}

/* No certificate tells that it is the connector's. */
static enum error
leave_certificate(struct call *call, int64_t connector_id)
{
	static const struct str text =
	    STR_CONST("UPDATE certificates SET connector_id = NULL "
		      "WHERE connector_id = ?");
	const struct value id = value_int(connector_id);

	return call_run(call, (struct statement){ text, &id, 1 });
}

/* The certificate tells whose it is; the one before tells it no more. */
static enum error
store_certificate(struct call *call, const struct write_plan *plan)
{
	static const struct str text =
	    STR_CONST("UPDATE certificates SET connector_id = ? WHERE id = ?");
	const struct value params[] = { value_int(plan->connector_id),
		plan->certificate };

	if (plan->leaves_certificate)
		TRY(leave_certificate(call, plan->connector_id));
	if (plan->certificate.type == VALUE_NULL)
		return OK;
	return call_run(
	    call, (struct statement){ text, params, N_ELEMENTS(params) });
}

static enum error
change(struct call *call, const struct write_plan *plan)
{
	bool alone = plan->n_removed + plan->n_changed + plan->n_added == 0;

	if (plan->n_names == 0)
		return OK;
	return call_run(
	    call, sql_update(call->arena, connectors, &plan->values, "id",
		      plan->connector_id, alone ? COUNTED_OWN : COUNTED));
}

static enum error
delete_connector(struct call *call, const struct write_plan *plan)
{
	const int64_t *id = &plan->connector_id;

	TRY(call_run(call, sql_delete(call->arena, &resource_connector_tests,
			       "connector_id", id, 1)));
	return call_run(call, sql_delete(call->arena, connectors, "id", id, 1));
}

enum error
write_store(struct call *call, struct write_plan *plan)
{
	if (plan->kind == WRITE_INSERT)
		TRY(insert(call, plan));
	TRY(write_variables(call, plan));
	TRY(store_certificate(call, plan));
	switch (plan->kind) {
	case WRITE_INSERT:
		break;
	case WRITE_CHANGE:
		return change(call, plan);
	case WRITE_REMOVE:
		return delete_connector(call, plan);
	}
	return OK;
}
