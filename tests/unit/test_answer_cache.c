/*
 * src/api/answer_cache.c
 */
#include <config.h>

#include "api/answer_cache.h"

#include <criterion/criterion.h>
#include <string.h>

#include "caching.h"

static bool
get_text(struct caching *f, const char *name, const char *body)
{
	return caching_get(f, str_of(name)) &&
	       str_equal_text(buf_str(&f->body), body);
}

/* Puts entries from..to, all of one size and not compressed. */
static void
put_many(struct caching *f, unsigned from, unsigned to)
{
	char bytes[1000];

	for (unsigned i = from; i < to; i++)
		caching_put(f, caching_name(f, i),
		    caching_body(bytes, sizeof(bytes), 0, i));
}

Test(answer_cache, gives_back_what_was_put)
{
	struct caching f;

	caching_begin(&f, 1 << 20);
	cr_expect_not(caching_get(&f, STR("/a")));
	caching_put(&f, STR("/a"), STR("body of a"));
	caching_put(&f, STR("/ab"), STR("body of ab"));
	caching_put(&f, STR(""), STR(""));
	cr_expect(get_text(&f, "/a", "body of a"));
	cr_expect(str_equal_text(f.kept.etag, "\"tag\""));
	cr_expect(get_text(&f, "/ab", "body of ab"));
	cr_expect(get_text(&f, "", ""));
	cr_expect_not(caching_get(&f, STR("/abc")));
	caching_end(&f);
}

Test(answer_cache, counts_hits_misses_and_bytes)
{
	struct caching f;
	struct answer_cache_counters counters;

	caching_begin(&f, 1 << 20);
	caching_get(&f, STR("/a"));
	caching_put(&f, STR("/a"), STR("body"));
	caching_get(&f, STR("/a"));
	caching_get(&f, STR("/a"));
	counters = answer_cache_counters(f.cache);
	cr_expect_eq(counters.hits, 2);
	cr_expect_eq(counters.misses, 1);
	cr_expect_gt(counters.bytes, strlen("/a\"tag\"body"));
	cr_expect_lt(counters.bytes, 200);
	caching_end(&f);
}

Test(answer_cache, a_newer_answer_takes_the_place_of_the_older)
{
	struct caching f;
	uint64_t bytes;

	caching_begin(&f, 1 << 20);
	caching_put(&f, STR("/a"), STR("first"));
	bytes = caching_bytes(&f);
	caching_put(&f, STR("/a"), STR("other"));
	cr_expect(get_text(&f, "/a", "other"));
	cr_expect_eq(caching_bytes(&f), bytes);
	caching_end(&f);
}

Test(answer_cache, companies_do_not_share_a_name)
{
	struct caching f;

	caching_begin(&f, 1 << 20);
	caching_put(&f, STR("/a"), STR("of company 1"));
	f.version.company_id = 2;
	cr_expect_not(caching_get(&f, STR("/a")));
	caching_put(&f, STR("/a"), STR("of company 2"));
	cr_expect(get_text(&f, "/a", "of company 2"));
	f.version.company_id = 1;
	cr_expect(get_text(&f, "/a", "of company 1"));
	caching_end(&f);
}

Test(answer_cache, an_answer_of_an_older_version_is_forgotten)
{
	static const struct data_version others[] = { { 1, 2, 1 }, { 1, 1, 2 },
		{ 1, 2, 2 }, { 1, 2, 0 }, { 1, 0, 2 } };

	for (size_t i = 0; i < N_ELEMENTS(others); i++) {
		struct caching f;
		struct data_version first;

		caching_begin(&f, 1 << 20);
		first = f.version;
		caching_put(&f, STR("/a"), STR("body"));
		f.version = others[i];
		cr_expect_not(caching_get(&f, STR("/a")), "case %zu", i);
		cr_expect_eq(caching_bytes(&f), 0, "case %zu", i);
		f.version = first;
		cr_expect_not(caching_get(&f, STR("/a")), "case %zu", i);
		caching_end(&f);
	}
}

/* A request may still be at work that read the versions before a change. */
Test(answer_cache, an_answer_of_a_newer_version_stays)
{
	static const struct data_version older[] = { { 1, 0, 1 }, { 1, 1, 0 },
		{ 1, 0, 0 } };

	for (size_t i = 0; i < N_ELEMENTS(older); i++) {
		struct caching f;
		struct data_version first;

		caching_begin(&f, 1 << 20);
		first = f.version;
		caching_put(&f, STR("/a"), STR("body"));
		f.version = older[i];
		cr_expect_not(caching_get(&f, STR("/a")), "case %zu", i);
		caching_put(&f, STR("/a"), STR("older"));
		cr_expect_not(caching_get(&f, STR("/a")), "case %zu", i);
		f.version = first;
		cr_expect(get_text(&f, "/a", "body"), "case %zu", i);
		caching_end(&f);
	}
}

Test(answer_cache, the_oldest_go_first)
{
	struct caching f;
	unsigned missing = 0;

	caching_begin(&f, 64 << 10);
	put_many(&f, 0, 1000);
	while (missing < 1000 && !caching_get(&f, caching_name(&f, missing)))
		missing++;
	cr_expect_leq(missing, 1000 - 50);
	for (unsigned i = missing; i < 1000; i++)
		cr_expect(caching_get(&f, caching_name(&f, i)), "%u", i);
	cr_expect_gt(caching_bytes(&f), 50 * 1000);
	cr_expect_leq(caching_bytes(&f), 64 << 10);
	caching_end(&f);
}

Test(answer_cache, what_is_asked_for_stays)
{
	struct caching f;

	caching_begin(&f, 64 << 10);
	caching_put(&f, STR("/used"), STR("body"));
	caching_put(&f, STR("/unused"), STR("body"));
	for (unsigned i = 0; i < 1000; i++) {
		put_many(&f, i, i + 1);
		cr_assert(get_text(&f, "/used", "body"), "%u", i);
	}
	cr_expect_not(caching_get(&f, STR("/unused")));
	caching_end(&f);
}

Test(answer_cache, what_was_asked_for_once_stays_once)
{
	struct caching f;

	caching_begin(&f, 64 << 10);
	caching_put(&f, STR("/used"), STR("body"));
	caching_get(&f, STR("/used"));
	put_many(&f, 0, 70);
	cr_expect_not(caching_get(&f, caching_name(&f, 0)));
	put_many(&f, 70, 200);
	cr_expect_not(caching_get(&f, STR("/used")));
	caching_end(&f);
}

Test(answer_cache, a_new_answer_finds_room_where_all_were_asked_for)
{
	struct caching f;
	unsigned before = 0, after = 0, oldest = 0;

	caching_begin(&f, 64 << 10);
	put_many(&f, 0, 200);
	while (oldest < 200 && !caching_get(&f, caching_name(&f, oldest)))
		oldest++;
	for (unsigned i = 0; i < 200; i++)
		before += caching_get(&f, caching_name(&f, i));
	put_many(&f, 200, 201);
	cr_expect(caching_get(&f, caching_name(&f, 200)));
	for (unsigned i = 0; i < 200; i++)
		after += caching_get(&f, caching_name(&f, i));
	cr_expect_eq(after, before - 1);
	cr_expect(caching_get(&f, caching_name(&f, oldest)),
	    "all were copied for one");
	caching_end(&f);
}

Test(answer_cache, a_stale_answer_is_not_kept_for_having_been_asked_for)
{
	static const struct data_version later[] = { { 1, 2, 1 }, { 2, 1, 2 } };

	for (size_t i = 0; i < N_ELEMENTS(later); i++) {
		struct caching f;
		struct data_version first;

		caching_begin(&f, 64 << 10);
		first = f.version;
		caching_put(&f, STR("/used"), STR("body"));
		caching_get(&f, STR("/used"));
		f.version = later[i];
		put_many(&f, 0, 70);
		f.version = first;
		cr_expect_not(caching_get(&f, STR("/used")), "case %zu", i);
		caching_end(&f);
	}
}

Test(answer_cache, a_change_of_one_company_costs_no_other_its_answers)
{
	struct caching f;

	caching_begin(&f, 64 << 10);
	caching_put(&f, STR("/used"), STR("body"));
	caching_get(&f, STR("/used"));
	f.version = (struct data_version){ 2, 7, 1 };
	put_many(&f, 0, 70);
	f.version = (struct data_version){ 1, 1, 1 };
	cr_expect(caching_get(&f, STR("/used")));
	caching_end(&f);
}

static const struct {
	const char *name;
	size_t len;
	unsigned percent_random;
	bool compressed;
} body_cases[] = {
	{ "short", 4095, 0, false },
	{ "just long enough", 4096, 0, true },
	{ "of no pattern", 20000, 100, false },
	{ "a fifth saved", 20000, 80, false },
	{ "two fifths saved", 20000, 60, true },
	{ "a long pattern", 60000, 1, true },
};

Test(answer_cache, compresses_where_that_saves_a_quarter)
{
	for (size_t i = 0; i < N_ELEMENTS(body_cases); i++) {
		struct caching f;
		char bytes[BODY_MAX];
		const char *name = body_cases[i].name;
		struct str body = caching_body(
		    bytes, body_cases[i].len, body_cases[i].percent_random, i);

		caching_begin(&f, 1 << 20);
		caching_put(&f, STR("/a"), body);
		cr_assert(caching_get(&f, STR("/a")), "%s", name);
		cr_expect(str_equal(buf_str(&f.body), body), "%s", name);
		cr_expect_eq(f.kept.size, body.len, "%s", name);
		cr_expect_eq(f.kept.stored.len < body.len,
		    body_cases[i].compressed, "%s", name);
		cr_expect_lt(
		    caching_bytes(&f), f.kept.stored.len + 200, "%s", name);
		caching_end(&f);
	}
}

Test(answer_cache, an_answer_is_appended_to_what_a_buffer_has)
{
	struct caching f;
	char bytes[5000];
	struct str body = caching_body(bytes, sizeof(bytes), 1, 1);

	caching_begin(&f, 1 << 20);
	caching_put(&f, STR("/a"), body);
	caching_get(&f, STR("/a"));
	buf_reset(&f.body);
	buf_add_text(&f.body, "before");
	answer_cache_add_body(&f.kept, &f.body);
	cr_expect(str_starts_with(buf_str(&f.body), STR("before")));
	cr_expect(str_equal(str_from(buf_str(&f.body), 6), body));
	caching_end(&f);
}

Test(answer_cache, an_answer_beyond_the_maximum_of_a_buffer_overflows_it)
{
	struct caching f;
	char bytes[5000];
	struct buf small;

	caching_begin(&f, 1 << 20);
	caching_put(&f, STR("/a"), caching_body(bytes, sizeof(bytes), 1, 1));
	caching_get(&f, STR("/a"));
	buf_init(&small, sizeof(bytes) - 1);
	answer_cache_add_body(&f.kept, &small);
	cr_expect(small.overflow);
	cr_expect_eq(small.len, 0);
	buf_done(&small);
	caching_end(&f);
}

Test(answer_cache, what_an_answer_takes_decides_whether_it_is_kept)
{
	struct caching f;
	char bytes[40000];

	caching_begin(&f, 64 << 10);
	caching_put(&f, STR("/a"), caching_body(bytes, sizeof(bytes), 1, 1));
	cr_expect(caching_get(&f, STR("/a")));
	caching_put(&f, STR("/a"), caching_body(bytes, sizeof(bytes), 100, 1));
	cr_expect_not(caching_get(&f, STR("/a")), "the older has gone");
	caching_put(&f, STR("/b"), caching_body(bytes, 9000, 100, 1));
	cr_expect_not(caching_get(&f, STR("/b")));
	caching_put(&f, STR("/b"), caching_body(bytes, 7000, 100, 1));
	cr_expect(caching_get(&f, STR("/b")));
	caching_end(&f);
}

Test(answer_cache, an_answer_that_is_too_large_empties_no_cache)
{
	struct caching f;
	char bytes[40000];
	unsigned kept = 0;

	caching_begin(&f, 64 << 10);
	put_many(&f, 0, 1000);
	for (unsigned i = 0; i < 100; i++)
		caching_put(
		    &f, STR("/a"), caching_body(bytes, sizeof(bytes), 100, i));
	for (unsigned i = 0; i < 1000; i++)
		kept += caching_get(&f, caching_name(&f, i));
	cr_expect_geq(kept, 40, "%u", kept);
	caching_end(&f);
}

Test(answer_cache, what_cannot_be_unpacked_overflows_the_buffer)
{
	static const struct {
		struct str stored;
		size_t size;
	} wrong[] = { { STR_CONST("no lz4"), 100 }, { STR_CONST(""), 1 },
		{ STR_CONST("\xff\xff\xff\xff"), 8 } };

	for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
		struct buf to;

		buf_init(&to, 1000);
		buf_add_text(&to, "before");
		answer_cache_unpack(wrong[i].stored, wrong[i].size, &to);
		cr_expect(to.overflow, "case %zu", i);
		cr_expect(str_equal_text(buf_str(&to), "before"));
		buf_done(&to);
	}
}

Test(answer_cache, one_of_no_bytes_holds_nothing)
{
	struct caching f;

	caching_begin(&f, 0);
	caching_put(&f, STR("/a"), STR("body"));
	cr_expect_not(caching_get(&f, STR("/a")));
	cr_expect_eq(caching_bytes(&f), 0);
	cr_expect_eq(answer_cache_counters(f.cache).misses, 1);
	caching_end(&f);
	answer_cache_free(NULL);
}
