/*
 * Which rows are removed: a const table of the tables, a batch of each a turn.
 * Behind them a turn looks at what the measures tell of the database.
 *
 * The scoreboard says which worker has the turn. Pools do not coordinate, so no
 * statement may rely on being the only one.
 */
#include <config.h>

#include "pool/tidy.h"

#include <time.h>

#include "base/log.h"
#include "db/db.h"
#include "engine/sql_write.h"
#include "pool/expiry.h"
#include "schema/tables.h"

/* Rows that one turn looks at, or removes: some milliseconds of locks. */
#define BATCH      500
#define BATCH_TEXT "500"

/* All in microseconds. A turn that is older belonged to a worker that died. */
#define TURN_MAX 60000000
/* Between two turns, once nothing is left to do. */
#define PAUSE 60000000
/* Between two walks over all tests: most of them may have to stay. */
#define WALK_PAUSE 3600000000

/* A turn has a connection of its own, with limits this short, in ms. */
#define DATABASE_MS 1000

/* One turn. */
struct turn {
	struct arena *arena;
	struct db *db;
	struct tidiness *state;
	int64_t keep; /* of the present table, in its statement's unit */
	uint64_t n;   /* rows removed there */
	bool more;    /* a table may have more old rows */
	struct problem problem;
};

static int64_t
idempotency_hours(const struct config *config)
{
	return config->serve.idempotency_hours;
}

static int64_t
audit_days(const struct config *config)
{
	return config->retention.audit_days;
}

static int64_t
tests_days(const struct config *config)
{
	return config->retention.tests_days;
}

/* Removes the oldest rows, which the index over created_at finds first. */
static enum error
remove_oldest(struct turn *t, struct str text)
{
	struct value keep = value_int(t->keep);

	TRY(db_run(t->db, t->arena, &(struct statement){ text, &keep, 1 }, NULL,
	    &t->problem));
	t->n = db_affected(t->db);
	t->more |= t->n == BATCH;
	return OK;
}

static enum error
remove_answers(struct turn *t)
{
	return remove_oldest(
	    t, STR("DELETE FROM idempotency_keys "
		   "WHERE created_at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR "
		   "ORDER BY created_at LIMIT " BATCH_TEXT));
}

static enum error
remove_audit(struct turn *t)
{
	return remove_oldest(
	    t, STR("DELETE FROM audit_events "
		   "WHERE created_at < UTC_TIMESTAMP(6) - INTERVAL ? DAY "
		   "ORDER BY created_at LIMIT " BATCH_TEXT));
}

/* The cells of find_tests, in the order of its text. */
enum cell {
	CELL_ID,
	CELL_IS_OLD,
	CELL_HAS_LATER
};

/*
 * Finds tests in the order of their ids, which is that of their times. A test
 * that ended has to stay as its connector's newest unless a later one ended as
 * well: one that has not ended may yet be taken back, see test_forget().
 */
static enum error
find_tests(struct turn *t, struct rows *ret)
{
	const struct statement *statement = STATEMENT(
	    "SELECT t.id, t.created_at < UTC_TIMESTAMP(6) - INTERVAL ? DAY, "
	    "t.ok IS NULL OR EXISTS (SELECT 1 FROM connector_tests n "
	    "WHERE n.connector_id = t.connector_id AND n.id > t.id "
	    "AND n.ok IS NOT NULL) "
	    "FROM connector_tests t WHERE t.id > ? "
	    "ORDER BY t.id LIMIT " BATCH_TEXT,
	    value_int(t->keep),
	    value_int((int64_t)atomic_load(&t->state->cursor)));

	return db_run(t->db, t->arena, statement, ret, &t->problem);
}

/* The next turn goes on behind these rows; when they were the last old ones, a
 * new walk begins after a while. */
static void
move_on(struct turn *t, const struct rows *rows)
{
	const struct value *last =
	    rows->count == 0 ? NULL : rows_cell(rows, rows->count - 1, 0);

	if (rows->count < BATCH || last[CELL_IS_OLD].integer == 0) {
		atomic_store(&t->state->cursor, 0);
		atomic_store(&t->state->walk, time_monotonic() + WALK_PAUSE);
		return;
	}
	atomic_store(&t->state->cursor, last[CELL_ID].integer);
	t->more = true;
}

static enum error
remove_tests(struct turn *t)
{
	int64_t ids[BATCH];
	struct statement statement;
	struct rows rows;
	size_t n = 0;

	if (time_monotonic() < atomic_load(&t->state->walk))
		return OK;
	TRY(find_tests(t, &rows));
	for (size_t i = 0; i < rows.count; i++) {
		const struct value *row = rows_cell(&rows, i, 0);

		if (row[CELL_IS_OLD].integer != 0 &&
		    row[CELL_HAS_LATER].integer != 0)
			ids[n++] = row[CELL_ID].integer;
	}
	if (n > 0) {
		statement = sql_delete(
		    t->arena, &resource_connector_tests, "id", ids, n);
		TRY(db_run(t->db, t->arena, &statement, NULL, &t->problem));
		t->n = db_affected(t->db);
	}
	move_on(t, &rows);
	return OK;
}

/* Rows of a table are kept for ever where keep() is 0. */
static const struct {
	int64_t (*keep)(const struct config *);
	enum error (*remove)(struct turn *);
} tables[] = {
	[REMOVED_ANSWERS] = { idempotency_hours, remove_answers },
	[REMOVED_AUDIT] = { audit_days, remove_audit },
	[REMOVED_TESTS] = { tests_days, remove_tests },
};
_Static_assert(N_ELEMENTS(tables) == REMOVED__MAX, "one row a measure");

/* False: it is not time yet, or another worker has the turn. */
static bool
take_turn(struct tidiness *state)
{
	uint64_t now = time_monotonic();
	uint_fast64_t next = atomic_load(&state->next);

	return now >= next && atomic_compare_exchange_strong(
				  &state->next, &next, now + TURN_MAX);
}

static enum error
tidy_tables(
    struct turn *t, const struct config *config, struct metrics *metrics)
{
	for (unsigned i = 0; i < REMOVED__MAX; i++) {
		t->keep = tables[i].keep(config);
		t->n = 0;
		if (t->keep == 0)
			continue;
		TRY(tables[i].remove(t));
		metrics_count_removed(metrics, (enum removed)i, t->n);
	}
	return OK;
}

static void
count_cost(const struct db *db, struct metrics *metrics)
{
	struct db_counters cost = db_counters(db);

	metrics_count(metrics, METRIC_STATEMENTS, cost.statements);
	metrics_count(metrics, METRIC_DATABASE_MICROSECONDS, cost.microseconds);
	metrics_count(metrics, METRIC_DATABASE_CONNECTS, cost.connects);
}

/* But not of a database that is away: others say so. */
static void
complain(enum error error, const char *text, const struct problem *problem)
{
	if (error != OK && error != ERROR_UNAVAILABLE)
		log_problem(LEVEL_WARNING, text, problem);
}

void
tidy_turn(struct arena *arena, const struct config *config,
    struct scoreboard *scoreboard)
{
	struct db_settings settings = config->database;
	struct turn t = { .arena = arena,
		.state = &scoreboard->tidiness,
		.problem = { .arena = arena } };
	enum error error;

	if (!take_turn(t.state))
		return;
	settings.connect_timeout_ms = DATABASE_MS;
	settings.read_timeout_ms = DATABASE_MS;
	settings.request_limit_ms = DATABASE_MS;
	t.db = db_new(&settings);
	error = tidy_tables(&t, config, &scoreboard->metrics);
	complain(error, "old rows were not removed", &t.problem);
	if (error == OK)
		complain(
		    expiry_look(arena, t.db, &scoreboard->expiry, &t.problem),
		    "the expiry of certificates is not known", &t.problem);
	count_cost(t.db, &scoreboard->metrics);
	db_free(t.db);
	atomic_store(&t.state->next,
	    time_monotonic() + (error == OK && t.more ? 0 : PAUSE));
}

static bool
is_on(const struct config *config, enum lane lane)
{
	return config->lanes[lane].listen[0] != '\0' &&
	       config->lanes[lane].workers > 0;
}

void
tidy_start(const struct config *config, enum lane lane)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = TIDY_SIGNAL };
	struct itimerspec when = { .it_interval.tv_sec = 1,
		.it_value.tv_sec = 1 };
	timer_t timer;

	if (lane != (is_on(config, LANE_TEST) ? LANE_TEST : LANE_API))
		return;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
	    timer_settime(timer, 0, &when, NULL) != 0)
		log_line(LEVEL_ERROR, "no timer: old rows are not removed");
}
