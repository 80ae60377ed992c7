/*
 * A worker holds what it has read ahead from one statement to the next: it does
 * not read ahead again as long as any of it may still be used.
 */
#include <config.h>

#include "api/ahead.h"

#include <stdlib.h>

#include "api/authenticate.h"
#include "api/call.h"
#include "base/time.h"
#include "db/db.h"

#define ARENA_CHUNK (64 << 10)

/* For so many microseconds nothing is read ahead once that has failed. */
#define FAILURE_PAUSE 1000000

/* What was read of one request. */
struct entry {
	uint64_t ticket;                 /* 0: it is used, or there is none */
	const struct resource *resource; /* of a first read */
	struct sql_asked asked;
	struct ahead_read read;
};

struct ahead {
	size_t most;
	struct ahead_source source;
	struct arena *arena; /* of what was read */
	struct entry entries[AHEAD_MAX];
	size_t n;
	uint64_t paused; /* until then */
	uint64_t found;
};

/* Those that one statement is to be about; the call itself is the first. */
struct group {
	struct sql_asked asked[SQL_KEYS_TOGETHER];
	uint64_t tickets[SQL_KEYS_TOGETHER];
	size_t n;
	const struct resource *resource; /* of the first reads; NULL: none */
};

struct ahead *
ahead_new(size_t most, const struct ahead_source *source)
{
	struct ahead *ahead = calloc(1, sizeof(*ahead));

	if (ahead == NULL)
		abort();
	ahead->most = most < AHEAD_MAX ? most : AHEAD_MAX;
	ahead->source = *source;
	ahead->arena = arena_new(ARENA_CHUNK);
	return ahead;
}

void
ahead_free(struct ahead *ahead)
{
	if (ahead == NULL)
		return;
	arena_free(ahead->arena);
	free(ahead);
}

uint64_t
ahead_count(const struct ahead *ahead)
{
	return ahead == NULL ? 0 : ahead->found;
}

/* Using what was read. */

static bool
is_for(const struct entry *e, struct call *call, struct str hash)
{
	return call->request->ticket != 0 &&
	       e->ticket == call->request->ticket &&
	       str_equal(e->asked.hash, hash);
}

/* Between then and now an answer may have been kept, or dropped; and what was
 * seen of the request may have been less than all. */
static bool
has_first_of(const struct entry *e, struct call *call, enum first_read first)
{
	struct sql_root root = call_root(call);

	return first != FIRST_NONE && sql_first_serves(e->asked.first, first) &&
	       e->resource == call->query.resource &&
	       sql_can_share(first, &call->query, &root) &&
	       (first != FIRST_ROOT || e->asked.id == root.id);
}

static bool
find_entry(struct ahead *ahead, struct call *call, struct str hash,
    enum first_read first, struct ahead_read *ret)
{
	for (size_t i = 0; i < ahead->n; i++) {
		struct entry *e = &ahead->entries[i];

		if (!is_for(e, call, hash))
			continue;
		*ret = e->read;
		if (!has_first_of(e, call, first))
			ret->first = (struct rows){ 0 };
		e->ticket = 0;
		ahead->found++;
		return true;
	}
	return false;
}

/* Whether there is one that this worker may come to. */
static bool
is_in_use(const struct ahead *ahead)
{
	for (size_t i = 0; i < ahead->n; i++) {
		uint64_t ticket = ahead->entries[i].ticket;

		if (ticket != 0 &&
		    ahead->source.waits(ahead->source.context, ticket))
			return true;
	}
	return false;
}

/* Reading. */

/* All first reads of a group are of one resource. A row joins only a call that
 * reads the same resource by itself: others do not wait for what they do not
 * need, which may be locked. */
static bool
fits(const struct group *group, struct call *call, enum first_read first,
    const struct sql_root *root)
{
	if (first == FIRST_NONE)
		return true;
	if (group->resource != NULL && group->resource != call->query.resource)
		return false;
	if (first == FIRST_ROOT && group->n > 0 &&
	    (group->asked[0].first == FIRST_NONE ||
		group->asked[0].first == FIRST_STORED))
		return false;
	return sql_can_share(first, &call->query, root);
}

static bool
join(struct group *group, struct call *call, struct str hash,
    enum first_read first)
{
	struct sql_root root = call_root(call);

	if (!fits(group, call, first, &root))
		return false;
	if (first != FIRST_NONE)
		group->resource = call->query.resource;
	group->tickets[group->n] = call->request->ticket;
	group->asked[group->n++] = (struct sql_asked){ hash, first, root.id };
	return true;
}

/* One that waits joins if it only reads and its key was good before: what is
 * refused costs nobody else anything. */
static bool
join_waiting(struct group *group, struct call *call)
{
	struct str hash;

	return call_find_route(call) == OK &&
	       call->facts->ability == ABILITY_READ &&
	       principal_hash(
		   call->arena, call->request->authorization, &hash) == OK &&
	       key_hint_company(call->service->key_hints, hash) != 0 &&
	       join(group, call, hash, authenticate_first(call, hash));
}

static void
gather(struct group *group, struct call *call)
{
	struct ahead *ahead = call->service->ahead;
	struct request *waiting =
	    ARENA_NEW(call->arena, struct request, ahead->most);
	size_t n = ahead->source.look(
	    ahead->source.context, call->arena, waiting, ahead->most);
	struct call *calls = ARENA_NEW(call->arena, struct call, n);
	struct response *unused = ARENA_NEW(call->arena, struct response, n);

	for (size_t i = 0; i < n; i++) {
		calls[i] = (struct call){ .service = call->service,
			.request = &waiting[i],
			.arena = call->arena,
			.response = &unused[i],
			.problem = { .arena = call->arena } };
		if (!join_waiting(group, &calls[i]))
			ahead->source.leave(
			    ahead->source.context, waiting[i].ticket);
	}
}

static struct ahead_read
read_of(const struct group *group, const struct rows *rows, size_t row)
{
	return (struct ahead_read){ .key = rows_cell(rows, row, KEYS_CELL_KEY),
		.first = sql_keys_first(
		    rows, row, group->resource, group->asked, group->n) };
}

static void
keep(struct ahead *ahead, const struct group *group, size_t asked,
    struct ahead_read read)
{
	struct entry *e = &ahead->entries[ahead->n++];

	*e = (struct entry){ .ticket = group->tickets[asked],
		.asked = group->asked[asked],
		.read = read };
	e->asked.hash = arena_copy(ahead->arena, e->asked.hash);
	e->resource = group->resource;
}

/* Gives the rows to those that have asked. */
static void
hand_out(struct ahead *ahead, const struct group *group,
    const struct rows *rows, struct ahead_read *ret)
{
	*ret = (struct ahead_read){ .key = NULL };
	for (size_t i = 0; i < rows->count; i++) {
		int64_t asked = rows_cell(rows, i, KEYS_CELL_ASKED)->integer;

		if (asked == 0)
			*ret = read_of(group, rows, i);
		else if (asked > 0 && asked < (int64_t)group->n)
			keep(ahead, group, (size_t)asked,
			    read_of(group, rows, i));
	}
}

/* Whether the versions in the rows are all of them; see sql_key.h. */
static bool
are_complete(struct service *service, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!authenticate_has_all(
			service, rows_cell(rows, i, KEYS_CELL_KEY)))
			return false;
	return true;
}

/* What is wrong with the database the call finds again when it reads by itself,
 * and answers. What is only wrong with reading ahead is to be in the log. */
static bool
fail(struct call *call, const struct problem *problem)
{
	call->service->ahead->paused = time_monotonic() + FAILURE_PAUSE;
	if (call->response->warning.len == 0)
		call->response->warning = arena_printf(call->arena,
		    "requests were not read ahead: %.*s",
		    STR_FMT(problem->log));
	return false;
}

static bool
read_group(struct call *call, const struct group *group, struct ahead_read *ret)
{
	struct service *service = call->service;
	struct ahead *ahead = service->ahead;
	struct problem problem = { .arena = call->arena };
	struct statement statement =
	    sql_keys(call->arena, authenticate_versions(service),
		group->resource, group->asked, group->n);
	struct rows rows;

	arena_reset(ahead->arena);
	ahead->n = 0;
	if (db_run(service->db, ahead->arena, &statement, &rows, &problem) !=
	    OK)
		return fail(call, &problem);
	if (!are_complete(service, &rows))
		return false;
	hand_out(ahead, group, &rows, ret);
	return true;
}

bool
ahead_find(struct call *call, struct str hash, enum first_read first,
    struct ahead_read *ret)
{
	struct ahead *ahead = call->service->ahead;
	struct group *group;

	if (ahead == NULL || call->facts->ability != ABILITY_READ)
		return false;
	if (find_entry(ahead, call, hash, first, ret))
		return true;
	if (is_in_use(ahead) || time_monotonic() < ahead->paused)
		return false;
	group = ARENA_NEW(call->arena, struct group, 1);
	if (!join(group, call, hash, first))
		return false;
	gather(group, call);
	return group->n > 1 && read_group(call, group, ret);
}
