/*
 * The parts of `check` about the running service: what it says of itself, and
 * whether each of its sockets answers.
 */
#include <config.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/route.h"
#include "ctl/ask.h"
#include "ctl/check.h"
#include "probe/json_reader.h"

static const char *const by_outcome[] = {
	[ASK_ANSWERED] = "see its log (journalctl -u connectors-api)",
	[ASK_NOBODY] =
	    "start connectors-fcgi (systemctl start connectors-api), "
	    "or mend what is set as listen",
	[ASK_FORBIDDEN] =
	    "run this as root, or as who is in the socket's group",
	[ASK_SILENT] = "the service does not start, or all of its workers are "
		       "busy: systemctl status connectors-api, and its log",
	[ASK_STRANGER] = "something else listens there: end it, or mend what "
			 "is set as listen",
};

/* What is set for a lane, or given as --admin. */
static const char *
listen_of(const struct check *c, enum lane lane)
{
	return lane == LANE_ADMIN && c->service != NULL
		   ? c->service
		   : c->ctl->config.lanes[lane].listen;
}

/* Where a lane can be asked; false: its `listen` does not tell. */
static bool
find_place(struct check *c, enum lane lane, struct listen_place *ret)
{
	if (!listen_parse(listen_of(c, lane), ret))
		return false;
	if (ret->kind != LISTEN_SYSTEMD)
		return ret->kind == LISTEN_UNIX || ret->kind == LISTEN_TCP;
	/* The units that come with the program have the socket
	 * there. */
	ret->kind = LISTEN_UNIX;
	ret->name =
	    arena_printf(c->ctl->arena, LISTEN_RUN_FOLDER "/%s.sock", ret->name)
		.ptr;
	return true;
}

static struct str
place_text(struct check *c, const struct listen_place *place)
{
	return place->kind == LISTEN_UNIX
		   ? str_of(place->name)
		   : arena_printf(c->ctl->arena, "%s:%u", place->tcp.host,
			 place->tcp.port);
}

/* The answer of a page of the admin lane. */
static enum error
ask_page(struct check *c, const char *page, struct answer *ret,
    struct problem *reterr)
{
	struct listen_place place;

	find_place(c, LANE_ADMIN, &place);
	*ret = ask(c->ctl->arena, &place, "GET", page);
	if (ret->outcome == ASK_ANSWERED && ret->body.len > 0 &&
	    json_reader_accepts(ret->body))
		return OK;
	if (ret->outcome == ASK_ANSWERED) {
		ret->outcome = ASK_STRANGER;
		ret->text = STR("who answers there is not connectors-fcgi");
	}
	c->advice = str_of(by_outcome[ret->outcome]);
	return problem_log(reterr, ERROR_UNAVAILABLE, "%.*s: %.*s",
	    STR_FMT(place_text(c, &place)), STR_FMT(ret->text));
}

static struct str
at(struct check *c, struct str status, const char *path)
{
	return json_reader_at(c->ctl->arena, status, str_of(path));
}

/* What the service runs with, by its own /status. */
static void
describe(struct check *c, struct str status)
{
	struct str config = at(c, status, "config");
	struct str ring = at(c, status, "keyring_file");

	c->text = arena_printf(c->ctl->arena,
	    "connectors-fcgi %.*s, process %.*s, since %.*s",
	    STR_FMT(at(c, status, "version")), STR_FMT(at(c, status, "pid")),
	    STR_FMT(at(c, status, "started")));
	if (config.len == 0)
		config = STR("no file, defaults");
	check_add(c, &c->text, "configuration %.*s", STR_FMT(config));
	check_add(c, &c->text, "database %.*s",
	    STR_FMT(check_database_name(c, at(c, status, "database.name"),
		at(c, status, "database.hosts"),
		at(c, status, "database.socket"),
		at(c, status, "database.user"))));
	if (ring.len == 0)
		ring = STR("none");
	check_add(c, &c->text, "key ring %.*s", STR_FMT(ring));
}

/* The configuration file of this program, as the service would name it. */
static struct str
own_config(struct check *c)
{
	const char *path = c->ctl->config.path;
	char *whole = path == NULL ? NULL : realpath(path, NULL);
	struct str ret =
	    arena_copy(c->ctl->arena, str_of(whole == NULL ? path : whole));

	free(whole);
	return ret;
}

static enum error
compare_config(struct check *c, struct str status, struct problem *reterr)
{
	struct str theirs = at(c, status, "config");
	struct str ours = own_config(c);

	if (str_equal(theirs, ours))
		return OK;
	c->advice = arena_printf(c->ctl->arena,
	    "connectorsctl check --config %.*s%s; or start the service with "
	    "the other file",
	    STR_FMT(theirs), theirs.len == 0 ? "''" : "");
	return problem_log(reterr, ERROR_INTERNAL,
	    "the service runs with %.*s, this is about %.*s",
	    STR_FMT(theirs.len == 0 ? STR("no file") : theirs),
	    STR_FMT(ours.len == 0 ? STR("no file") : ours));
}

/* Settings that decide which database is used, compared with those of the
 * service. The key ring's file is not among them: it is often a copy. */
static const struct {
	const char *setting; /* and its path in /status */
	size_t offset;       /* in struct config */
} compared[] = {
	{ "database.hosts", offsetof(struct config, database.hosts) },
	{ "database.socket", offsetof(struct config, database.socket) },
	{ "database.name", offsetof(struct config, database.database) },
	{ "database.user", offsetof(struct config, database.user) },
};

static enum error
compare_settings(struct check *c, struct str status, struct problem *reterr)
{
	struct str differences = STR("");

	/* An older version of the service does not tell. */
	if (at(c, status, "database.user").len == 0)
		return OK;
	for (size_t i = 0; i < N_ELEMENTS(compared); i++) {
		const char *const *ours =
		    (const void *)((const char *)&c->ctl->config +
				   compared[i].offset);
		struct str theirs = at(c, status, compared[i].setting);

		if (!str_equal_text(theirs, *ours))
			check_add(c, &differences,
			    "the service runs with %s = %.*s, here it is %s",
			    compared[i].setting, STR_FMT(theirs), *ours);
	}
	if (differences.len == 0)
		return OK;
	c->advice = STR("reload the service (systemctl reload connectors-api, "
			"or SIGHUP) and see its log; or give this the same -o");
	reterr->log = differences;
	return ERROR_INTERNAL;
}

/* What to do, by the check of /ready that failed. */
static const struct {
	struct str cause;
	const char *advice;
} by_cause[] = {
	{ STR_CONST("database:"), "see the part \"database\" below" },
	{ STR_CONST("schema:"), "run: connectorsctl migrate" },
	{ STR_CONST("read:"), "run: connectorsctl migrate; or a cluster's "
			      "node has no quorum: see the database's log" },
	{ STR_CONST("write:"), "the database is read-only or full: see its "
			       "own log" },
	{ STR_CONST("keys:"), "bring the key ring back from a machine that "
			      "works, or from a backup, and reload" },
};

static enum error
check_readiness(struct check *c, struct problem *reterr)
{
	struct answer answer;
	struct str cause;

	TRY(ask_page(c, "/ready", &answer, reterr));
	if (answer.status == 200)
		return OK;
	cause = at(c, answer.body, "cause");
	c->advice = str_of(by_outcome[ASK_ANSWERED]);
	for (size_t i = 0; i < N_ELEMENTS(by_cause); i++)
		if (str_starts_with(cause, by_cause[i].cause))
			c->advice = str_of(by_cause[i].advice);
	return problem_log(reterr, ERROR_INTERNAL,
	    "the service is not ready: %.*s", STR_FMT(cause));
}

enum error
check_service(struct check *c, struct problem *reterr)
{
	struct listen_place place;
	struct answer answer;

	if (!find_place(c, LANE_ADMIN, &place)) {
		c->is_skipped = true;
		c->text = STR("admin.listen names no place to ask it at; name "
			      "one with --admin");
		return OK;
	}
	TRY(ask_page(c, "/status", &answer, reterr));
	TRY(compare_config(c, answer.body, reterr));
	TRY(compare_settings(c, answer.body, reterr));
	TRY(check_readiness(c, reterr));
	describe(c, answer.body);
	check_add(c, &c->text, "ready");
	return OK;
}

/* Asks a lane for what needs neither database nor key. */
static struct answer
ask_lane(struct check *c, enum lane lane, const struct listen_place *place)
{
	struct answer answer = lane == LANE_ADMIN
				   ? ask(c->ctl->arena, place, "GET", "/live")
				   : ask(c->ctl->arena, place, "OPTIONS",
					 ROUTE_PREFIX "connectors");

	if (answer.outcome == ASK_ANSWERED && answer.status >= 500) {
		answer.outcome = ASK_SILENT;
		answer.text = arena_printf(
		    c->ctl->arena, "answers with %d", answer.status);
	}
	return answer;
}

/* Adds a line about a lane; false: it does not answer. */
static bool
add_lane(struct check *c, enum lane lane)
{
	const char *name = lane_name(lane), *listen = listen_of(c, lane);
	struct listen_place place;
	struct answer answer;

	if (listen[0] == '\0' || c->ctl->config.lanes[lane].workers == 0) {
		check_add(c, &c->text, "%s off", name);
		return true;
	}
	if (!find_place(c, lane, &place)) {
		check_add(c, &c->text,
		    "%s %s: not looked at, for only who opened it knows where "
		    "it is",
		    name, listen);
		return true;
	}
	answer = ask_lane(c, lane, &place);
	if (answer.outcome == ASK_ANSWERED) {
		check_add(c, &c->text, "%s %s answers", name, listen);
		return true;
	}
	if (c->advice.len == 0)
		c->advice = str_of(by_outcome[answer.outcome]);
	check_add(c, &c->text, "%s %.*s: %.*s", name,
	    STR_FMT(place_text(c, &place)), STR_FMT(answer.text));
	return false;
}

enum error
check_sockets(struct check *c, struct problem *reterr)
{
	bool good = true;

	for (unsigned lane = 0; lane < LANE__MAX; lane++)
		good = add_lane(c, (enum lane)lane) && good;
	if (good)
		return OK;
	reterr->log = c->text;
	return ERROR_UNAVAILABLE;
}
