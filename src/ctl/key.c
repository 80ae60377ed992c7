/*
 * `key create`, `key list`, `key revoke`. A key is printed once, when it is
 * made; only its hash is stored.
 */
#include <config.h>

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/when.h"

#define NAME_MAX_LENGTH 255
#define NO_COMPANY      "there is no company %lld"

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
	char when[WHEN_SIZE];

	if (text == NULL)
		return OK;
	if (!when_parse_date(str_of(text), when))
		return ctl_usage(reterr,
		    "--expires: \"%s\" is no date such as 2024-01-31 or "
		    "2024-01-31T12:00:00Z",
		    text);
	key->expires = value_text(arena_copy(arena, str_of(when)));
	return OK;
}

static enum error
read_name(const char *text, struct new_key *key, struct problem *reterr)
{
	key->name = str_of(text == NULL ? "connectorsctl" : text);
	if (!str_is_utf8(key->name) ||
	    str_utf8_length(key->name) > NAME_MAX_LENGTH)
		return ctl_usage(reterr,
		    "--name: must be UTF-8 of at most %d characters",
		    NAME_MAX_LENGTH);
	return OK;
}

static enum error
read_key(struct ctl *ctl, struct new_key *key, struct problem *reterr)
{
	const char *company = ctl_option(ctl, "company");
	const char *user = ctl_option(ctl, "user");

	if (company == NULL)
		return ctl_usage(reterr, "--company ID is required");
	TRY(ctl_id(company, "--company", &key->company, reterr));
	if (user != NULL) {
		key->user.type = VALUE_INT;
		TRY(ctl_id(user, "--user", &key->user.integer, reterr));
	}
	TRY(read_name(ctl_option(ctl, "name"), key, reterr));
	TRY(read_abilities(ctl_option(ctl, "abilities"), key, reterr));
	return read_expires(
	    ctl->arena, ctl_option(ctl, "expires"), key, reterr);
}

static enum error
check_owner(struct ctl *ctl, const struct new_key *key, struct problem *reterr)
{
	struct rows rows = { 0 };

	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT("SELECT id FROM companies WHERE id = ?",
		value_int(key->company)),
	    &rows, reterr));
	if (rows.count == 0)
		return problem_set(reterr, ERROR_NOT_FOUND, NO_COMPANY,
		    (long long)key->company);
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

enum error
key_create_command(struct ctl *ctl, struct problem *reterr)
{
	struct new_key key = { 0 };
	char now[WHEN_SIZE];
	struct str secret;

	TRY(read_key(ctl, &key, reterr));
	TRY(ctl_database(ctl, reterr));
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
	ctl_print("%.*s\n", STR_FMT(secret));
	return OK;
}

enum listed {
	LISTED_ID,
	LISTED_COMPANY,
	LISTED_USER,
	LISTED_CAN,
	LISTED_EXPIRES = LISTED_CAN + ABILITY__MAX,
	LISTED_REVOKED,
	LISTED_USED,
	LISTED_NAME
};

static void
print_time(const struct value *cell)
{
	char when[WHEN_SIZE];

	/* Printed for people: without the fraction of the second. */
	if (cell->type == VALUE_NULL || !when_format(cell->text, when))
		ctl_print("%-20s ", "-");
	else
		ctl_print("%.19sZ ", when);
}

static void
print_key(const struct value *row)
{
	char abilities[ABILITY__MAX + 1] = { 0 };

	for (size_t i = 0; i < ABILITY__MAX; i++)
		abilities[i] = row[LISTED_CAN + i].integer != 0
				   ? ability_names[i][0]
				   : '-';
	ctl_print("%-6lld %-7lld ", (long long)row[LISTED_ID].integer,
	    (long long)row[LISTED_COMPANY].integer);
	if (row[LISTED_USER].type == VALUE_NULL)
		ctl_print("%-6s ", "-");
	else
		ctl_print("%-6lld ", (long long)row[LISTED_USER].integer);
	ctl_print("%-9s ", abilities);
	print_time(&row[LISTED_EXPIRES]);
	print_time(&row[LISTED_REVOKED]);
	print_time(&row[LISTED_USED]);
	ctl_print("%.*s\n", STR_FMT(row[LISTED_NAME].text));
}

#define LIST                                                              \
	"SELECT id, company_id, user_id, can_read, can_write, can_test, " \
	"expires_at, revoked_at, last_used_at, name FROM api_keys "

enum error
key_list_command(struct ctl *ctl, struct problem *reterr)
{
	const char *company = ctl_option(ctl, "company");
	struct rows rows = { 0 };
	int64_t id = 0;

	if (company != NULL)
		TRY(ctl_id(company, "--company", &id, reterr));
	TRY(ctl_database(ctl, reterr));
	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT(LIST "WHERE ? = 0 OR company_id = ? ORDER BY id",
		value_int(id), value_int(id)),
	    &rows, reterr));
	ctl_print("%-6s %-7s %-6s %-9s %-20s %-20s %-20s %s\n", "ID", "COMPANY",
	    "USER", "ABILITIES", "EXPIRES", "REVOKED", "LAST USED", "NAME");
	for (size_t i = 0; i < rows.count; i++)
		print_key(rows_cell(&rows, i, 0));
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
	when_now(now);
	return db_run(ctl->db, ctl->arena,
	    STATEMENT("UPDATE api_keys SET revoked_at = ?, updated_at = ? "
		      "WHERE id = ? AND revoked_at IS NULL",
		value_text(str_of(now)), value_text(str_of(now)),
		value_int(id)),
	    NULL, reterr);
}
