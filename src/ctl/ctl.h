/*
 * What the commands of connectorsctl share: options, configuration, database,
 * key ring, output.
 *
 * A command returns an error whose text main.c prints as one line on standard
 * error; ERROR_BAD_REQUEST means wrong usage. Only main.c ends the process.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"
#include "config/settings.h"
#include "db/db.h"
#include "secret/secret.h"

#define CTL_MAX_OPTIONS   6
#define CTL_MAX_OVERRIDES 64

struct ctl;

struct ctl_option {
	const char *name;  /* without the leading dashes */
	const char *value; /* what its value is called; NULL: a switch */
	const char *doc;
	const char *choices; /* by blanks, for completion; NULL: any value */
};

struct ctl_command {
	const char *name; /* one word or two */
	/* As usage shows them; "" for none. In capitals what stands for
	 * something, else as it is written: "bash|zsh". */
	const char *args;
	size_t n_args; /* exactly so many */
	enum error (*run)(struct ctl *, struct problem *reterr);
	const char *doc;
	struct ctl_option options[CTL_MAX_OPTIONS]; /* ends in a NULL name */
};

/* One run of the program. */
struct ctl {
	struct arena *arena; /* of the whole run */
	const struct ctl_command *command;
	const char *config_path; /* NULL: the default one */
	const char *overrides[CTL_MAX_OVERRIDES];
	size_t n_overrides;
	const char *values[CTL_MAX_OPTIONS]; /* of the command's options */
	char **args;
	bool has_failed; /* exit 1 without a further message */
	bool is_in_list; /* "data" of the JSON output is open (list.h) */
	/* Made when first asked for, by the functions below. */
	bool has_config;
	struct config config;
	struct db_settings patient; /* the database's, without a time limit */
	struct db *db;
	unsigned other_errno; /* of the error of another connection; 0: none */
	struct keyring *keyring;
};

/* Frees what was made; the arena stays the caller's. */
void ctl_done(struct ctl *);

/* The value of an option of the command, "" for a switch; NULL: not given. */
const char *ctl_option(const struct ctl *, const char *name);

/* Sets a message about wrong usage; returns ERROR_BAD_REQUEST. */
enum error ctl_usage(struct problem *reterr, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An id from a text of digits; what names it in the message. */
enum error ctl_id(
    const char *text, const char *what, int64_t *ret, struct problem *reterr);

/* The id of an option that must be given. */
enum error ctl_required_id(
    struct ctl *, const char *option, int64_t *ret, struct problem *reterr);

/* The configuration, read once. */
enum error ctl_config(struct ctl *, struct problem *reterr);

/* Ends a transaction of ctl->db: commits what was done without an error, else
 * takes it back and returns the error. */
enum error ctl_end(struct ctl *, enum error, struct problem *reterr);

/* The database of the configuration (ctl->db), connected when first used. It
 * may take as long as it likes over a statement. */
enum error ctl_database(struct ctl *, struct problem *reterr);

/* The key ring (ctl->keyring), which must be configured. */
enum error ctl_ring(struct ctl *, struct problem *reterr);

/* Prints to standard output. A failure to write shows at the end of main(). */
void ctl_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a line to standard error, for people. */
void ctl_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints "connectorsctl: warning: ..." to standard error. */
void ctl_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Why printing to standard output failed first; 0: it did not. */
int ctl_output_errno(void);

/*
 * Compares the migrations with what the database says was applied; *ret is how
 * many are pending. Errors as `migrate` has them: changed or missing files.
 */
enum error migrate_count_pending(
    struct ctl *, size_t *ret, struct problem *reterr);

/* types.c: stores the authentication types that a test knows and the database
 * does not, each by its key, if there is such a table. *ret: how many were
 * added. TYPES_UNUSED is true of rows that came so and to which nothing refers:
 * they give way to those of a catalogue, and no export has them. */
#define TYPES_TIME "2024-01-01 00:00:00.000000"
#define TYPES_UNUSED                                                       \
	"created_at = '" TYPES_TIME "' AND updated_at = '" TYPES_TIME "' " \
	"AND NOT EXISTS (SELECT 1 FROM authentication_implementations i "  \
	"WHERE i.authentication_type_id = authentication_types.id)"
enum error types_provide(struct ctl *, size_t *ret, struct problem *reterr);

/* recount.c: how many connectors each company really has, beyond the number
 * that is stored; a row a company whose number is wrong. */
enum error recount_compare(
    struct ctl *, struct rows *ret, struct problem *reterr);

/* check_schema.c: the stored columns of all resources against the database's
 * own description; *ret is how many columns were looked at. */
enum error check_schema(struct ctl *, size_t *ret, struct problem *reterr);

/*
 * defaults.c: implementations whose secret defaults no test can send
 * (probe_sends_defaults()), for a connector that gives only what it must: how
 * many, and the ids of the first ones as a list. defaults_warn() prints a
 * warning to standard error if there are some.
 */
enum error defaults_find_unsent(
    struct ctl *, struct str *ids, size_t *ret, struct problem *reterr);
enum error defaults_warn(struct ctl *, struct problem *reterr);

/* company.c: ERROR_NOT_FOUND, with what to do, if there is no such company. */
enum error company_demand(struct ctl *, int64_t id, struct problem *reterr);

/* The commands. */
enum error catalogue_command(struct ctl *, struct problem *reterr);
enum error company_create_command(struct ctl *, struct problem *reterr);
enum error company_list_command(struct ctl *, struct problem *reterr);
enum error user_create_command(struct ctl *, struct problem *reterr);
enum error user_list_command(struct ctl *, struct problem *reterr);
enum error system_list_command(struct ctl *, struct problem *reterr);
enum error implementation_list_command(struct ctl *, struct problem *reterr);
enum error implementation_show_command(struct ctl *, struct problem *reterr);
enum error connector_list_command(struct ctl *, struct problem *reterr);
enum error connector_show_command(struct ctl *, struct problem *reterr);
enum error connector_test_command(struct ctl *, struct problem *reterr);
enum error key_find_command(struct ctl *, struct problem *reterr);
enum error completion_command(struct ctl *, struct problem *reterr);
enum error config_command(struct ctl *, struct problem *reterr);
enum error check_command(struct ctl *, struct problem *reterr);
enum error database_recount_command(struct ctl *, struct problem *reterr);
enum error database_init_command(struct ctl *, struct problem *reterr);
enum error import_command(struct ctl *, struct problem *reterr);
enum error key_create_command(struct ctl *, struct problem *reterr);
enum error key_list_command(struct ctl *, struct problem *reterr);
enum error key_revoke_command(struct ctl *, struct problem *reterr);
enum error migrate_command(struct ctl *, struct problem *reterr);
enum error secrets_add_key_command(struct ctl *, struct problem *reterr);
enum error secrets_init_command(struct ctl *, struct problem *reterr);
enum error secrets_rotate_command(struct ctl *, struct problem *reterr);
enum error secrets_status_command(struct ctl *, struct problem *reterr);
enum error export_command(struct ctl *, struct problem *reterr);
enum error audit_command(struct ctl *, struct problem *reterr);
enum error version_command(struct ctl *, struct problem *reterr);
enum error openapi_command(struct ctl *, struct problem *reterr);

#endif
