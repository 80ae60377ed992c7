/*
 * src/api/ahead.c on recorded rows: what is asked for requests that wait, and
 * what is used of it.
 */
#include <config.h>

#include "api/ahead.h"

#include <criterion/criterion.h>

#include "api/authenticate.h"
#include "api/call.h"
#include "base/buf.h"
#include "recorded.h"
#include "secret/secret.h"

#define KEY_A "cak_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "cak_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LIST  "/api/v1/connectors"

/* What is asked for one key, and for several at once. */
#define ALONE(cells)    ANSWER("SELECT api_keys *", cells)
#define TOGETHER(cells) ANSWER("SELECT (SELECT *", cells)
/* The cells of a key of a company, with one node. */
#define CELLS(company) "5 " company " - 1 0 0 1 1 3 4 1"

enum {
	MOST = 3,
	TICKET = 70 /* of the first that waits; each further one the next */
};

static struct {
	struct arena *arena;
	struct service *service;
	struct request waiting[MOST];
	size_t n_waiting;
	bool waits;     /* what was looked at */
	unsigned looks; /* how often */
	uint64_t left;  /* to other workers: the last ticket */
	struct call call;
	struct response response;
} fake;

static size_t
look(void *context, struct arena *arena, struct request *ret, size_t max)
{
	(void)context;
	fake.looks++;
	for (size_t i = 0; i < fake.n_waiting && i < max; i++) {
		ret[i] = fake.waiting[i];
		ret[i].arena = arena;
	}
	return fake.n_waiting < max ? fake.n_waiting : max;
}

static void
leave(void *context, uint64_t ticket)
{
	(void)context;
	fake.left = ticket;
}

static bool
waits(void *context, uint64_t ticket)
{
	(void)context;
	return fake.waits && ticket >= TICKET;
}

static struct str
hash_of(const char *key)
{
	struct str hash;

	cr_assert_eq(principal_hash(fake.arena, str_of(key), &hash), OK);
	return hash;
}

static void
set_up(void)
{
	static const struct ahead_source source = { NULL, look, leave, waits };
	struct problem problem = { 0 };

	cr_assert_eq(secret_start(&problem), OK);
	fake.arena = arena_new(65536);
	fake.service = calloc(1, sizeof(*fake.service));
	fake.service->key_hints = key_hints_new();
	fake.service->cache = answer_cache_new(0);
	fake.service->ahead = ahead_new(MOST, &source);
	key_hint_keep(fake.service->key_hints, hash_of(KEY_A), 6);
	key_hint_keep(fake.service->key_hints, hash_of(KEY_B), 7);
}

static void
tear_down(void)
{
	ahead_free(fake.service->ahead);
	answer_cache_free(fake.service->cache);
	key_hints_free(fake.service->key_hints);
	free(fake.service);
	arena_free(fake.arena);
}

TestSuite(ahead, .init = set_up, .fini = tear_down);

static struct request
request_of(const char *key, const char *path, uint64_t ticket)
{
	return (struct request){ .arena = fake.arena,
		.method = METHOD_GET,
		.path = str_of(path),
		.query = STR(""),
		.authorization = str_of(key),
		.ticket = ticket };
}

static void
let_wait(const char *key, const char *path)
{
	uint64_t ticket = TICKET + fake.n_waiting;

	fake.waiting[fake.n_waiting++] = request_of(key, path, ticket);
}

/* Serves a request as far as its key. */
static void
expect_error(struct request request, enum error error, int64_t company)
{
	struct call *call = &fake.call;

	fake.response = (struct response){ 0 };
	*call = (struct call){ .service = fake.service,
		.request = &request,
		.arena = fake.arena,
		.response = &fake.response,
		.problem = { .arena = fake.arena } };
	cr_assert_eq(call_find_route(call), OK);
	cr_expect_eq(authenticate(call), error);
	cr_expect_eq(call->principal.company_id, company);
}

/* company 0: it is refused. */
static void
expect(struct request request, int64_t company)
{
	expect_error(
	    request, company == 0 ? ERROR_UNAUTHENTICATED : OK, company);
}

#define RECORD(...)                                            \
	fake.service->db = recorded_begin(fake.arena,          \
	    (const struct recorded[]){ __VA_ARGS__ },          \
	    sizeof((const struct recorded[]){ __VA_ARGS__ }) / \
		sizeof(struct recorded))

Test(ahead, keys_of_requests_that_wait_are_read_in_one_statement)
{
	RECORD(TOGETHER("0 " CELLS("6") " 15;1 " CELLS("7") " 16"));
	let_wait(KEY_B, LIST);
	expect(request_of(KEY_A, LIST, 1), 6);
	cr_expect_eq(call_first(&fake.call)->cells[0].integer, 15);
	fake.n_waiting = 0;
	expect(request_of(KEY_B, LIST, TICKET), 7);
	cr_expect_eq(call_first(&fake.call)->cells[0].integer, 16);
	cr_expect_eq(ahead_count(fake.service->ahead), 1);
	recorded_end("two lists");
}

/* It may take long. */
Test(ahead, a_write_reads_nothing_ahead)
{
	struct request request = request_of(KEY_A, LIST, 1);

	RECORD(ALONE(CELLS("6")));
	let_wait(KEY_B, LIST);
	request.method = METHOD_POST;
	expect_error(request, ERROR_FORBIDDEN, 6);
	cr_expect_eq(fake.looks, 0);
	recorded_end("a write");
}

Test(ahead, a_request_alone_is_read_alone)
{
	RECORD(ALONE(CELLS("6")), ALONE(CELLS("6")));
	expect(request_of(KEY_A, LIST, 1), 6);
	expect(request_of(KEY_A, LIST, 0), 6);
	recorded_end("nobody waits");
}

Test(ahead, what_was_read_is_used_once)
{
	RECORD(TOGETHER("0 " CELLS("6") " 1;1 " CELLS("7") " 1"),
	    ALONE(CELLS("7")));
	let_wait(KEY_B, LIST);
	expect(request_of(KEY_A, LIST, 1), 6);
	fake.n_waiting = 0;
	expect(request_of(KEY_B, LIST, TICKET), 7);
	expect(request_of(KEY_B, LIST, TICKET), 7);
	recorded_end("used twice");
}

/* A ticket may be wrong, in memory that somebody damaged; a key never is. */
static const struct {
	const char *what, *key;
	uint64_t ticket;
	const char *cells; /* of the key when it is read */
	int64_t company;
} others[] = {
	{ "another key", KEY_A, TICKET, CELLS("6"), 6 },
	{ "another request", KEY_B, TICKET + 9, CELLS("7"), 7 },
	{ "one that nobody can have looked at", KEY_B, 0, CELLS("7"), 7 },
};

Test(ahead, what_was_read_is_not_used_for_another_request)
{
	for (size_t i = 0; i < N_ELEMENTS(others); i++) {
		RECORD(TOGETHER("0 " CELLS("6") " 1;1 " CELLS("7") " 1"),
		    ALONE(others[i].cells));
		fake.n_waiting = 0;
		let_wait(KEY_B, LIST);
		expect(request_of(KEY_A, LIST, 1), 6);
		fake.n_waiting = 0;
		expect(request_of(others[i].key, LIST, others[i].ticket),
		    others[i].company);
		recorded_end(others[i].what);
	}
}

/* Each in place of the second of two that wait. */
static const struct {
	const char *what, *key, *path;
	enum method method;
} passed_over[] = {
	{ "a key that was never good",
	    "cak_ccccccccccccccccccccccccccccccccccc"
	    "ccccccccc",
	    LIST, METHOD_GET },
	{ "no key", "Basic x", LIST, METHOD_GET },
	{ "a write", KEY_B, LIST, METHOD_POST },
	{ "a change", KEY_B, LIST "/7", METHOD_PUT },
	{ "no route", KEY_B, "/api/v1/nothing", METHOD_GET },
	{ "which methods there are", KEY_B, LIST, METHOD_OPTIONS },
	{ "named by a key", KEY_B, LIST "/abc", METHOD_GET },
	{ "another resource", KEY_B, "/api/v1/systems/7", METHOD_GET },
};

Test(ahead, others_are_passed_over)
{
	for (size_t i = 0; i < N_ELEMENTS(passed_over); i++) {
		RECORD(ALONE(CELLS("6")));
		fake.n_waiting = 0;
		let_wait(passed_over[i].key, passed_over[i].path);
		fake.waiting[0].method = passed_over[i].method;
		expect(request_of(KEY_A, LIST, 1), 6);
		cr_expect_eq(fake.left, TICKET, "%s", passed_over[i].what);
		fake.left = 0;
		recorded_end(passed_over[i].what);
	}
}

Test(ahead, a_key_that_is_gone_is_refused_and_keeps_no_other_from_its_own)
{
	RECORD(TOGETHER("1 " CELLS("7") " 1"));
	let_wait(KEY_B, LIST);
	expect(request_of(KEY_A, LIST, 1), 0);
	expect(request_of(KEY_B, LIST, TICKET), 7);
	recorded_end("the first is gone");
	RECORD(TOGETHER("0 " CELLS("6") " 1"), ALONE(""));
	expect(request_of(KEY_A, LIST, 1), 6);
	fake.n_waiting = 0;
	expect(request_of(KEY_B, LIST, TICKET), 0);
	recorded_end("the other is gone");
}

Test(ahead, a_row_comes_along_for_the_id_that_was_asked_for)
{
	RECORD(TOGETHER("0 " CELLS("6") " 15 - ;1 " CELLS("7") " 16 33"),
	    TOGETHER("0 " CELLS("6") " 15 - ;1 " CELLS("7") " 16 33"));
	let_wait(KEY_B, LIST "/33");
	expect(request_of(KEY_A, LIST, 1), 6);
	expect(request_of(KEY_B, LIST "/33", TICKET), 7);
	cr_expect_eq(call_first(&fake.call)->cells[0].integer, 33);
	expect(request_of(KEY_A, LIST, 1), 6);
	expect(request_of(KEY_B, LIST "/34", TICKET), 7);
	cr_expect_null(call_first(&fake.call));
	recorded_end("a list and a show");
}

Test(ahead, nothing_more_is_read_while_something_waits_to_be_used)
{
	RECORD(TOGETHER("0 " CELLS("6") " 1;1 " CELLS("7") " 1"),
	    ALONE(CELLS("6")),
	    TOGETHER("0 " CELLS("6") " 1;1 " CELLS("7") " 1"));
	let_wait(KEY_B, LIST);
	fake.waits = true;
	expect(request_of(KEY_A, LIST, 1), 6);
	expect(request_of(KEY_A, LIST, 0), 6);
	cr_expect_eq(fake.looks, 1);
	fake.waits = false;
	expect(request_of(KEY_A, LIST, 2), 6);
	recorded_end("taken by another worker");
}

/* Versions that lack another node's part are not used, nor kept. */
Test(ahead, versions_of_many_nodes_are_read_again)
{
	RECORD(TOGETHER("0 5 6 - 1 0 0 1 1 3 4 0 1;1 " CELLS("7") " 1"),
	    ANSWER("SELECT data_versions *", "5 6 - 1 0 0 1 1 30 40 0"),
	    ANSWER("SELECT data_versions *", "5 7 - 1 0 0 1 1 30 40 0"));
	let_wait(KEY_B, LIST);
	expect(request_of(KEY_A, LIST, 1), 6);
	cr_expect_eq(fake.call.principal.version.company, 30);
	fake.n_waiting = 0;
	expect(request_of(KEY_B, LIST, TICKET), 7);
	cr_expect_eq(fake.call.principal.version.company, 30);
	recorded_end("another node has written");
}

Test(ahead, a_request_is_read_alone_when_reading_ahead_fails)
{
	RECORD({ .asked = "SELECT (SELECT *", .error = ERROR_INTERNAL },
	    ALONE(CELLS("6")), ALONE(CELLS("6")));
	let_wait(KEY_B, LIST);
	expect(request_of(KEY_A, LIST, 1), 6);
	cr_expect(str_starts_with(
	    fake.response.warning, STR("requests were not read ahead: ")));
	expect(request_of(KEY_A, LIST, 2), 6);
	cr_expect_eq(fake.looks, 1, "not tried with each request");
	recorded_end("no such statement");
}
