/*
 * src/api/implementation_cache.c
 */
#include <config.h>

#include "api/implementation_cache.h"

#include <criterion/criterion.h>

#include "schema/tables.h"

#define PLENTY (64 << 10)

static struct arena *arena;
static struct implementation_cache *cache;

static void
set_up(void)
{
	arena = arena_new(4096);
	cache = implementation_cache_new(PLENTY);
	implementation_cache_begin(cache, 1);
}

static void
tear_down(void)
{
	implementation_cache_free(cache);
	arena_free(arena);
}

TestSuite(implementation_cache, .init = set_up, .fini = tear_down);

/* An implementation with one variable, `key` with a default and required. */
static struct implementation
implementation(int64_t id, struct str key)
{
	const struct resource *rules = &resource_connectors;
	struct variable *v = ARENA_NEW(arena, struct variable, 1);

	v->values = ARENA_NEW(arena, struct value, rules->n_rules);
	v->stored = v->values;
	v->id = 7;
	v->values[variables_rule(rules, "key")] = value_text(key);
	v->values[variables_rule(rules, "value")] =
	    value_text(STR("a default"));
	v->values[variables_rule(rules, "pivot.required")] = value_int(1);
	return (struct implementation){ .id = id,
		.url = STR("https://{{host}}/token"),
		.protocol = STR("HTTP"),
		.variables = { .rules = rules, .all = v, .n = 1 } };
}

static void
put(int64_t owner_id, int64_t id)
{
	struct implementation i = implementation(id, STR("host"));

	implementation_cache_put(cache, owner_id, &i);
}

Test(implementation_cache, gives_back_what_was_put_when_the_original_is_gone)
{
	char key[] = "host";
	struct implementation i =
	    implementation(3, (struct str){ key, sizeof(key) - 1 });
	const struct implementation *found;
	const struct variable *v;

	implementation_cache_put(cache, 0, &i);
	key[0] = 'X';
	arena_reset(arena);
	found = implementation_cache_find(cache, 1, 3);
	cr_assert_not_null(found);
	cr_expect(str_equal(found->url, STR("https://{{host}}/token")));
	cr_expect_null(found->test_url.ptr);
	cr_expect(str_equal(found->protocol, STR("HTTP")));
	v = variables_find(&found->variables, STR("host"));
	cr_assert_not_null(v);
	cr_expect_eq(v->id, 7);
	cr_expect_null(v->sealed.ptr);
	cr_expect(str_equal(variable_value(&found->variables, v, "value")->text,
	    STR("a default")));
	cr_expect_eq(
	    variable_value(&found->variables, v, "label")->type, VALUE_NULL);
}

Test(implementation_cache, every_company_sees_what_is_everybodys)
{
	put(0, 3);
	cr_expect(implementation_cache_has(cache, 1, 3));
	cr_expect(implementation_cache_has(cache, 2, 3));
	cr_expect_not(implementation_cache_has(cache, 1, 4));
}

Test(implementation_cache, no_company_sees_what_is_of_another)
{
	put(2, 3);
	cr_expect(implementation_cache_has(cache, 2, 3));
	cr_expect_not(implementation_cache_has(cache, 1, 3));
	cr_expect_null(implementation_cache_find(cache, 1, 3));
}

Test(implementation_cache, what_is_put_twice_is_kept_once)
{
	const struct implementation *first;

	put(2, 3);
	first = implementation_cache_find(cache, 2, 3);
	put(2, 3);
	cr_expect_eq(implementation_cache_find(cache, 2, 3), first);
}

Test(implementation_cache, ids_that_share_a_bucket_are_different)
{
	put(0, 3);
	put(0, 3 + 256);
	cr_expect_eq(implementation_cache_find(cache, 1, 3)->id, 3);
	cr_expect_eq(implementation_cache_find(cache, 1, 3 + 256)->id, 3 + 256);
	cr_expect_not(implementation_cache_has(cache, 1, 3 + 512));
}

Test(implementation_cache, another_version_keeps_nothing)
{
	put(0, 3);
	implementation_cache_begin(cache, 1);
	cr_expect(implementation_cache_has(cache, 1, 3));
	implementation_cache_begin(cache, 2);
	cr_expect_not(implementation_cache_has(cache, 1, 3));
	put(0, 3);
	implementation_cache_begin(cache, 1);
	cr_expect_not(implementation_cache_has(cache, 1, 3));
}

Test(
    implementation_cache, holds_no_more_than_its_size_and_starts_anew_when_full)
{
	const struct implementation *first;
	int64_t id = 1;

	put(0, id);
	first = implementation_cache_find(cache, 1, 1);
	do
		put(0, ++id);
	while (id < 1000 && implementation_cache_has(cache, 1, id));
	cr_expect(id > 10 && (size_t)id < PLENTY / sizeof(struct value) / 20,
	    "%d were kept", (int)id);
	/* A request that uses the first one still may. */
	cr_expect_eq(implementation_cache_find(cache, 1, 1), first);
	cr_expect(str_equal(first->protocol, STR("HTTP")));
	implementation_cache_begin(cache, 1);
	cr_expect_not(implementation_cache_has(cache, 1, 1));
	put(0, id);
	cr_expect(implementation_cache_has(cache, 1, id));
}

Test(implementation_cache,
    what_would_empty_it_is_not_kept_and_costs_the_others_nothing)
{
	struct implementation large = implementation(4, STR("host"));
	char *url = arena_alloc(arena, PLENTY / 4);

	put(0, 3);
	large.url = (struct str){ url, PLENTY / 4 };
	implementation_cache_put(cache, 0, &large);
	implementation_cache_begin(cache, 1);
	cr_expect_not(implementation_cache_has(cache, 1, 4));
	cr_expect(implementation_cache_has(cache, 1, 3));
}

Test(implementation_cache, of_size_nothing_keeps_nothing)
{
	implementation_cache_free(cache);
	cache = implementation_cache_new(0);
	implementation_cache_begin(cache, 1);
	put(0, 3);
	cr_expect_null(implementation_cache_find(cache, 1, 3));
	cr_expect_eq(implementation_cache_counters(cache).misses, 1);
}

Test(implementation_cache, counts_what_was_looked_for)
{
	put(0, 3);
	implementation_cache_find(cache, 1, 3);
	implementation_cache_find(cache, 1, 3);
	implementation_cache_find(cache, 1, 4);
	implementation_cache_has(cache, 1, 3);
	cr_expect_eq(implementation_cache_counters(cache).hits, 2);
	cr_expect_eq(implementation_cache_counters(cache).misses, 1);
}
