/*
 * The table of commands. Must not do any work of a command.
 */
#include <config.h>

#include "ctl/commands.h"

#include <string.h>

/* clang-format off */
#define NONE { NULL, NULL, NULL, NULL }
#define JSON SWITCH("json", "print JSON")
#define OPTION(name, value, doc) { name, value, doc, NULL }
#define SWITCH(name, doc) { name, NULL, doc, NULL }
#define DATES "2024-01-31 or RFC 3339"

const struct ctl_command ctl_commands[] = {
	{ "migrate", "", 0, migrate_command,
	    "bring the database to this version",
	    { SWITCH("status", "only print what is applied and pending"),
	      SWITCH("json", "print the status as JSON") } },
	{ "database init", "", 0, database_init_command,
	    "make the database and its account, as administrator",
	    { OPTION("admin", "NAME", "account to do it with (default: root)"),
	      OPTION("admin-password-file", "FILE", "with its password") } },
	{ "database recount", "", 0, database_recount_command,
	    "count connectors anew, after changes by SQL", { NONE } },
	{ "import", "FILE|-", 1, import_command,
	    "load a catalogue, all or nothing",
	    { SWITCH("dry-run", "check everything and import nothing"),
	      JSON } },
	{ "export", "", 0, export_command,
	    "write all data as import reads it, secrets masked",
	    { NONE } },
	{ "company create", "NAME", 1, company_create_command,
	    "make a company and print its id", { NONE } },
	{ "company list", "", 0, company_list_command, "list companies",
	    { JSON } },
	{ "user create", "", 0, user_create_command,
	    "make a user of a company and print its id",
	    { OPTION("company", "ID", "whose user it is (required)"),
	      OPTION("name", "NAME", "of the person (required)"),
	      OPTION("email", "ADDRESS", "of the person (required)") } },
	{ "user list", "", 0, user_list_command, "list users",
	    { OPTION("company", "ID", "only those of this company"), JSON } },
	{ "key create", "", 0, key_create_command,
	    "make an API key and print it",
	    { OPTION("company", "ID", "whose key it is (required)"),
	      OPTION("user", "ID", "the person it acts for"),
	      OPTION("name", "NAME", "what people call it"),
	      OPTION("abilities", "LIST",
		  "of read, write, test (default: all)"),
	      OPTION("expires", "DATE", DATES "; else never") } },
	{ "key list", "", 0, key_list_command, "list API keys",
	    { OPTION("company", "ID", "only those of this company"), JSON } },
	{ "key find", "", 0, key_find_command,
	    "tell whose the API key on standard input is", { JSON } },
	{ "key revoke", "ID", 1, key_revoke_command,
	    "make an API key invalid at once", { NONE } },
	{ "system list", "", 0, system_list_command, "list systems",
	    { OPTION("company", "ID", "only those it may use"), JSON } },
	{ "implementation list", "", 0, implementation_list_command,
	    "list ways to sign in to systems",
	    { OPTION("system", "ID", "only those of this system"), JSON } },
	{ "implementation show", "ID", 1, implementation_show_command,
	    "show one, and what it needs of a connector", { JSON } },
	{ "connector list", "", 0, connector_list_command,
	    "list connectors and how their last tests ended",
	    { OPTION("company", "ID", "only those of this company"),
	      OPTION("implementation", "ID", "only those that use it"),
	      JSON } },
	{ "connector show", "ID", 1, connector_show_command,
	    "show one, its variables and its last tests", { JSON } },
	{ "connector test", "ID", 1, connector_test_command,
	    "test one for real, as the API does", { JSON } },
	{ "secrets init", "", 0, secrets_init_command,
	    "make the key ring file", { NONE } },
	{ "secrets add-key", "", 0, secrets_add_key_command,
	    "put a fresh key in front of the key ring", { NONE } },
	{ "secrets status", "", 0, secrets_status_command,
	    "count sealed values by key", { JSON } },
	{ "secrets rotate", "", 0, secrets_rotate_command,
	    "seal with the first key what other keys sealed",
	    { NONE } },
	{ "audit", "", 0, audit_command, "print who did what",
	    { OPTION("connector", "ID", "only of this connector"),
	      OPTION("company", "ID", "only of this company"),
	      OPTION("since", "DATE", DATES), JSON } },
	{ "check", "", 0, check_command,
	    "check configuration, service, database, keys, sockets",
	    { OPTION("admin", "PLACE",
		  "where the service is asked (default: admin.listen)"),
	      JSON } },
	{ "config", "", 0, config_command,
	    "print each setting and where it comes from", { JSON } },
	{ "openapi", "", 0, openapi_command,
	    "print the OpenAPI document of the API",
	    { { "format", "FORMAT", "json (default) or markdown, to read",
		"json markdown" } } },
	{ "catalogue", "", 0, catalogue_command,
	    "print what catalogues may have (man page source)", { NONE } },
	{ "completion", "bash|zsh", 1, completion_command,
	    "print the completion for a shell", { NONE } },
	{ "version", "", 0, version_command, "print the version", { NONE } },
};
const size_t n_ctl_commands = N_ELEMENTS(ctl_commands);

const struct ctl_common ctl_common[] = {
	{ 'c', "config", "FILE", "configuration (default: "
	    CONFIG_DEFAULT_PATH ")" },
	{ 'o', NULL, "SECTION.NAME=VALUE", "override a setting" },
	{ 'h', "help", NULL, "print this, or help on a command" },
	{ 0, "version", NULL, "print the version" },
};
const size_t n_ctl_common = N_ELEMENTS(ctl_common);
/* clang-format on */

struct str
command_first(const struct ctl_command *command)
{
	struct str name = str_of(command->name);

	name.len = str_find(name, ' ');
	return name;
}

struct str
command_second(const struct ctl_command *command)
{
	struct str name = str_of(command->name);

	return str_from(name, str_find(name, ' ') + 1);
}

enum error
version_command(struct ctl *ctl, struct problem *reterr)
{
	(void)ctl;
	(void)reterr;
	ctl_print("connectorsctl %s\n", PACKAGE_VERSION);
	return OK;
}
