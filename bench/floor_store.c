/*
 * The floor's store: the rows that the project writes, in one transaction,
 * with no check at all; then the connector as it was stored.
 */
#include <config.h>

#include "floor.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "floor_sql.h"

#define VARIABLES 5 /* of each body */

static struct query key = {
	"SELECT k.company_id,k.id,k.user_id FROM api_keys k WHERE k.key_hash=? "
	"AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR "
	"k.expires_at>UTC_TIMESTAMP(6))",
	NULL
};
static struct query insert_connector = {
	"INSERT INTO connectors(company_id,canonical_key,name,"
	"authentication_implementation_id,timezone,date_format,"
	"rate_limit_unit,rate_limit_duration,created_at,updated_at) "
	"VALUES(?,?,?,?,?,?,?,?,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))",
	NULL
};
#define VARIABLE_ROW "(?,?,?,?,?,?,?,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))"
static struct query insert_variables = {
	"INSERT INTO variables(company_id,`key`,label,value,value_sealed,"
	"secret,locked,created_at,updated_at) VALUES" VARIABLE_ROW
	"," VARIABLE_ROW "," VARIABLE_ROW "," VARIABLE_ROW "," VARIABLE_ROW,
	NULL
};
#define LINK_ROW "(?,'connector',?,?,?,?,?,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))"
static struct query insert_links = {
	"INSERT INTO model_variables(variable_id,model_type,model_id,alias,"
	"configurable,required,advanced,created_at,updated_at) VALUES" LINK_ROW
	"," LINK_ROW "," LINK_ROW "," LINK_ROW "," LINK_ROW,
	NULL
};
static struct query insert_audit = {
	"INSERT INTO audit_events(company_id,api_key_id,user_id,action,"
	"connector_id,connector_name,changed,request_id,token,created_at) "
	"VALUES(?,?,?,'store',?,?,?,?,?,UTC_TIMESTAMP(6))",
	NULL
};
static struct query raise_version = {
	"INSERT INTO data_versions(company_id,version) VALUES(?,1) "
	"ON DUPLICATE KEY UPDATE version=version+1",
	NULL
};
static struct query read_connector = {
	"SELECT " SQL_CONNECTOR " FROM connectors c WHERE c.id=?", NULL
};
static struct query read_variables = {
	"SELECT l.model_id," SQL_VARIABLE "," SQL_LINK
	" FROM model_variables l JOIN variables v ON v.id=l.variable_id "
	"WHERE l.model_type='connector' AND l.model_id=? ORDER BY v.id",
	NULL
};

static struct json_object *
member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

static struct param
text_of(struct json_object *o, const char *name)
{
	return floor_text(json_object_get_string(member(o, name)));
}

static struct param
number_of(struct json_object *o, const char *name)
{
	return floor_number(json_object_get_int64(member(o, name)));
}

static void
random_hex(char *ret, size_t bytes)
{
	unsigned char random[32];

	if (getrandom(random, bytes, 0) != (ssize_t)bytes)
		abort();
	for (size_t i = 0; i < bytes; i++)
		snprintf(ret + 2 * i, 3, "%02x", random[i]);
}

static long long
store_connector(struct json_object *body, struct param company)
{
	char canonical_key[37];
	struct param params[] = { company, { .number = 0 },
		text_of(body, "name"),
		number_of(body, "authentication_implementation_id"),
		text_of(body, "timezone"), text_of(body, "date_format"),
		text_of(body, "rate_limit_unit"),
		number_of(body, "rate_limit_duration") };

	random_hex(canonical_key, 18);
	params[1] = floor_text(canonical_key);
	floor_run(&insert_connector, params, 8);
	return floor_insert_id(&insert_connector);
}

/* A secret's sealed value is as long as the project's, and made of nothing. */
static void
store_variables(
    struct json_object *list, struct param company, long long connector)
{
	static const char sealed[123];
	struct param variables[VARIABLES * 7], links[VARIABLES * 6];
	struct param *v = variables, *l = links;
	long long id;

	for (size_t i = 0; i < VARIABLES; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		bool secret = json_object_get_boolean(member(o, "secret"));

		*v++ = company;
		*v++ = text_of(o, "key");
		*v++ = text_of(o, "label");
		*v = text_of(o, "value");
		v++->null = secret;
		*v++ = (struct param){
			.text = sealed, .len = sizeof(sealed), .null = !secret
		};
		*v++ = floor_number(secret);
		*v++ =
		    floor_number(json_object_get_boolean(member(o, "locked")));
	}
	floor_run(&insert_variables, variables, VARIABLES * 7);
	id = floor_insert_id(&insert_variables);
	for (size_t i = 0; i < VARIABLES; i++) {
		struct json_object *o =
		    member(json_object_array_get_idx(list, i), "pivot");

		*l++ = floor_number(id + (long long)i);
		*l++ = floor_number(connector);
		*l++ = text_of(o, "alias");
		*l++ = floor_number(
		    json_object_get_boolean(member(o, "configurable")));
		*l++ = floor_number(
		    json_object_get_boolean(member(o, "required")));
		*l++ = floor_number(
		    json_object_get_boolean(member(o, "advanced")));
	}
	floor_run(&insert_links, links, VARIABLES * 6);
}

static void
store_audit(struct json_object *body, const struct cell *who,
    struct param company, long long connector)
{
	static const char changed[] =
	    "[\"name\",\"authentication_implementation_id\",\"timezone\","
	    "\"date_format\",\"rate_limit_unit\",\"rate_limit_duration\","
	    "\"variables.username\",\"variables.password\","
	    "\"variables.host\",\"variables.port\",\"variables.path\"]";
	char token[33];
	struct param params[] = { company,
		floor_number(strtoll(who[1].ptr, NULL, 10)),
		floor_number(strtoll(who[2].ptr, NULL, 10)),
		floor_number(connector), text_of(body, "name"),
		floor_text(changed), { .number = 0 }, { .number = 0 } };

	random_hex(token, 16);
	params[6] = floor_text(token);
	params[7] = floor_text(token);
	floor_run(&insert_audit, params, 8);
}

static void
put_stored(struct out *o, long long connector)
{
	struct param id = floor_number(connector);
	struct rows row = floor_run(&read_connector, &id, 1);
	struct rows variables = floor_run(&read_variables, &id, 1);
	size_t at = 0;

	out_text(o, "{\"data\":{");
	out_fields(o, json_connector, row.cells);
	out_text(o, ",");
	floor_variables(o, &variables, &row.cells[0], &at);
	out_text(o, "}}");
}

int
floor_store(const char *hash, const char *text, struct out *o)
{
	struct param company = floor_hash(hash);
	struct rows who = floor_run(&key, &company, 1);
	struct json_object *body = json_tokener_parse(text);
	long long connector;

	if (who.count == 0 || body == NULL)
		return 400;
	company = floor_number(strtoll(who.cells[0].ptr, NULL, 10));
	floor_command("BEGIN");
	connector = store_connector(body, company);
	store_variables(member(body, "variables"), company, connector);
	store_audit(body, who.cells, company, connector);
	floor_run(&raise_version, &company, 1);
	floor_command("COMMIT");
	put_stored(o, connector);
	json_object_put(body);
	return 200;
}
