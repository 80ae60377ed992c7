/*
 * The settings: one row a setting, and nothing else that a row could say.
 * The manual page connectors.conf(5) is checked against these rows.
 */
#include <config.h>

#include "config/settings_table.h"

#include <limits.h>
#include <stdlib.h>

#define SECOND 1000u
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define MEBI   ((uint64_t)1 << 20)
#define ROW(section_, name_, type_, member_)                         \
	.section = section_, .name = name_, .type = SETTING_##type_, \
	.offset = offsetof(struct config, member_)
#define RANGE(min_, max_) .min = min_, .max = max_

/* The rows that every lane has. */
#define LANE(name_, lane_, listen_, workers_, timeout_)                      \
	{ ROW(name_, "listen", LISTEN, lanes[lane_].listen), .fixed = true,  \
		.fallback = listen_, .names = NAMES_LISTENER,                \
		.doc = "Where the lane listens: unix:/path, host:port, "     \
		       "fd:0 or systemd:name. Empty: the lane is off." },    \
	    { ROW(name_, "workers", NUMBER, lanes[lane_].workers),           \
		    RANGE(0, 256), .fallback = workers_,                     \
		    .doc = "Number of worker processes." },                  \
	    { ROW(name_, "mode", MODE, lanes[lane_].mode), RANGE(0, 0777),   \
		    .fixed = true, .fallback = "0660",                       \
		    .doc = "Permissions of the unix socket." },              \
	    { ROW(name_, "owner", TEXT, lanes[lane_].owner), .fixed = true,  \
		    .fallback = "", .names = NAMES_USER,                     \
		    .doc = "User that owns the unix socket." },              \
	    { ROW(name_, "group", TEXT, lanes[lane_].group), .fixed = true,  \
		    .fallback = "", .names = NAMES_GROUP,                    \
		    .doc = "Group of the unix socket: the web server's." },  \
	    { ROW(name_, "backlog", NUMBER, lanes[lane_].backlog),           \
		    RANGE(1, 65535), .fixed = true, .fallback = "511",       \
		    .doc = "Connections that may wait for a worker." },      \
	{                                                                    \
		ROW(name_, "request_timeout", TIME,                          \
		    lanes[lane_].request_timeout),                           \
		    RANGE(100, HOUR),                                        \
		    .fallback = timeout_,                                    \
		    .doc = "A worker that serves one request for longer is " \
			   "killed."                                         \
	}

static const char *const tls_modes[] = { "disabled", "required",
	"verify_identity", NULL };
static const char *const log_levels[] = { "debug", "info", "warning", "error",
	NULL };

/* clang-format off */
const struct setting settings[] = {
	{ ROW("database", "hosts", HOSTS, database.hosts), .fallback = "",
	    .doc = "Database servers, host:port by commas. One that takes "
		   "writes is used if there is one, else one that can be "
		   "read." },
	{ ROW("database", "socket", TEXT, database.socket), RANGE(0, 107),
	    .names = NAMES_FILE,
	    .fallback = "/run/mysqld/mysqld.sock",
	    .doc = "Unix socket of the database server." },
	{ ROW("database", "name", TEXT, database.database), RANGE(1, 64),
	    .fallback = "connectors", .doc = "Name of the database." },
	{ ROW("database", "user", TEXT, database.user), RANGE(1, 80),
	    .fallback = "connectors", .doc = "Account at the database." },
	{ ROW("database", "password_file", TEXT, password_file),
	    .fallback = "", .names = NAMES_FILE,
	    .doc = "File with the account's password. Empty: the credential "
		   "database-password, else CONNECTORS_DATABASE_PASSWORD." },
	{ ROW("database", "tls_mode", CHOICE, database.tls_mode),
	    .one_of = tls_modes, .fallback = "required",
	    .doc = "TLS to servers in hosts; a unix socket needs none." },
	{ ROW("database", "tls_ca", TEXT, database.tls_ca), .fallback = "",
	    .names = NAMES_CERTIFICATES,
	    .doc = "File of CA certificates for verify_identity. "
		   "Empty: the system's." },
	{ ROW("database", "connect_timeout", TIME,
	    database.connect_timeout_ms), RANGE(SECOND, MINUTE),
	    .fallback = "2s", .doc = "Longest wait for a connection." },
	{ ROW("database", "read_timeout", TIME, database.read_timeout_ms),
	    RANGE(SECOND, HOUR), .fallback = "10s",
	    .doc = "Longest wait for one statement." },
	{ ROW("database", "read_limit", TIME, database.read_limit_ms),
	    RANGE(0, HOUR), .fallback = "2s",
	    .doc = "A statement that only reads is ended by the database "
		   "after this, and the request is answered 503. Shorter than "
		   "request_limit. 0: no limit." },
	{ ROW("database", "request_limit", TIME,
	    database.request_limit_ms), RANGE(100, HOUR),
	    .fallback = "2200ms",
	    .doc = "Longest wait of one request for the database, all "
		   "connections and statements together; then it is answered "
		   "503." },
	{ ROW("database", "statement_cache", NUMBER,
	    database.statement_cache), RANGE(1, 65536), .fallback = "256",
	    .doc = "Prepared statements that each worker keeps." },
	{ ROW("database", "migrations", TEXT, migrations),
	    .fallback = PKGDATADIR "/sql", .names = NAMES_FOLDER,
	    .doc = "Folder of the migrations." },

	{ ROW("secrets", "keyring_file", TEXT, keyring_file), .fallback = "",
	    .names = NAMES_KEYRING,
	    .doc = "File of the keys that seal secrets. Empty: the "
		   "credential keyring, if there is one." },

	{ ROW("pool", "user", TEXT, pool.user), .fixed = true, .fallback = "",
	    .names = NAMES_USER,
	    .doc = "User to become when started by root." },
	{ ROW("pool", "group", TEXT, pool.group), .fixed = true,
	    .fallback = "", .names = NAMES_GROUP,
	    .doc = "Group to become. Empty: the user's." },
	{ ROW("pool", "pid_file", TEXT, pool.pid_file), .fixed = true,
	    .fallback = "", .names = NAMES_PID_FILE,
	    .doc = "File for the parent's process id." },
	{ ROW("pool", "log_file", TEXT, pool.log_file), .fallback = "",
	    .names = NAMES_LOG,
	    .doc = "File of the log. Empty: standard error." },
	{ ROW("pool", "log_level", CHOICE, pool.log_level),
	    .one_of = log_levels, .fallback = "info",
	    .doc = "Least level that is logged." },
	{ ROW("pool", "max_requests", NUMBER, pool.max_requests),
	    RANGE(0, UINT_MAX / 2), .fallback = "0",
	    .doc = "Requests after which a worker is replaced. 0: never." },
	{ ROW("pool", "max_requests_jitter", NUMBER,
	    pool.max_requests_jitter), RANGE(0, UINT_MAX / 2),
	    .fallback = "100",
	    .doc = "Up to this many requests more, by chance, so that "
		   "workers are not replaced all at once." },
	{ ROW("pool", "graceful_timeout", TIME, pool.graceful_timeout),
	    RANGE(0, HOUR), .fallback = "30s",
	    .doc = "A worker that is to leave is killed after this." },
	{ ROW("pool", "restart_backoff", TIME, pool.restart_backoff),
	    RANGE(1, MINUTE), .fallback = "100ms",
	    .doc = "Pause before a worker that died at once is started "
		   "again; it doubles each time." },
	{ ROW("pool", "restart_backoff_max", TIME, pool.restart_backoff_max),
	    RANGE(1, HOUR), .fallback = "10s",
	    .doc = "Longest such pause." },
	{ ROW("pool", "queue_timeout", TIME, fcgi.queue_timeout),
	    RANGE(0, HOUR), .fallback = "2s",
	    .doc = "A request that waited longer for a worker is answered "
		   "503, also while all are busy. 0: no limit." },

	LANE("api", LANE_API, "unix:/run/connectors/api.sock", "4", "30s"),

	LANE("test", LANE_TEST, "unix:/run/connectors/test.sock", "8", "30s"),
	{ ROW("test", "connect_timeout", TIME, test.connect_timeout),
	    RANGE(1, 10 * MINUTE), .fallback = "5s",
	    .doc = "Longest wait of a connector test for a connection." },
	{ ROW("test", "total_timeout", TIME, test.total_timeout),
	    RANGE(1, 10 * MINUTE), .fallback = "15s",
	    .doc = "Longest time of a whole connector test, the wait for "
		   "another of the same connector included." },
	{ ROW("test", "answer_max", SIZE, test.answer_max),
	    RANGE(1024, 64 * MEBI), .fallback = "1M",
	    .doc = "Most that a connector test reads of an answer." },
	{ ROW("test", "redirects_max", NUMBER, test.redirects_max),
	    RANGE(0, 20), .fallback = "3",
	    .doc = "Redirects that a connector test follows." },
	{ ROW("test", "per_company", NUMBER, serve.tests_per_company),
	    RANGE(0, 256), .fallback = "0",
	    .doc = "Tests of one company at once. 0: half of the workers." },
	{ ROW("test", "allow_networks", LIST, test.allow_networks),
	    .fallback = "", .names = NAMES_NETWORKS,
	    .doc = "Networks, as CIDR, that tests may reach though they are "
		   "private." },
	{ ROW("test", "unverified_networks", LIST, test.unverified_networks),
	    .fallback = "", .names = NAMES_NETWORKS,
	    .doc = "Networks, as CIDR, whose databases get the password "
		   "though TLS does not say who they are." },
	{ ROW("test", "ca_file", TEXT, test.ca_file), .fallback = "",
	    .names = NAMES_CERTIFICATES,
	    .doc = "File of CA certificates for tests. Empty: the "
		   "system's." },

	LANE("admin", LANE_ADMIN, "unix:/run/connectors/admin.sock", "2",
	    "10s"),

	{ ROW("cache", "answers", SIZE, cache_answers),
	    RANGE(0, 16384 * MEBI), .fallback = "16M",
	    .doc = "Memory that the workers of a lane share for finished "
		   "answers, kept while the data they show is unchanged. 0: "
		   "none." },
	{ ROW("cache", "catalogue", SIZE, cache_catalogue),
	    RANGE(0, 64 * MEBI), .fallback = "8M",
	    .doc = "Finished parts of answers, of the catalogue and of "
		   "connectors, which the workers of a lane share, with where "
		   "pages of lists begin, and what checks of a write need of "
		   "the catalogue. 0: nothing." },

	{ ROW("retention", "tests_days", NUMBER, retention.tests_days),
	    RANGE(0, 36500), .fallback = "90",
	    .doc = "Days for which tests of connectors are kept; the newest "
		   "of each connector always is. 0: for ever." },
	{ ROW("retention", "audit_days", NUMBER, retention.audit_days),
	    RANGE(0, 36500), .fallback = "0",
	    .doc = "Days for which the audit trail is kept. 0: for ever." },

	{ ROW("limits", "body_max", SIZE, fcgi.body_max),
	    RANGE(1024, 64 * MEBI), .fallback = "8M",
	    .doc = "Largest body; a larger one is answered 413." },
	{ ROW("limits", "params_max", SIZE, fcgi.params_max),
	    RANGE(4096, 64 << 10), .fallback = "64K",
	    .doc = "Most bytes of FastCGI parameters; more are answered "
		   "400." },
	{ ROW("limits", "read_timeout", TIME, fcgi.read_timeout),
	    RANGE(10, MINUTE), .fallback = "1s",
	    .doc = "Longest wait for a request's parameters." },
	{ ROW("limits", "body_timeout", TIME, fcgi.body_timeout),
	    RANGE(10, HOUR), .fallback = "10s",
	    .doc = "Longest wait for the rest of a request, and for the web "
		   "server to take the answer." },
	{ ROW("limits", "keep_timeout", TIME, fcgi.keep_timeout),
	    RANGE(10, 24 * HOUR), .fallback = "75s",
	    .doc = "A connection that the web server keeps is closed when no "
		   "request comes for so long. Longer than its own time." },
	{ ROW("limits", "keep_connections", NUMBER, fcgi.keep_max),
	    RANGE(0, 1024), .fallback = "256",
	    .doc = "Connections that a lane keeps at once. 0: none." },
	{ ROW("limits", "send_buffer", SIZE, fcgi.send_buffer),
	    RANGE(0, 16 * MEBI), .fallback = "256K",
	    .doc = "What the kernel takes of an answer before the web server "
		   "reads it, on a unix socket. 0: the system's." },
	{ ROW("limits", "end_parameter", SWITCH, fcgi.end_parameter),
	    .fallback = "yes",
	    .doc = "Refuse requests without the parameter CONNECTORS_END=1, "
		   "which the web server sends last." },
	{ ROW("limits", "keys_together", NUMBER, serve.keys_together),
	    RANGE(1, 16), .fallback = "8",
	    .doc = "While requests wait, one statement reads the API keys of "
		   "so many. 1: each its own." },
	{ ROW("limits", "idempotency_hours", NUMBER,
	    serve.idempotency_hours), RANGE(1, 8760), .fallback = "24",
	    .doc = "Hours for which the answer under an Idempotency-Key is "
		   "kept." },
	{ ROW("limits", "transaction_time", TIME, serve.transaction_ms),
	    RANGE(0, HOUR), .fallback = "2s",
	    .doc = "A transaction that meets others is run again for so long. "
		   "0: it is run once." },
	{ ROW("limits", "retry_after", NUMBER, serve.retry_after),
	    RANGE(1, 3600), .fallback = "1",
	    .doc = "Seconds that Retry-After names with a 503." },
	{ ROW("limits", "slow_request", TIME, slow_request), RANGE(0, HOUR),
	    .fallback = "1s",
	    .doc = "A request that takes longer is logged as slow. 0: "
		   "none." },
};
/* clang-format on */
const size_t n_settings = N_ELEMENTS(settings);

const struct setting *
setting_find(struct str section, struct str name)
{
	for (size_t i = 0; i < n_settings; i++)
		if (str_equal_text(section, settings[i].section) &&
		    str_equal_text(name, settings[i].name))
			return &settings[i];
	return NULL;
}

const struct setting *
setting_named(const char *dotted)
{
	struct str text = str_of(dotted);
	size_t dot = str_find(text, '.');
	const struct setting *found =
	    setting_find((struct str){ dotted, dot }, str_from(text, dot + 1));

	if (found == NULL)
		abort();
	return found;
}
