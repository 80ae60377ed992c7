/*
 * `check`: whether the service could run here; a line a part, each "ok" or
 * what to do, and a line for each thing that it could do but for a library of
 * this machine. Must not change anything.
 */
#include <config.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/sealed.h"
#include "probe/probe.h"

/* One part: sets a text about what is there, or fails. */
struct part {
	const char *name;
	enum error (*run)(struct ctl *, struct str *ret, struct problem *);
	const char *advice; /* when it fails */
	bool is_needed;     /* without it the parts behind mean nothing */
};

static enum error
check_config(struct ctl *ctl, struct str *ret, struct problem *reterr)
{
	TRY(ctl_config(ctl, reterr));
	*ret = str_of(
	    ctl->config_path == NULL ? CONFIG_DEFAULT_PATH : ctl->config_path);
	return OK;
}

static enum error
check_database(struct ctl *ctl, struct str *ret, struct problem *reterr)
{
	struct rows rows = { 0 };

	TRY(ctl_database(ctl, reterr));
	TRY(db_run(ctl->db, ctl->arena,
	    &(struct statement){ .text = STR("SELECT VERSION(), DATABASE()") },
	    &rows, reterr));
	*ret = arena_printf(ctl->arena, "%.*s, database %.*s",
	    STR_FMT(rows_cell(&rows, 0, 0)->text),
	    STR_FMT(rows_cell(&rows, 0, 1)->text));
	return OK;
}

static enum error
check_migrations(struct ctl *ctl, struct str *ret, struct problem *reterr)
{
	size_t pending = 0;

	TRY(migrate_count_pending(ctl, &pending, reterr));
	if (pending > 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "%zu pending", pending);
	*ret = STR("none is pending");
	return OK;
}

static enum error
check_tables(struct ctl *ctl, struct str *ret, struct problem *reterr)
{
	size_t count = 0;

	TRY(check_schema(ctl, &count, reterr));
	*ret = arena_printf(ctl->arena, "%zu columns", count);
	return OK;
}

/* Every key that sealed a value must be in the ring. */
static enum error
check_keys_in_use(struct ctl *ctl, size_t *values, struct problem *reterr)
{
	for (size_t i = 0; i < n_sealed_columns; i++) {
		struct rows rows = { 0 };

		TRY(sealed_count(ctl, &sealed_columns[i], &rows, reterr));
		for (size_t row = 0; row < rows.count; row++) {
			const struct value *id = rows_cell(&rows, row, 0);
			const long long n = rows_cell(&rows, row, 1)->integer;

			*values += (size_t)n;
			if (ctl->keyring != NULL && id->type != VALUE_NULL &&
			    keyring_has(ctl->keyring, id->text))
				continue;
			return problem_log(reterr, ERROR_INTERNAL,
			    "%lld values of %s.%s are sealed with the key "
			    "\"%.*s\", which is not in the ring",
			    n, sealed_columns[i].table, sealed_columns[i].name,
			    STR_FMT(id->text));
		}
	}
	return OK;
}

static enum error
check_ring(struct ctl *ctl, struct str *ret, struct problem *reterr)
{
	const bool is_configured = ctl->config.keyring_file[0] != '\0';
	size_t values = 0;

	if (is_configured)
		TRY(ctl_ring(ctl, reterr));
	TRY(check_keys_in_use(ctl, &values, reterr));
	if (is_configured)
		*ret = arena_printf(ctl->arena,
		    "%s seals, %zu values can be opened",
		    keyring_sealing_id(ctl->keyring), values);
	else
		*ret = STR("none is configured, and none is in use: secrets "
			   "cannot be stored (connectorsctl secrets init)");
	return OK;
}

static enum error
connect_unix(const char *path, struct problem *reterr)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	enum error error = OK;

	if (strlen(path) >= sizeof(address.sun_path))
		errno = ENAMETOOLONG;
	else
		memcpy(address.sun_path, path, strlen(path));
	if (fd < 0 || address.sun_path[0] == '\0' ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
		0)
		error = problem_log(
		    reterr, ERROR_UNAVAILABLE, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return error;
}

static bool
connect_any(const struct addrinfo *list)
{
	for (; list != NULL; list = list->ai_next) {
		int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool is_open;

		if (fd < 0)
			continue;
		is_open = connect(fd, list->ai_addr, list->ai_addrlen) == 0;
		close(fd);
		if (is_open)
			return true;
	}
	return false;
}

static enum error
connect_tcp(struct arena *arena, struct str listen, struct problem *reterr)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = memrchr(listen.ptr, ':', listen.len);
	struct addrinfo *list = NULL;
	struct str host;
	bool is_open;

	if (colon == NULL)
		return problem_log(reterr, ERROR_INTERNAL,
		    "%.*s: is no host:port", STR_FMT(listen));
	host = (struct str){ listen.ptr, (size_t)(colon - listen.ptr) };
	if (host.len > 1 && host.ptr[0] == '[')
		host = (struct str){ host.ptr + 1, host.len - 2 };
	is_open =
	    getaddrinfo(host.len == 0 ? NULL : arena_copy(arena, host).ptr,
		colon + 1, &hints, &list) == 0 &&
	    connect_any(list);
	if (list != NULL)
		freeaddrinfo(list);
	return is_open ? OK
		       : problem_log(reterr, ERROR_UNAVAILABLE,
			     "%.*s: nobody answers", STR_FMT(listen));
}

static enum error
check_lane(struct ctl *ctl, enum lane lane, struct problem *reterr)
{
	const struct str listen = str_of(ctl->config.lanes[lane].listen);

	/* Nothing that can be looked at from here. */
	if (listen.len == 0 || str_starts_with(listen, STR("fd:")) ||
	    str_starts_with(listen, STR("systemd:")))
		return OK;
	if (str_starts_with(listen, STR("unix:")))
		return connect_unix(listen.ptr + 5, reterr);
	return connect_tcp(ctl->arena, listen, reterr);
}

static enum error
check_sockets(struct ctl *ctl, struct str *ret, struct problem *reterr)
{
	*ret = STR("");
	for (size_t i = 0; i < LANE__MAX; i++) {
		const char *listen = ctl->config.lanes[i].listen;

		TRY(check_lane(ctl, (enum lane)i, reterr));
		*ret = arena_printf(ctl->arena, "%.*s%s%s %s", STR_FMT(*ret),
		    i == 0 ? "" : ", ", lane_name((enum lane)i),
		    listen[0] == '\0' ? "off" : listen);
	}
	return OK;
}

static const struct part parts[] = {
	{ "configuration", check_config,
	    "mend the setting; connectors.conf(5) lists them all", true },
	{ "database", check_database,
	    "start the server, or mend section [database]", true },
	{ "migrations", check_migrations, "run: connectorsctl migrate", false },
	{ "schema", check_tables,
	    "the tables are not those of this version: run migrate, or "
	    "restore them from a backup",
	    false },
	{ "key ring", check_ring,
	    "set secrets.keyring_file and run: connectorsctl secrets init; a "
	    "key that is in use must come back from a backup",
	    false },
	{ "sockets", check_sockets, "start connectors-fcgi", false },
};

/* Nothing that keeps the service from running, so it never fails: without
 * tables to read the parts have said so. */
static void
warn_of_defaults(struct ctl *ctl)
{
	struct problem ignored = { .arena = ctl->arena };
	struct buf names;
	size_t n = 0;

	if (ctl->db == NULL)
		return;
	buf_init(&names, SIZE_MAX / 2);
	if (defaults_find_unsent(ctl, &names, &n, &ignored) == OK && n > 0)
		ctl_print("warn  %-14s of %zu authentication implementations, "
			  "never sent: %.*s\n      -> let the catalogue alone "
			  "fix scheme, port and domain of their URLs, or let "
			  "connectors give the values\n",
		    "secret defaults", n, STR_FMT(buf_str(&names)));
	buf_done(&names);
}

/* The service runs without these, so they fail nothing. */
static void
warn_of_limits(void)
{
	const struct probe_limit *limit;

	for (size_t i = 0; (limit = probe_limit(i)) != NULL; i++)
		ctl_print("warn  %-14s %s\n      -> %s\n", "tests", limit->text,
		    limit->advice);
}

enum error
check_command(struct ctl *ctl, struct problem *reterr)
{
	(void)reterr;
	for (size_t i = 0; i < N_ELEMENTS(parts); i++) {
		struct problem problem = { .arena = ctl->arena };
		struct str text = STR("");

		if (parts[i].run(ctl, &text, &problem) == OK) {
			ctl_print(
			    "ok    %-14s %.*s\n", parts[i].name, STR_FMT(text));
			continue;
		}
		ctl->has_failed = true;
		ctl_print("FAIL  %-14s %.*s\n      -> %s\n", parts[i].name,
		    STR_FMT(problem.log), parts[i].advice);
		if (parts[i].is_needed)
			break;
	}
	warn_of_defaults(ctl);
	warn_of_limits();
	return OK;
}
