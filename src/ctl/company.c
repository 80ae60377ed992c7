/*
 * `company create`, `company list`, `user create`, `user list`.
 */
#include <config.h>

#include "api/data_version.h"
#include "ctl/field.h"
#include "ctl/listing.h"
#include "engine/sql_write.h"
#include "schema/tables.h"

static const struct list_column company_columns[] = {
	{ "id", NULL, LIST_INT, LIST_ALWAYS },
	{ "name", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "users", NULL, LIST_INT, LIST_ALWAYS },
	{ "keys", NULL, LIST_INT, LIST_ALWAYS },
	{ "connectors", NULL, LIST_INT, LIST_ALWAYS },
	{ "created_at", "created", LIST_TIME, LIST_ALWAYS },
};

static const struct listing companies = {
	.columns = company_columns,
	.n_columns = N_ELEMENTS(company_columns),
	.select = "SELECT c.id, c.name, "
		  "(SELECT COUNT(*) FROM users WHERE company_id = c.id), "
		  "(SELECT COUNT(*) FROM api_keys WHERE company_id = c.id), "
		  "(SELECT COUNT(*) FROM connectors WHERE company_id = c.id), "
		  "c.created_at FROM companies c WHERE c.id > ?",
	.order = "c.id",
};

static const struct list_column user_columns[] = {
	{ "id", NULL, LIST_INT, LIST_ALWAYS },
	{ "company_id", "company", LIST_INT, LIST_ALWAYS },
	{ "name", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "email", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "created_at", "created", LIST_TIME, LIST_ALWAYS },
};

static const struct listing users = {
	.columns = user_columns,
	.n_columns = N_ELEMENTS(user_columns),
	.select = "SELECT id, company_id, name, email, created_at FROM users "
		  "WHERE id > ?",
	.order = "id",
	.filters = { { "company", " AND company_id = ?", EXISTS_COMPANY,
	    "company" } },
};

enum error
company_list_command(struct ctl *ctl, struct problem *reterr)
{
	return listing_print(ctl, &companies, reterr);
}

enum error
user_list_command(struct ctl *ctl, struct problem *reterr)
{
	return listing_print(ctl, &users, reterr);
}

/* Inserts a row; answers that workers keep are of an older state then. */
static enum error
insert(struct ctl *ctl, const struct resource *resource,
    const struct assignments *values, int64_t company_id, int64_t *ret,
    struct problem *reterr)
{
	struct statement statement = sql_insert(ctl->arena, resource, values);

	TRY(db_run(ctl->db, ctl->arena, &statement, NULL, reterr));
	*ret = db_insert_id(ctl->db);
	return data_version_raise(ctl->db, ctl->arena,
	    company_id == 0 ? *ret : company_id, 0, reterr);
}

/* company_id 0: the new row is the company. */
static enum error
store(struct ctl *ctl, const struct resource *resource,
    const struct assignments *values, int64_t company_id, int64_t *ret,
    struct problem *reterr)
{
	TRY(db_begin(ctl->db, reterr));
	return ctl_end(ctl,
	    insert(ctl, resource, values, company_id, ret, reterr), reterr);
}

/* The id alone on standard output, for programs; for people the rest. */
static void
tell(struct ctl *ctl, const char *what, int64_t id, struct str name,
    const char *next)
{
	ctl_say("made %s %lld: %.*s%s", what, (long long)id,
	    STR_FMT(list_clean(ctl->arena, name)), next);
	ctl_print("%lld\n", (long long)id);
}

enum error
company_create_command(struct ctl *ctl, struct problem *reterr)
{
	const struct resource *companies_table = &resource_companies;
	struct assignments values = { .n = 0 };
	struct str name;
	int64_t id;

	TRY(field_text(
	    companies_table, "name", "NAME", ctl->args[0], &name, reterr));
	TRY(ctl_database(ctl, reterr));
	assign(&values, companies_table, "name", value_text(name));
	TRY(store(ctl, companies_table, &values, 0, &id, reterr));
	tell(ctl, "company", id, name,
	    arena_printf(ctl->arena,
		"\nnext: connectorsctl key create --company %lld",
		(long long)id)
		.ptr);
	return OK;
}

enum error
user_create_command(struct ctl *ctl, struct problem *reterr)
{
	const struct resource *table = &resource_users;
	struct assignments values = { .n = 0 };
	struct str name, email;
	int64_t id, company;

	TRY(ctl_required_id(ctl, "company", &company, reterr));
	TRY(field_text(
	    table, "name", "--name", ctl_option(ctl, "name"), &name, reterr));
	TRY(field_text(table, "email", "--email", ctl_option(ctl, "email"),
	    &email, reterr));
	TRY(company_demand(ctl, company, reterr));
	assign(&values, table, "company_id", value_int(company));
	assign(&values, table, "name", value_text(name));
	assign(&values, table, "email", value_text(email));
	TRY(store(ctl, table, &values, company, &id, reterr));
	tell(ctl, "user", id, name, "");
	return OK;
}

enum error
company_demand(struct ctl *ctl, int64_t id, struct problem *reterr)
{
	struct rows rows = { 0 };

	TRY(ctl_database(ctl, reterr));
	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT("SELECT COUNT(*), COALESCE(MAX(id = ?), 0) "
		      "FROM companies",
		value_int(id)),
	    &rows, reterr));
	if (rows_cell(&rows, 0, 1)->integer != 0)
		return OK;
	if (rows_cell(&rows, 0, 0)->integer == 0)
		return problem_set(reterr, ERROR_NOT_FOUND,
		    "there is no company yet: make one with connectorsctl "
		    "company create NAME, or import a catalogue that has one");
	return problem_set(reterr, ERROR_NOT_FOUND,
	    "there is no company %lld (connectorsctl company list tells which "
	    "there are)",
	    (long long)id);
}
