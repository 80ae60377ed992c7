/*
 * What the pool does at this moment: its slots, as JSON and as gauges.
 *
 * A slot may hold anything, since a corrupt worker may have written it: nothing
 * here trusts one.
 */
#include <config.h>

#include <stdlib.h>

#include "admin/pages.h"
#include "api/route.h"
#include "base/json.h"
#include "base/time.h"
#include "stats/metrics.h"

static const char *const state_names[] = {
	[SLOT_FREE] = "free",
	[SLOT_STARTING] = "starting",
	[SLOT_IDLE] = "idle",
	[SLOT_BUSY] = "busy",
	[SLOT_REFUSING] = "refusing",
	[SLOT_LEAVING] = "leaving",
};

static unsigned
state_of(const struct slot *slot)
{
	unsigned state = atomic_load(&slot->state);

	return state < N_ELEMENTS(state_names) ? state : SLOT_FREE;
}

static enum lane
lane_of(const struct slot *slot)
{
	unsigned lane = atomic_load(&slot->lane);

	return lane < LANE__MAX ? (enum lane)lane : LANE_API;
}

/* Milliseconds since a moment. */
static uint64_t
age_of(uint64_t moment)
{
	uint64_t now = time_monotonic();

	return now > moment ? (now - moment) / 1000 : 0;
}

static void
put_workers(const struct scoreboard *scoreboard, struct buf *b)
{
	uint64_t counts[LANE__MAX][N_ELEMENTS(state_names)] = { { 0 } };

	for (size_t i = 0; i < SLOTS_MAX; i++) {
		const struct slot *slot = &scoreboard->slots[i];

		counts[lane_of(slot)][state_of(slot)]++;
	}
	metrics_head(b, "workers", "gauge", "Workers by lane and state.");
	for (unsigned lane = 0; lane < LANE__MAX; lane++)
		for (unsigned s = SLOT_STARTING; s <= SLOT_LEAVING; s++) {
			struct metrics_label labels[] = {
				{ "lane", lane_name((enum lane)lane) },
				{ "state", state_names[s] }
			};

			metrics_integer(
			    b, "workers", labels, 2, counts[lane][s]);
		}
}

static void
put_cache(const struct admin *admin, struct buf *b)
{
	metrics_head(b, "cache_bytes", "gauge",
	    "Finished answers that the lanes keep, all together.");
	metrics_integer(b, "cache_bytes", NULL, 0, admin->answer_bytes);
	metrics_head(b, "fragment_bytes", "gauge",
	    "Parts of answers that the lanes keep, all together.");
	metrics_integer(b, "fragment_bytes", NULL, 0, admin->fragment_bytes);
}

/* No sample before the first look, nor if none will expire. */
static void
put_expiry(const struct expiry *expiry, struct buf *b)
{
	int64_t next = atomic_load(&expiry->next);

	metrics_head(b, "certificate_expiry_timestamp_seconds", "gauge",
	    "When the next certificate of a connector expires.");
	if (next > 0)
		metrics_integer(b, "certificate_expiry_timestamp_seconds", NULL,
		    0, (uint64_t)next);
	metrics_head(b, "certificates_expired", "gauge",
	    "Certificates of connectors that have expired.");
	if (atomic_load(&expiry->after) != 0)
		metrics_integer(b, "certificates_expired", NULL, 0,
		    atomic_load(&expiry->expired));
}

void
admin_gauges(const struct admin *admin, struct buf *b)
{
	struct metrics_label version = { "version", PACKAGE_VERSION };

	put_workers(admin->scoreboard, b);
	put_cache(admin, b);
	put_expiry(&admin->scoreboard->expiry, b);
	metrics_head(
	    b, "uptime_seconds", "gauge", "Time since the pool started.");
	metrics_seconds(b, "uptime_seconds", NULL, 0,
	    age_of(admin->scoreboard->started) * 1000);
	metrics_head(b, "build_info", "gauge", "Always 1, with the version.");
	metrics_integer(b, "build_info", &version, 1, 1);
}

/* The route of the request that a slot names; NULL: none. */
static const char *
find_route(const struct admin *admin, const char *method, const char *path)
{
	struct request request = { .arena = admin->arena,
		.method = method_of(str_of(method)),
		.method_text = str_of(method),
		.path = str_of(path) };
	struct problem problem = { .arena = admin->arena };
	struct routed routed;

	if (route_find(&request, &routed, &problem) != OK)
		return NULL;
	return routed.route->name;
}

static void
put_request(const struct admin *admin, struct buf *b, const struct slot *slot)
{
	char method[sizeof(slot->method)], path[sizeof(slot->path)];
	char id[sizeof(slot->request_id)];
	const char *route;

	slot_copy_text(method, sizeof(method), slot->method);
	slot_copy_text(path, sizeof(path), slot->path);
	slot_copy_text(id, sizeof(id), slot->request_id);
	route = find_route(admin, method, path);
	if (route != NULL)
		json_member_text(b, "route", route);
	json_member_text(b, "method", method);
	json_member_text(b, "path", path);
	json_member_text(b, "request_id", id);
}

static void
put_slot(const struct admin *admin, struct buf *b, const struct slot *slot)
{
	unsigned state = state_of(slot);

	if (state == SLOT_FREE)
		return;
	json_object_open(b);
	json_member_text(b, "lane", lane_name(lane_of(slot)));
	json_key(b, "pid");
	json_int(b, atomic_load(&slot->pid));
	json_member_text(b, "state", state_names[state]);
	json_member_int(b, "state_ms", age_of(atomic_load(&slot->since)));
	json_member_int(b, "age_ms", age_of(atomic_load(&slot->started)));
	json_member_int(b, "requests", atomic_load(&slot->served));
	if (state == SLOT_BUSY)
		put_request(admin, b, slot);
	json_object_close(b);
}

static void
put_lane(const struct admin *admin, struct buf *b, enum lane lane)
{
	const struct metrics *metrics = &admin->scoreboard->metrics;

	json_object_open(b);
	json_member_text(b, "lane", lane_name(lane));
	json_member_text(b, "listen", admin->config->lanes[lane].listen);
	json_member_int(b, "workers", admin->config->lanes[lane].workers);
	json_member_int(
	    b, "restarts", metrics_lane(metrics, LANE_METRIC_RESTARTED, lane));
	json_member_int(
	    b, "recycles", metrics_lane(metrics, LANE_METRIC_RECYCLED, lane));
	json_member_int(
	    b, "kills", metrics_lane(metrics, LANE_METRIC_KILLED, lane));
	json_object_close(b);
}

/* Where the configuration came from; null: from no file. */
static void
put_config(const struct admin *admin, struct buf *b)
{
	const char *path = admin->config->path;
	char *whole = path == NULL ? NULL : realpath(path, NULL);

	json_key(b, "config");
	if (path == NULL)
		json_null(b);
	else
		json_string(b, str_of(whole == NULL ? path : whole));
	free(whole);
}

/* Further settings for people who look for a fault: no secret. */
static void
put_used(const struct admin *admin, struct buf *b)
{
	const struct db_settings *database = &admin->config->database;

	json_key(b, "database");
	json_object_open(b);
	json_member_text(b, "hosts", database->hosts);
	json_member_text(b, "socket", database->socket);
	json_member_text(b, "name", database->database);
	json_member_text(b, "user", database->user);
	json_object_close(b);
	json_member_text(b, "keyring_file", admin->config->keyring_file);
}

void
admin_status(const struct admin *admin, struct response *ret)
{
	const struct scoreboard *scoreboard = admin->scoreboard;
	struct buf *b = ret->body;

	json_object_open(b);
	json_member_text(b, "version", PACKAGE_VERSION);
	json_key(b, "pid");
	json_int(b, admin->pid);
	json_member_text(b, "started", scoreboard->started_text);
	json_member_int(b, "uptime_ms", age_of(scoreboard->started));
	put_config(admin, b);
	put_used(admin, b);
	json_key(b, "lanes");
	json_array_open(b);
	for (unsigned lane = 0; lane < LANE__MAX; lane++)
		put_lane(admin, b, (enum lane)lane);
	json_array_close(b);
	json_key(b, "workers");
	json_array_open(b);
	for (size_t i = 0; i < SLOTS_MAX; i++)
		put_slot(admin, b, &scoreboard->slots[i]);
	json_array_close(b);
	json_object_close(b);
}
