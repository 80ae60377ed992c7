/*
 * src/api/authenticate.c: the form of a key, and what its cells mean
 */
#include <config.h>

#include "api/authenticate.h"

#include <criterion/criterion.h>

#include "engine/sql_key.h"

#define FORTY  "0123456789abcdefghijABCDEFGHIJ0123456789"
#define ONE    "cak_" FORTY
#define LONGER FORTY FORTY FORTY FORTY FORTY /* 200 */

static const struct {
	const char *authorization, *key;
	bool is_key;
} forms[] = {
	{ "", "", false },
	{ "Bearer ", "Bearer ", false },
	{ "Bearer", "Bearer", false },
	{ ONE, ONE, true },
	{ "Bearer " ONE, ONE, true },
	{ "bEARER " ONE, ONE, true },
	{ "Bearer    " ONE, ONE, true },
	{ "Basic " ONE, "Basic " ONE, false },
	{ "Bearer\t" ONE, "Bearer\t" ONE, false },
	{ "Bearer Bearer " ONE, "Bearer " ONE, false },
	{ ONE " ", ONE " ", false },
	{ "CAK_" FORTY, "CAK_" FORTY, false },
	{ "cak_" FORTY "-", "cak_" FORTY "-", false },
	{ "cak_0123456789", "cak_0123456789", false },
	/* 200 characters behind the prefix are looked up, more are not. */
	{ "cak_" LONGER, "cak_" LONGER, true },
	{ "cak_" LONGER "x", "cak_" LONGER "x", false },
};

Test(authenticate, finds_the_key_in_an_authorization_field)
{
	for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
		struct arena *arena = arena_new(1024);
		struct str authorization = str_of(forms[i].authorization);
		struct str hash;
		enum error error = principal_hash(arena, authorization, &hash);

		cr_expect(
		    str_equal_text(principal_key(authorization), forms[i].key),
		    "%s", forms[i].authorization);
		cr_expect_eq(error,
		    forms[i].is_key ? OK : ERROR_UNAUTHENTICATED, "%s",
		    forms[i].authorization);
		if (error == OK)
			cr_expect_eq(hash.len, 64);
		arena_free(arena);
	}
}

/* The scheme is not part of the key. */
Test(authenticate, hashes_the_key_alone)
{
	struct arena *arena = arena_new(1024);
	struct str with, without;

	cr_assert_eq(principal_hash(arena, STR("Bearer " ONE), &with), OK);
	cr_assert_eq(principal_hash(arena, STR(ONE), &without), OK);
	cr_expect(str_equal(with, without));
	arena_free(arena);
}

/* Recorded rows of sql_key(). */
static const struct {
	int64_t user_id, can[3], noted, versions[2];
	unsigned abilities;
	bool unnoted;
} rows[] = {
	{ 7, { 1, 1, 1 }, 1, { 3, 4 },
	    ABILITY_READ | ABILITY_WRITE | ABILITY_TEST, false },
	{ 0, { 0, 0, 0 }, 0, { 0, 0 }, 0, true },
	{ 0, { 1, 0, 0 }, 1, { 9, 1 }, ABILITY_READ, false },
	{ 0, { 0, 1, 0 }, 1, { 9, 1 }, ABILITY_WRITE, false },
	{ 0, { 0, 0, 1 }, 0, { 9, 1 }, ABILITY_TEST, true },
};

Test(authenticate, reads_the_cells_of_a_key)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct value cells[KEY_CELL__MAX] = {
			[KEY_CELL_ID] = value_int(5),
			[KEY_CELL_COMPANY_ID] = value_int(6),
			[KEY_CELL_USER_ID] = rows[i].user_id == 0
						 ? value_null()
						 : value_int(rows[i].user_id),
			[KEY_CELL_CAN_READ] = value_int(rows[i].can[0]),
			[KEY_CELL_CAN_WRITE] = value_int(rows[i].can[1]),
			[KEY_CELL_CAN_TEST] = value_int(rows[i].can[2]),
			[KEY_CELL_USE_IS_NOTED] = value_int(rows[i].noted),
			[KEY_CELL_IS_VALID] = value_int(1),
			[KEY_CELL_VERSION] = value_int(rows[i].versions[0]),
			[KEY_CELL_COMMON] = value_int(rows[i].versions[1]),
		};
		struct principal p = principal_read(cells);

		cr_expect_eq(p.key_id, 5);
		cr_expect_eq(p.company_id, 6);
		cr_expect_eq(p.user_id, rows[i].user_id);
		cr_expect_eq(p.abilities, rows[i].abilities, "%zu", i);
		cr_expect_eq(p.unnoted, rows[i].unnoted, "%zu", i);
		cr_expect_eq(p.version.company_id, 6);
		cr_expect_eq(p.version.company, rows[i].versions[0]);
		cr_expect_eq(p.version.common, rows[i].versions[1]);
	}
}

/* A key that was never used has null there. */
Test(authenticate, a_key_that_was_never_used_has_no_use_noted)
{
	struct value cells[KEY_CELL__MAX] = { [KEY_CELL_ID] = value_int(1) };

	cells[KEY_CELL_USE_IS_NOTED] = value_null();
	cr_expect(principal_read(cells).unnoted);
}
