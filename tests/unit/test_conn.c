/*
 * src/conn/conn.c
 */
#include <config.h>

#include "conn/conn.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

enum {
	ANN = 1,
	BOB = 1536
};

static struct conns conns;

static uint64_t
lease_of(struct conn *conn)
{
	return atomic_load(&conn->lease);
}

/* A connection in that state, since that time. */
static struct conn *
in_state(enum conn_state state, uint64_t since)
{
	struct conn *conn = conns_add(&conns, CONNS_MAX, ANN);

	cr_assert(conn != NULL);
	atomic_store(&conn->since, since);
	if (state == CONN_ANSWERED)
		cr_assert(conn_leave(conn, ANN, CONN_SERVED));
	if (state != CONN_OWNED)
		cr_assert(conn_leave(conn, ANN, state));
	return conn;
}

/* The picture in docs/architecture.md. */
Test(conn, steps_are_those_of_the_picture)
{
	static const char *const steps[CONN__MAX] = {
		[CONN_FREE] = "O",
		[CONN_OWNED] = "FOSIPR",
		[CONN_SERVED] = "FOA",
		[CONN_ANSWERED] = "FOIR",
		[CONN_IDLE] = "OR",
		[CONN_PARTIAL] = "OR",
		[CONN_READY] = "O",
	};
	static const char letters[] = "FOSAIPR";

	for (unsigned from = 0; from < CONN__MAX; from++)
		for (unsigned to = 0; to < CONN__MAX; to++) {
			struct conn conn = { .lease = 7ULL << 32 | from };
			bool expected =
			    strchr(steps[from], letters[to]) != NULL;

			cr_expect_eq(conn_move(&conn, lease_of(&conn),
					 (enum conn_state)to, ANN),
			    expected, "%u to %u", from, to);
			if (expected)
				cr_expect_eq(lease_state(lease_of(&conn)), to);
		}
}

Test(conn, one_owner_at_a_time)
{
	struct conn *conn = in_state(CONN_READY, 1);
	uint64_t ready = lease_of(conn);

	cr_expect_eq(lease_owner(ready), 0);
	cr_expect(conn_move(conn, ready, CONN_OWNED, ANN));
	cr_expect(!conn_move(conn, ready, CONN_OWNED, BOB));
	cr_expect_eq(lease_owner(lease_of(conn)), ANN);
	cr_expect(!conn_leave(conn, BOB, CONN_IDLE));
	cr_expect(conn_leave(conn, ANN, CONN_IDLE));
}

Test(conn, the_next_request_is_taken_from_who_only_sends_the_end)
{
	struct conn *conn = in_state(CONN_ANSWERED, 1);
	uint32_t generation = lease_generation(lease_of(conn));

	cr_expect_eq(lease_owner(lease_of(conn)), ANN);
	conn_notice(conn, generation, 5);
	cr_expect_eq(lease_state(lease_of(conn)), CONN_READY);
	cr_expect_eq(atomic_load(&conn->ready), 5);
	cr_expect(conn_move(conn, lease_of(conn), CONN_OWNED, BOB));
	cr_expect(!conn_leave(conn, ANN, CONN_IDLE));
	cr_expect_eq(lease_owner(lease_of(conn)), BOB);
}

Test(conn, what_a_dead_worker_looked_at_is_given_back_once_a_request)
{
	struct conn *conn = in_state(CONN_OWNED, 1);

	conn->need = 80;
	cr_expect(conn_give_back(conn, lease_of(conn), 5));
	cr_expect_eq(lease_state(lease_of(conn)), CONN_READY);
	cr_expect_eq(atomic_load(&conn->ready), 5);
	cr_expect_eq(
	    conn->need, 1, "what the dead one knew counts for nothing");
	cr_expect(conn_move(conn, lease_of(conn), CONN_OWNED, BOB));
	cr_expect(!conn_give_back(conn, lease_of(conn), 6), "it kills them");
	cr_expect(conn_leave(conn, BOB, CONN_SERVED));
	cr_expect(conn_leave(conn, BOB, CONN_ANSWERED));
	cr_expect(conn_move(conn, lease_of(conn), CONN_OWNED, ANN));
	cr_expect(conn_give_back(conn, lease_of(conn), 7), "the next request");
}

Test(conn, what_a_dead_worker_served_is_not_given_back)
{
	struct conn *conn = in_state(CONN_SERVED, 1);

	cr_expect(!conn_give_back(conn, lease_of(conn), 5));
	conn_leave(conn, ANN, CONN_ANSWERED);
	cr_expect(!conn_give_back(conn, lease_of(conn), 5));
	cr_expect(!conn_give_back(in_state(CONN_READY, 1), lease_of(conn), 5));
}

Test(conn, what_is_owned_or_has_ended_is_not_noticed)
{
	struct conn *conn = in_state(CONN_OWNED, 1);
	uint32_t generation = lease_generation(lease_of(conn));

	conn_notice(conn, generation, 5);
	cr_expect_eq(lease_state(lease_of(conn)), CONN_OWNED);
	conn_leave(conn, ANN, CONN_FREE);
	conn_notice(conn, generation, 5);
	cr_expect_eq(lease_state(lease_of(conn)), CONN_FREE);
	cr_expect_eq(in_state(CONN_IDLE, 1), conn);
	conn_notice(conn, generation, 5);
	cr_expect_eq(lease_state(lease_of(conn)), CONN_IDLE, "another one");
}

Test(conn, numbers_come_again_with_the_next_generation)
{
	struct conn *first = in_state(CONN_OWNED, 1);
	uint64_t lease = lease_of(first);

	conn_leave(first, ANN, CONN_FREE);
	cr_expect_eq(in_state(CONN_OWNED, 1), first);
	cr_expect_eq(
	    lease_generation(lease_of(first)), lease_generation(lease) + 1);
	cr_expect(!conn_move(first, lease, CONN_ANSWERED, ANN));
}

Test(conn, no_more_than_there_are_numbers)
{
	for (unsigned i = 0; i < 3; i++)
		cr_expect(conns_add(&conns, 3, ANN) != NULL);
	cr_expect(conns_add(&conns, 3, ANN) == NULL);
	cr_expect(conns_add(&conns, 0, ANN) == NULL);
	cr_expect_eq(conns_count(&conns, CONN_BIT(CONN_OWNED), CONN_ANY), 3);
}

static struct conn *
oldest(
    unsigned states, enum conn_kind kind, uint64_t before, uint64_t *ret_lease)
{
	const struct conn_choice choice = {
		.states = states, .kind = kind, .before = before
	};

	return conns_oldest(&conns, &choice, ret_lease);
}

Test(conn, the_oldest_of_a_kind)
{
	struct conn *idle = in_state(CONN_IDLE, 30);
	struct conn *part = in_state(CONN_PARTIAL, 20);
	struct conn *ready = in_state(CONN_READY, 10);
	uint64_t lease = 0;

	atomic_store(&idle->kept, true);
	atomic_store(&ready->ready, 100);
	cr_expect_eq(oldest(CONN_RESTING, CONN_ANY, UINT64_MAX, &lease), part);
	cr_expect_eq(lease, lease_of(part));
	cr_expect_eq(oldest(CONN_RESTING, CONN_KEPT, UINT64_MAX, &lease), idle);
	cr_expect_eq(
	    oldest(CONN_BIT(CONN_READY), CONN_NEW, 100, &lease), ready);
	cr_expect(oldest(CONN_BIT(CONN_READY), CONN_NEW, 99, &lease) == NULL);
	cr_expect(oldest(CONN_BIT(CONN_ANSWERED), CONN_ANY, UINT64_MAX,
		      &lease) == NULL);
}

/* What an owner takes next at a time. */
static struct conn *
next_for(unsigned owner, uint64_t now, bool unreserved)
{
	const struct conn_choice choice = { .states = CONN_BIT(CONN_READY),
		.before = UINT64_MAX,
		.now = now,
		.owner = owner,
		.unreserved = unreserved };
	uint64_t lease;

	return conns_oldest(&conns, &choice, &lease);
}

Test(conn, what_is_reserved_is_one_owners_first_and_not_for_others)
{
	struct conn *old = in_state(CONN_READY, 10);
	struct conn *mine = in_state(CONN_READY, 20);

	cr_expect(conn_reserve(mine, ANN, 100, 200));
	cr_expect_eq(next_for(ANN, 199, false), mine);
	cr_expect_eq(next_for(BOB, 199, false), old);
	cr_expect_eq(next_for(ANN, 199, true), old);
	cr_expect(conn_reserve(old, ANN, 100, 200));
	cr_expect(next_for(BOB, 199, false) == NULL);
	cr_expect(next_for(ANN, 199, true) == NULL);
	cr_expect_eq(next_for(BOB, 0, false), old, "it does not matter");
}

Test(conn, a_reservation_ends_with_its_time_or_its_request)
{
	struct conn *old = in_state(CONN_READY, 10);
	struct conn *conn = in_state(CONN_READY, 20);

	cr_expect(conn_reserve(conn, ANN, 100, 200));
	cr_expect(!conn_reserve(conn, BOB, 199, 300));
	cr_expect_eq(next_for(ANN, 200, false), old);
	cr_expect(conn_reserve(conn, BOB, 200, 300));
	cr_expect(!conn_reserve(conn, ANN, 200, 300));
	conn_begin(&conns, conn);
	cr_expect(conn_reserve(conn, ANN, 200, 300));
}

Test(conn, a_reservation_is_taken_back_by_its_owner)
{
	struct conn *conn = in_state(CONN_READY, 10);
	uint64_t ticket = conn_ticket(&conns, conn);

	cr_expect(conn_reserve(conn, ANN, 100, 200));
	conns_release(&conns, ticket, BOB);
	conns_release(&conns, ticket + CONNS_MAX, ANN);
	cr_expect(!conn_reserve(conn, BOB, 100, 200));
	conns_release(&conns, ticket, ANN);
	cr_expect(conn_reserve(conn, BOB, 100, 200));
}

Test(conn, each_request_has_a_ticket_of_its_own)
{
	struct conn *one = in_state(CONN_READY, 10);
	struct conn *other = in_state(CONN_READY, 10);
	uint64_t ticket = conn_ticket(&conns, one);

	cr_expect(ticket != 0 && conn_ticket(&conns, other) != 0);
	cr_expect_neq(ticket, conn_ticket(&conns, other));
	cr_expect_eq(conn_begin(&conns, one), ticket);
	cr_expect_neq(conn_ticket(&conns, one), ticket);
	cr_expect_neq(conn_ticket(&conns, one), conn_ticket(&conns, other));
}

/* A worker saw a request with which the connection ended, unread. */
Test(conn, nor_has_a_request_the_ticket_of_one_that_was_never_begun)
{
	static const enum conn_state states[] = { CONN_READY, CONN_IDLE,
		CONN_PARTIAL, CONN_SERVED };

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		struct conn *conn = in_state(states[i], 10);
		uint64_t ticket = conn_ticket(&conns, conn);

		cr_expect(conn_reserve(conn, BOB, 100, 200));
		conn_move(conn, lease_of(conn), CONN_OWNED, ANN);
		cr_expect(conn_move(conn, lease_of(conn), CONN_FREE, 0));
		cr_assert_eq(in_state(CONN_READY, 20), conn);
		cr_expect_neq(conn_ticket(&conns, conn), ticket);
		cr_expect(!conns_wait(&conns, ticket));
		cr_expect(conn_reserve(conn, ANN, 100, 200));
		conn_move(conn, lease_of(conn), CONN_OWNED, ANN);
		conn_move(conn, lease_of(conn), CONN_FREE, 0);
	}
}

Test(conn, words_that_nobody_wrote_do_no_harm)
{
	struct conn conn = { .lease = UINT64_MAX };

	cr_expect_eq(lease_state(lease_of(&conn)), CONN_FREE);
	cr_expect(!conn_move(&conn, lease_of(&conn), CONN_IDLE, ANN));
	atomic_store(&conns.used, UINT32_MAX);
	cr_expect_eq(conns_count(&conns, ~0U, CONN_ANY), CONNS_MAX);
}

/* Each takes it, counts without care and gives it back. */
static void
count(struct conn *conn, volatile unsigned *counter, unsigned owner)
{
	for (unsigned n = 0; n < 20000;) {
		uint64_t lease = lease_of(conn);

		if (lease_state(lease) != CONN_READY ||
		    !conn_move(conn, lease, CONN_OWNED, owner))
			continue;
		++*counter;
		n++;
		conn_leave(conn, owner, CONN_READY);
	}
}

Test(conn, processes_exclude_each_other)
{
	struct shared {
		struct conn conn;
		volatile unsigned counter;
	} *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	shared->conn.lease = CONN_READY;
	for (unsigned i = 1; i <= 4; i++)
		if (fork() == 0) {
			count(&shared->conn, &shared->counter, i);
			_exit(0);
		}
	while (wait(NULL) > 0)
		continue;
	cr_expect_eq(shared->counter, 80000);
}
