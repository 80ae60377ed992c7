/*
 * src/conn/claims.c
 */
#include <config.h>

#include "conn/claims.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Takers, and a seat. */
enum {
	ANN = 1,
	BOB = 65535,
	SEAT = 3
};

static struct claims claims;

/* A connection that nobody has taken. */
static struct claim_name
resting(void)
{
	struct claim_name name;

	cr_assert(claims_add(&claims, ANN, &name));
	claims_give_back(&claims, name, ANN);
	return name;
}

static enum claim_answer
take(struct claim_name name, unsigned taker)
{
	return claims_take(&claims, name, taker, false);
}

Test(claims, one_at_a_time_has_it)
{
	struct claim_name name = resting();

	cr_expect_eq(take(name, ANN), CLAIM_OURS);
	cr_expect_eq(take(name, BOB), CLAIM_BUSY);
	cr_expect_eq(take(name, ANN), CLAIM_BUSY);
	cr_expect(!claims_give_back(&claims, name, ANN));
	cr_expect_eq(take(name, BOB), CLAIM_OURS);
}

Test(claims, a_new_one_is_its_makers)
{
	struct claim_name a, b;

	cr_assert(claims_add(&claims, ANN, &a));
	cr_assert(claims_add(&claims, ANN, &b));
	cr_expect_neq(a.number, b.number);
	cr_expect_eq(take(a, BOB), CLAIM_BUSY);
}

Test(claims, who_wanted_it_is_remembered_until_it_is_given_back)
{
	struct claim_name name = resting();

	take(name, ANN);
	cr_expect_eq(claims_take(&claims, name, BOB, true), CLAIM_BUSY);
	cr_expect(claims_give_back(&claims, name, ANN));
	take(name, ANN);
	cr_expect(!claims_give_back(&claims, name, ANN));
}

/* What another saw before was what has been read. */
Test(claims, who_wanted_it_before_it_was_read_does_not_count)
{
	struct claim_name name = resting();

	take(name, ANN);
	claims_take(&claims, name, BOB, true);
	claims_seen(&claims, name);
	cr_expect(!claims_give_back(&claims, name, ANN));
}

Test(claims, nobody_takes_over_before_the_answer)
{
	struct claim_name name = resting();

	take(name, ANN);
	cr_expect(!claims_is_answered(&claims, name));
	cr_expect(!claims_take_over(&claims, name, BOB));
}

Test(claims, who_was_taken_over_from_has_no_say)
{
	struct claim_name name = resting();

	take(name, ANN);
	claims_answered(&claims, name);
	cr_expect(claims_is_answered(&claims, name));
	cr_expect(claims_take_over(&claims, name, BOB));
	cr_expect(!claims_give_back(&claims, name, ANN));
	cr_expect(!claims_end(&claims, name, ANN));
	cr_expect_eq(take(name, ANN), CLAIM_BUSY);
	cr_expect(!claims_is_answered(&claims, name));
	claims_give_back(&claims, name, BOB);
	cr_expect_eq(take(name, ANN), CLAIM_OURS);
}

Test(claims, one_that_ended_is_gone_for_all)
{
	struct claim_name name = resting(), next;

	take(name, ANN);
	cr_expect(claims_lives(&claims, name));
	cr_expect(claims_end(&claims, name, ANN));
	cr_expect(!claims_lives(&claims, name));
	cr_expect_eq(take(name, BOB), CLAIM_GONE);
	cr_expect(!claims_take_over(&claims, name, BOB));
	next = resting();
	cr_expect_eq(next.number, name.number);
	cr_expect_eq(take(name, BOB), CLAIM_GONE, "the number, not the name");
	cr_expect_eq(take(next, BOB), CLAIM_OURS);
}

Test(claims, a_number_beyond_the_last_is_none)
{
	struct claim_name name = { .number = CLAIMS_MAX };

	cr_expect_eq(take(name, ANN), CLAIM_GONE);
	cr_expect(!claims_lives(&claims, name));
	cr_expect_null(claims_at(&claims, name));
}

Test(claims, when_all_are_in_use_the_one_that_rested_longest_makes_room)
{
	struct claim_name all[CLAIMS_MAX], name;

	for (size_t i = 0; i < CLAIMS_MAX; i++) {
		all[i] = resting();
		atomic_store(&claims_at(&claims, all[i])->since, 1000 + i);
	}
	atomic_store(&claims_at(&claims, all[7])->since, 1);
	atomic_store(&claims_at(&claims, all[8])->since, 0);
	take(all[8], BOB);
	cr_assert(claims_add(&claims, ANN, &name));
	cr_expect_eq(name.number, all[7].number);
	cr_expect_eq(take(all[7], BOB), CLAIM_GONE);
	cr_expect_eq(take(all[8], ANN), CLAIM_BUSY);
}

Test(claims, when_all_are_taken_there_is_no_room)
{
	struct claim_name name;

	for (size_t i = 0; i < CLAIMS_MAX; i++)
		cr_assert(claims_add(&claims, ANN, &name));
	cr_expect(!claims_add(&claims, BOB, &name));
}

Test(claims, a_dead_workers_end_and_its_seat_has_no_copies)
{
	struct claim_name his = resting(), hers = resting(), free = resting();

	take(his, BOB);
	take(hers, ANN);
	atomic_store(&claims_at(&claims, hers)->seats, 1U << SEAT | 1);
	cr_expect_eq(claims_bury(&claims, BOB, SEAT), 1);
	cr_expect_eq(take(his, ANN), CLAIM_GONE);
	cr_expect_eq(take(hers, ANN), CLAIM_BUSY);
	cr_expect_eq(take(free, ANN), CLAIM_OURS);
	cr_expect_eq(atomic_load(&claims_at(&claims, hers)->seats), 1);
	cr_expect_eq(claims_bury(&claims, BOB, SEAT), 0);
}

Test(claims, seats)
{
	claims_sit(&claims, SEAT);
	claims_sit(&claims, 0);
	cr_expect_eq(atomic_load(&claims.occupied), 1U << SEAT | 1);
	claims_leave(&claims, SEAT);
	cr_expect_eq(atomic_load(&claims.occupied), 1);
	claims_sit(&claims, SEAT);
	cr_expect(!atomic_load(&claims.crowded));
	claims_sit(&claims, SEAT);
	cr_expect(atomic_load(&claims.crowded));
}

/* What two processes do to each other. */
struct contest {
	struct claims claims;
	struct claim_name name;
	atomic_uint inside;
	atomic_uint together;
	atomic_uint turns;
};

static void
contend(struct contest *c, unsigned taker)
{
	for (unsigned i = 0; i < 20000;) {
		if (claims_take(&c->claims, c->name, taker, (i & 1) != 0) !=
		    CLAIM_OURS)
			continue;
		if (atomic_fetch_add(&c->inside, 1) != 0)
			atomic_fetch_add(&c->together, 1);
		claims_seen(&c->claims, c->name);
		atomic_fetch_sub(&c->inside, 1);
		claims_give_back(&c->claims, c->name, taker);
		atomic_fetch_add(&c->turns, 1);
		i++;
	}
}

Test(claims, two_processes_never_have_it_together)
{
	struct contest *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	cr_assert_neq(c, MAP_FAILED);
	cr_assert(claims_add(&c->claims, ANN, &c->name));
	claims_give_back(&c->claims, c->name, ANN);
	child = fork();
	cr_assert_geq(child, 0);
	contend(c, child == 0 ? ANN : BOB);
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	cr_expect_eq(atomic_load(&c->turns), 40000);
	cr_expect_eq(atomic_load(&c->together), 0);
	munmap(c, sizeof(*c));
}
