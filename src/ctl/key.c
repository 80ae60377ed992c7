/*
 * `key create`, `key revoke`. A key is printed once, when it is made; only its
 * hash is stored.
 */
#include <config.h>

#include <string.h>

#include "ctl/field.h"
#include "ctl/list.h"
#include "ctl/when.h"
#include "schema/tables.h"

enum ability {
	ABILITY_READ,
	ABILITY_WRITE,
	ABILITY_TEST,
	ABILITY__MAX
};

static const char *const ability_names[ABILITY__MAX] = {
	[ABILITY_READ] = "read",
	[ABILITY_WRITE] = "write",
	[ABILITY_TEST] = "test",
};

struct new_key {
	int64_t company;
	struct value user;
	struct str name;
	bool can[ABILITY__MAX];
	struct value expires;
};

static enum error
read_abilities(const char *list, struct new_key *key, struct problem *reterr)
{
	struct str rest = str_of(list == NULL ? "read,write,test" : list);
	struct str part;

	while (str_next_part(&rest, ',', &part)) {
		bool is_known = false;

		for (size_t i = 0; i < ABILITY__MAX; i++) {
			if (!str_equal_text(part, ability_names[i]))
				continue;
			key->can[i] = true;
			is_known = true;
		}
		if (!is_known)
			return ctl_usage(reterr,
			    "--abilities: \"%.*s\" is none of read, write, "
			    "test",
			    STR_FMT(part));
	}
	return OK;
}

static enum error
read_expires(struct arena *arena, const char *text, struct new_key *key,
    struct problem *reterr)
{
	char when[WHEN_SIZE], now[WHEN_SIZE];

	if (text == NULL)
		return OK;
	if (!when_parse_date(str_of(text), when))
		return ctl_usage(reterr,
		    "--expires: \"%s\" is no date such as 2024-01-31 or "
		    "2024-01-31T12:00:00Z",
		    text);
	when_now(now);
	if (strcmp(when, now) <= 0)
		return ctl_usage(
		    reterr, "--expires: %s is past (it is %sZ)", text, now);
	key->expires = value_text(arena_copy(arena, str_of(when)));
	return OK;
}

static enum error
read_key(struct ctl *ctl, struct new_key *key, struct problem *reterr)
{
	const char *user = ctl_option(ctl, "user");
	const char *name = ctl_option(ctl, "name");

	TRY(ctl_required_id(ctl, "company", &key->company, reterr));
	if (user != NULL) {
		key->user.type = VALUE_INT;
		TRY(ctl_id(user, "--user", &key->user.integer, reterr));
	}
	TRY(field_text(&resource_api_keys, "name", "--name",
	    name == NULL ? "connectorsctl" : name, &key->name, reterr));
	TRY(read_abilities(ctl_option(ctl, "abilities"), key, reterr));
	return read_expires(
	    ctl->arena, ctl_option(ctl, "expires"), key, reterr);
}

static enum error
check_owner(struct ctl *ctl, const struct new_key *key, struct problem *reterr)
{
	struct rows rows = { 0 };

	TRY(company_demand(ctl, key->company, reterr));
	if (key->user.type == VALUE_NULL)
		return OK;
	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT("SELECT id FROM users WHERE id = ? AND company_id = ?",
		key->user, value_int(key->company)),
	    &rows, reterr));
	if (rows.count == 0)
		return problem_set(reterr, ERROR_NOT_FOUND,
		    "company %lld has no user %lld", (long long)key->company,
		    (long long)key->user.integer);
	return OK;
}

/* For people; the key alone is on standard output, for programs. */
static enum error
tell(struct ctl *ctl, const struct new_key *key, struct problem *reterr)
{
	const long long id = (long long)db_insert_id(ctl->db);
	char when[WHEN_SIZE] = "never";
	struct rows rows = { 0 };

	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT("SELECT name FROM companies WHERE id = ?",
		value_int(key->company)),
	    &rows, reterr));
	if (key->expires.type != VALUE_NULL)
		when_format(key->expires.text, when);
	ctl_say("key %lld of company %lld (%.*s), expires: %s", id,
	    (long long)key->company,
	    STR_FMT(list_clean(ctl->arena, rows_cell(&rows, 0, 0)->text)),
	    when);
	return OK;
}

enum error
key_create_command(struct ctl *ctl, struct problem *reterr)
{
	struct new_key key = { 0 };
	char now[WHEN_SIZE];
	struct str secret;

	TRY(read_key(ctl, &key, reterr));
	TRY(check_owner(ctl, &key, reterr));
	secret = secret_api_key(ctl->arena);
	when_now(now);
	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT("INSERT INTO api_keys (company_id, user_id, name, "
		      "key_hash, can_read, can_write, can_test, "
		      "expires_at, created_at, updated_at) "
		      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		value_int(key.company), key.user, value_text(key.name),
		value_text(secret_sha256_hex(ctl->arena, secret)),
		value_int(key.can[ABILITY_READ]),
		value_int(key.can[ABILITY_WRITE]),
		value_int(key.can[ABILITY_TEST]), key.expires,
		value_text(str_of(now)), value_text(str_of(now))),
	    NULL, reterr));
	/* The key exists: that nobody can be told more must not hide it. */
	if (tell(ctl, &key, reterr) != OK)
		*reterr = (struct problem){ .arena = reterr->arena };
	ctl_print("%.*s\n", STR_FMT(secret));
	return OK;
}

enum error
key_revoke_command(struct ctl *ctl, struct problem *reterr)
{
	struct rows rows = { 0 };
	char now[WHEN_SIZE];
	int64_t id;

	TRY(ctl_id(ctl->args[0], "ID", &id, reterr));
	TRY(ctl_database(ctl, reterr));
	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT(
		"SELECT revoked_at FROM api_keys WHERE id = ?", value_int(id)),
	    &rows, reterr));
	if (rows.count == 0)
		return problem_set(reterr, ERROR_NOT_FOUND,
		    "there is no API key %lld", (long long)id);
	if (rows_cell(&rows, 0, 0)->type != VALUE_NULL) {
		when_format(rows_cell(&rows, 0, 0)->text, now);
		ctl_print("nothing changed: key %lld was revoked at %s\n",
		    (long long)id, now);
		return OK;
	}
	when_now(now);
	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT("UPDATE api_keys SET revoked_at = ?, updated_at = ? "
		      "WHERE id = ? AND revoked_at IS NULL",
		value_text(str_of(now)), value_text(str_of(now)),
		value_int(id)),
	    NULL, reterr));
	ctl_print("revoked key %lld\n", (long long)id);
	return OK;
}
