/*
 * A claim is one word, so that each step of it is one comparison and exchange.
 */
#include <config.h>

#include "conn/claims.h"

/* The word: generation in the upper half, below it the taker, then flags. */
#define GENERATION_SHIFT 32
#define TAKER_SHIFT      16
#define USED             UINT64_C(1)
#define WANTED           UINT64_C(2) /* another found it taken */
#define ANSWERED         UINT64_C(4) /* see claims_answered() */

static uint64_t
word_of(uint32_t generation, unsigned taker, uint64_t flags)
{
	return (uint64_t)generation << GENERATION_SHIFT |
	       (uint64_t)(taker & 0xffff) << TAKER_SHIFT | flags;
}

static uint32_t
generation_of(uint64_t word)
{
	return (uint32_t)(word >> GENERATION_SHIFT);
}

/* 0: nobody. */
static unsigned
taker_of(uint64_t word)
{
	return (unsigned)(word >> TAKER_SHIFT) & 0xffff;
}

struct claim *
claims_at(struct claims *claims, struct claim_name name)
{
	return name.number < CLAIMS_MAX ? &claims->all[name.number] : NULL;
}

/* The next generation of a number, if its word is still this one. */
static bool
begin(struct claims *claims, uint32_t number, uint64_t word, unsigned taker,
    struct claim_name *ret)
{
	struct claim *claim = &claims->all[number];
	uint32_t generation = generation_of(word) + 1;

	if (!atomic_compare_exchange_strong(
		&claim->word, &word, word_of(generation, taker, USED)))
		return false;
	atomic_store(&claim->seats, 0);
	*ret = (struct claim_name){ number, generation };
	return true;
}

/* The number that rested longest; CLAIMS_MAX: all are taken. */
static uint32_t
oldest(struct claims *claims, uint64_t *ret_word)
{
	uint32_t found = CLAIMS_MAX;
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < CLAIMS_MAX; i++) {
		uint64_t word = atomic_load(&claims->all[i].word);
		uint64_t since = atomic_load(&claims->all[i].since);

		if (taker_of(word) != 0 || since >= least)
			continue;
		found = i;
		least = since;
		*ret_word = word;
	}
	return found;
}

void
claims_sit(struct claims *claims, unsigned seat)
{
	unsigned before = atomic_fetch_or(&claims->occupied, 1U << seat);

	if ((before & 1U << seat) != 0)
		atomic_store(&claims->crowded, true);
}

void
claims_leave(struct claims *claims, unsigned seat)
{
	atomic_fetch_and(&claims->occupied, ~(1U << seat));
	atomic_fetch_and(&claims->resting, ~(1U << seat));
}

bool
claims_add(struct claims *claims, unsigned taker, struct claim_name *ret)
{
	uint64_t word = 0;
	uint32_t number;

	for (uint32_t i = 0; i < CLAIMS_MAX; i++) {
		word = atomic_load(&claims->all[i].word);
		if ((word & USED) == 0 && begin(claims, i, word, taker, ret))
			return true;
	}
	number = oldest(claims, &word);
	return number < CLAIMS_MAX && begin(claims, number, word, taker, ret);
}

enum claim_answer
claims_take(
    struct claims *claims, struct claim_name name, unsigned taker, bool want)
{
	struct claim *claim = claims_at(claims, name);
	uint64_t word = claim == NULL ? 0 : atomic_load(&claim->word);

	for (;;) {
		bool taken = taker_of(word) != 0;
		uint64_t next = !taken ? word_of(name.generation, taker, USED)
				: want ? word | WANTED
				       : word;

		if ((word & USED) == 0 ||
		    generation_of(word) != name.generation)
			return CLAIM_GONE;
		if (next == word ||
		    atomic_compare_exchange_weak(&claim->word, &word, next))
			return taken ? CLAIM_BUSY : CLAIM_OURS;
	}
}

bool
claims_lives(struct claims *claims, struct claim_name name)
{
	struct claim *claim = claims_at(claims, name);
	uint64_t word = claim == NULL ? 0 : atomic_load(&claim->word);

	return (word & USED) != 0 && generation_of(word) == name.generation;
}

void
claims_seen(struct claims *claims, struct claim_name name)
{
	atomic_fetch_and(&claims->all[name.number].word, ~WANTED);
}

void
claims_answered(struct claims *claims, struct claim_name name)
{
	atomic_fetch_or(&claims->all[name.number].word, ANSWERED);
}

bool
claims_is_answered(struct claims *claims, struct claim_name name)
{
	return (atomic_load(&claims->all[name.number].word) & ANSWERED) != 0;
}

bool
claims_take_over(struct claims *claims, struct claim_name name, unsigned taker)
{
	struct claim *claim = &claims->all[name.number];
	uint64_t word = atomic_load(&claim->word);

	return generation_of(word) == name.generation &&
	       (word & ANSWERED) != 0 &&
	       atomic_compare_exchange_strong(
		   &claim->word, &word, word_of(name.generation, taker, USED));
}

/* Puts a word in the place of one that says that taker has it; false: it does
 * not. */
static bool
leave(struct claim *claim, struct claim_name name, unsigned taker,
    uint64_t flags, uint64_t *ret_before)
{
	uint64_t word = atomic_load(&claim->word);

	do {
		if (generation_of(word) != name.generation ||
		    taker_of(word) != taker)
			return false;
	} while (!atomic_compare_exchange_weak(
	    &claim->word, &word, word_of(name.generation, 0, flags)));
	*ret_before = word;
	return true;
}

bool
claims_give_back(struct claims *claims, struct claim_name name, unsigned taker)
{
	uint64_t before;

	return leave(&claims->all[name.number], name, taker, USED, &before) &&
	       (before & WANTED) != 0;
}

bool
claims_end(struct claims *claims, struct claim_name name, unsigned taker)
{
	uint64_t before;

	return leave(&claims->all[name.number], name, taker, 0, &before);
}

size_t
claims_bury(struct claims *claims, unsigned taker, unsigned seat)
{
	size_t n = 0;

	for (uint32_t i = 0; i < CLAIMS_MAX; i++) {
		struct claim *claim = &claims->all[i];
		struct claim_name name = { i,
			generation_of(atomic_load(&claim->word)) };

		atomic_fetch_and(&claim->seats, ~(1U << seat));
		n += claims_end(claims, name, taker);
	}
	return n;
}
