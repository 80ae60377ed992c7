/*
 * Settings: one table of rows drives reading, defaults, ranges, the listing
 * and the check of the manual page. The only reader of the configuration file
 * and of the environment.
 *
 * Includes db.h and api/serve.h for two structs of settings, and nothing else
 * of them.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "api/serve.h"
#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"

/* Kinds of workers; each has its own socket. */
enum lane {
	LANE_API,   /* requests that the database answers */
	LANE_TEST,  /* tests of connectors: they wait for remote systems */
	LANE_ADMIN, /* health and measures */
	LANE__MAX
};

struct config_list {
	const char **items;
	unsigned *lines; /* of the file, an item each; 0: from elsewhere */
	size_t n;
};

/* Where a setting got its value. */
struct config_origin {
	unsigned line;      /* of the file; 0: it does not stand there */
	const char *option; /* of the command line; NULL: none; counts more */
	bool refused;       /* what stood there was no value */
};

/* [pool]: the parent process. Times in milliseconds. */
struct pool_settings {
	const char *user;      /* empty: the user does not change */
	const char *group;     /* empty: the user's */
	const char *pid_file;  /* empty: none */
	const char *log_file;  /* empty: standard error */
	const char *log_level; /* debug, info, warning, error */
	unsigned max_requests; /* of one worker; 0: no limit */
	unsigned max_requests_jitter;
	unsigned graceful_timeout;
	unsigned restart_backoff;
	unsigned restart_backoff_max;
};

/* [api], [test], [admin]: one lane of workers. */
struct lane_settings {
	const char *listen; /* "unix:/path", "host:port", "fd:0",
			       "systemd:name"; empty: the lane is off */
	unsigned workers;
	unsigned mode;     /* of a unix socket */
	const char *owner; /* of a unix socket; empty: unchanged */
	const char *group;
	unsigned backlog;
	unsigned request_timeout; /* ms; then the parent kills the worker */
};

/* What a lane refuses. Times in milliseconds. */
struct fcgi_limits {
	size_t body_max;        /* bytes */
	size_t params_max;      /* bytes of all parameters together */
	unsigned read_timeout;  /* for the parameters */
	unsigned body_timeout;  /* for the rest */
	unsigned queue_timeout; /* a request that is older gets a 503 */
	unsigned keep_timeout;  /* for the next request of a connection */
	unsigned keep_max;      /* connections that a lane keeps */
	size_t send_buffer;     /* bytes of an answer that wait in the kernel */
	bool end_parameter;     /* refuse a request without CONNECTORS_END */
};

/* [test]: what one test of a connector may cost and reach. */
struct test_settings {
	unsigned connect_timeout; /* ms */
	unsigned total_timeout;   /* ms */
	size_t answer_max;        /* bytes */
	unsigned redirects_max;
	struct config_list allow_networks;      /* CIDR */
	struct config_list unverified_networks; /* likewise */
	const char *ca_file;                    /* empty: the system's */
};

/* [retention]: how long rows are kept, in days; 0: for ever. */
struct retention_settings {
	unsigned tests_days;
	unsigned audit_days;
};

struct config {
	struct arena *arena; /* of all texts; wiped by config_free() */
	struct db_settings database;
	const char *password_file; /* empty: none */
	const char *migrations;    /* folder of the SQL files */
	const char *keyring_file;  /* empty: none is configured */
	struct pool_settings pool;
	struct lane_settings lanes[LANE__MAX];
	struct serve_limits serve;
	struct fcgi_limits fcgi;
	unsigned slow_request; /* ms; 0: none is slow */
	size_t cache_answers;  /* bytes, shared by a lane's workers; 0: none */
	/* The same, but for what config_own_catalogue() says. */
	size_t cache_catalogue;
	struct test_settings test;
	struct retention_settings retention;
	/* How it was read, for messages. */
	const char *path;              /* of the file; NULL: none was read */
	const char *password_origin;   /* for people: "file /x", "nowhere" */
	struct config_origin *origins; /* a setting each, as in the table */
	size_t n_faults;
};

/* Most faults that are reported; of further ones only the number. */
#define CONFIG_FAULTS_MAX 100

/* Where the configuration is looked for when no path is given. */
#define CONFIG_DEFAULT_PATH PKGSYSCONFDIR "/connectors.conf"

/*
 * Reads the settings: defaults, then the file, then overrides of the form
 * "section.name=value", then the secrets. path NULL is the default path, which
 * may be missing; "" reads no file. Secrets come from files, from
 * $CREDENTIALS_DIRECTORY or from $CONNECTORS_DATABASE_PASSWORD, which is
 * kept for later calls and removed from the environment.
 * Errors (ERROR_INTERNAL): reterr->log has a line for each fault, which names
 * file and line, or the override, the setting, and what is allowed there. ret
 * is to be freed by config_free(), only after OK.
 */
enum error config_load(const char *path, const char *const *overrides,
    size_t n_overrides, struct config *ret, struct problem *reterr);

/*
 * The same for a caller that checks more than the form of values: ret is always
 * set and to be freed; what was refused has its default. Further faults are
 * added by config_fault(); then config_verdict() tells whether there was any
 * (ERROR_INTERNAL).
 */
void config_read(const char *path, const char *const *overrides,
    size_t n_overrides, struct config *ret, struct problem *faults);
enum error config_verdict(const struct config *, struct problem *faults);

/* Adds a line about a setting ("pool.user") and where it was given. line: of
 * an item of a list; 0: the setting's own. */
void config_fault(struct config *, const char *setting, unsigned line,
    struct problem *faults, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Never NULL; the setting must exist. */
const struct config_origin *config_origin(
    const struct config *, const char *setting);

/* Calls say() with a sentence for each setting that has no effect, or a
 * surprising one, together with the others. */
void config_advise(const struct config *, void (*say)(const char *sentence));

/* Whether a lane is on. */
static inline bool
lane_is_on(const struct config *config, enum lane lane)
{
	return config->lanes[lane].listen[0] != '\0' &&
	       config->lanes[lane].workers > 0;
}

/* Of cache.catalogue, in bytes: parts of answers, which the workers of a lane
 * share, and what each worker has of the catalogue for checks of writes. */
size_t config_shared_catalogue(const struct config *);
size_t config_own_catalogue(const struct config *);

/* Wipes and frees the texts. */
void config_free(struct config *);

/*
 * The names of the settings ("pool.user, api.mode") that differ between the two
 * and that only a restart can change; NULL if there is none.
 */
const char *config_needs_restart(
    const struct config *running, const struct config *fresh);

/*
 * Calls tell() for each setting with its name, its value as it may stand in a
 * file, and where that comes from: file and line, the command line, the
 * default. Of the database's password, which comes last as database.password,
 * only where it comes from is told, never the value. The texts live as long as
 * the configuration.
 */
void config_tell(const struct config *,
    void (*tell)(
	void *context, struct str name, struct str value, struct str origin),
    void *context);

/* Prints that, "name = value" and behind a "#" the origin, a line each. */
void config_dump(const struct config *, FILE *);

/* Prints every setting with its default, what is allowed and what it means. */
void config_describe(FILE *);

/* Prints one "section.name" a line with its default behind a tab: what
 * tools/check-settings compares with the manual page. */
void config_list_names(FILE *);

/* The name of a lane: "api", "test", "admin". */
const char *lane_name(enum lane);

#endif
