/*
 * The admin lane: a table of pages.
 */
#include <config.h>

#include "admin.h"

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "db/db.h"

static void
put_word(struct buf *b, const char *key, const char *text)
{
	json_key(b, key);
	json_string(b, str_of(text));
}

static void
page_live(const struct admin *admin, struct response *ret)
{
	(void)admin;
	json_object_open(ret->body);
	put_word(ret->body, "status", "alive");
	json_object_close(ret->body);
}

/*
 * Reads a real table and writes a row that is taken back: on a cluster node
 * without a quorum SELECT 1 works and neither of these does.
 */
static enum error
try_database(const struct admin *admin, struct problem *reterr)
{
	static const struct str read =
	    STR_CONST("SELECT id FROM api_keys LIMIT 1");
	static const struct str write =
	    STR_CONST("INSERT INTO data_versions (company_id, version) "
		      "VALUES (-1, 1) "
		      "ON DUPLICATE KEY UPDATE version = version + 1");
	struct statement statement = { read, NULL, 0 };
	enum error error;

	TRY(db_run(admin->db, admin->arena, &statement, NULL, reterr));
	TRY(db_begin(admin->db, reterr));
	statement.text = write;
	error = db_run(admin->db, admin->arena, &statement, NULL, reterr);
	db_rollback(admin->db);
	return error;
}

static void
page_ready(const struct admin *admin, struct response *ret)
{
	struct problem problem = { .arena = admin->arena };
	enum error error = try_database(admin, &problem);

	json_object_open(ret->body);
	put_word(ret->body, "status", error == OK ? "ready" : "not ready");
	if (error != OK) {
		json_key(ret->body, "cause");
		json_string(ret->body, problem.log);
		ret->status = error_status(ERROR_UNAVAILABLE);
		ret->log = problem.log;
		response_header(ret, "Retry-After",
		    arena_printf(admin->arena, "%u", admin->retry_after));
	}
	json_object_close(ret->body);
}

static const char *const state_names[] = {
	[SLOT_FREE] = "free",
	[SLOT_STARTING] = "starting",
	[SLOT_IDLE] = "idle",
	[SLOT_BUSY] = "busy",
	[SLOT_LEAVING] = "leaving",
};

/* A slot may hold anything: a worker that has gone mad wrote it. */
static unsigned
state_of(const struct slot *slot)
{
	unsigned state = atomic_load(&slot->state);

	return state < N_ELEMENTS(state_names) ? state : SLOT_FREE;
}

static unsigned
lane_of(const struct slot *slot)
{
	unsigned lane = atomic_load(&slot->lane);

	return lane < LANE__MAX ? lane : LANE_API;
}

static void
put_workers(const struct admin *admin, struct buf *b)
{
	unsigned long counts[LANE__MAX][N_ELEMENTS(state_names)] = { { 0 } };

	for (size_t i = 0; i < SLOTS_MAX; i++) {
		const struct slot *slot = &admin->shared->slots[i];

		counts[lane_of(slot)][state_of(slot)]++;
	}
	metrics_head(b, "workers", "gauge", "Workers by lane and state.");
	for (unsigned lane = 0; lane < LANE__MAX; lane++)
		for (unsigned s = SLOT_STARTING; s <= SLOT_LEAVING; s++)
			buf_printf(b,
			    "connectors_workers{lane=\"%s\",state=\"%s\"} "
			    "%lu\n",
			    lane_name((enum lane)lane), state_names[s],
			    counts[lane][s]);
}

static void
page_metrics(const struct admin *admin, struct response *ret)
{
	response_header(ret, "Content-Type",
	    STR("text/plain; version=0.0.4; charset=utf-8"));
	metrics_write(ret->body, &admin->shared->metrics);
	put_workers(admin, ret->body);
	metrics_head(ret->body, "build_info", "gauge", "Always 1.");
	buf_printf(ret->body, "connectors_build_info{version=\"%s\"} 1\n",
	    PACKAGE_VERSION);
}

static void
put_text(
    const struct admin *admin, struct buf *b, const char *key, const char *text)
{
	char *copy =
	    arena_alloc(admin->arena, sizeof(((struct slot *)0)->path));

	slot_copy_text(copy, sizeof(((struct slot *)0)->path), text);
	put_word(b, key, copy);
}

static void
put_slot(const struct admin *admin, struct buf *b, const struct slot *slot)
{
	uint64_t since = atomic_load(&slot->since), now = time_monotonic();

	json_object_open(b);
	put_word(b, "lane", lane_name((enum lane)lane_of(slot)));
	json_key(b, "pid");
	json_int(b, atomic_load(&slot->pid));
	put_word(b, "state", state_names[state_of(slot)]);
	json_key(b, "since_ms");
	json_int(b, now > since ? (int64_t)((now - since) / 1000) : 0);
	json_key(b, "served");
	json_int(b, (int64_t)atomic_load(&slot->served));
	if (state_of(slot) == SLOT_BUSY) {
		put_text(admin, b, "method", slot->method);
		put_text(admin, b, "path", slot->path);
		put_text(admin, b, "request_id", slot->request_id);
	}
	json_object_close(b);
}

static void
page_status(const struct admin *admin, struct response *ret)
{
	struct buf *b = ret->body;

	json_object_open(b);
	put_word(b, "version", PACKAGE_VERSION);
	json_key(b, "uptime_ms");
	json_int(
	    b, (int64_t)((time_monotonic() - admin->shared->started) / 1000));
	json_key(b, "workers");
	json_array_open(b);
	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (state_of(&admin->shared->slots[i]) != SLOT_FREE)
			put_slot(admin, b, &admin->shared->slots[i]);
	json_array_close(b);
	json_object_close(b);
}

static const struct {
	const char *path;
	void (*write)(const struct admin *, struct response *);
} pages[] = {
	{ "/live", page_live },
	{ "/ready", page_ready },
	{ "/metrics", page_metrics },
	{ "/status", page_status },
};

static void
refuse(struct response *ret, enum error error)
{
	ret->status = error_status(error);
	json_object_open(ret->body);
	put_word(ret->body, "message", error_message(error));
	json_object_close(ret->body);
}

void
admin_serve(const struct admin *admin, const struct request *request,
    struct response *ret)
{
	ret->status = 200;
	for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
		if (!str_equal_text(request->path, pages[i].path))
			continue;
		ret->route = pages[i].path;
		if (request->method == METHOD_GET ||
		    request->method == METHOD_HEAD) {
			pages[i].write(admin, ret);
			return;
		}
		response_header(ret, "Allow", STR("GET, HEAD"));
		refuse(ret, ERROR_METHOD);
		return;
	}
	refuse(ret, ERROR_NOT_FOUND);
}
