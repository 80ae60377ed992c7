/*
 * src/engine/page.c
 */
#include <config.h>

#include "engine/page.h"

#include <criterion/criterion.h>

#include "http/uri.h"

#define URL "http://h/api/v1/connectors"

static struct str
encode(struct arena *arena, const struct page *page)
{
	struct buf b;
	struct str text;

	buf_init(&b, 1 << 20);
	buf_add_char(&b, '{');
	page_encode(arena, &b, page);
	buf_add_char(&b, '}');
	cr_assert_not(b.overflow);
	text = arena_copy(arena, buf_str(&b));
	buf_done(&b);
	return text;
}

/* What stands behind the next mark, up to the end byte; cuts it off *rest. */
static bool
next_after(struct str *rest, struct str mark, char end, struct str *ret)
{
	while (rest->len > 0 && !str_starts_with(*rest, mark))
		*rest = str_from(*rest, 1);
	if (rest->len == 0)
		return false;
	*rest = str_from(*rest, mark.len);
	*ret = (struct str){ rest->ptr, str_find(*rest, end) };
	*rest = str_from(*rest, ret->len);
	return true;
}

/* The labels between the two arrows, the active one in brackets. */
static struct str
labels(struct arena *arena, struct str json)
{
	struct str text = STR(""), label, active;

	while (next_after(&json, STR("\"label\":\""), '"', &label)) {
		bool is_active;

		cr_assert(next_after(&json, STR("\"active\":"), '}', &active));
		if (str_starts_with(label, STR("&laquo;")) ||
		    str_ends_with(label, STR("&raquo;")))
			continue;
		is_active = str_equal(active, STR("true"));
		text = arena_printf(arena, "%.*s %s%.*s%s", STR_FMT(text),
		    is_active ? "[" : "", STR_FMT(label), is_active ? "]" : "");
	}
	return text;
}

static const struct {
	int64_t last, number;
	const char *labels;
} windows[] = {
	{ 1, 1, " [1]" },
	{ 1, 2, " 1" },
	{ 10, 7, " 1 2 3 4 5 6 [7] 8 9 10" },
	{ 13, 9, " 1 2 3 4 5 6 7 8 [9] 10 11 12 13" },
	{ 14, 1, " [1] 2 3 4 5 6 7 8 9 10 ... 13 14" },
	{ 14, 7, " 1 2 3 4 5 6 [7] 8 9 10 ... 13 14" },
	{ 14, 8, " 1 2 ... 5 6 7 [8] 9 10 11 12 13 14" },
	{ 15, 8, " 1 2 ... 5 6 7 [8] 9 10 11 ... 14 15" },
	{ 15, 9, " 1 2 ... 6 7 8 [9] 10 11 12 13 14 15" },
	{ 30, 7, " 1 2 3 4 5 6 [7] 8 9 10 ... 29 30" },
	{ 30, 8, " 1 2 ... 5 6 7 [8] 9 10 11 ... 29 30" },
	{ 30, 15, " 1 2 ... 12 13 14 [15] 16 17 18 ... 29 30" },
	{ 30, 23, " 1 2 ... 20 21 22 [23] 24 25 26 ... 29 30" },
	{ 30, 24, " 1 2 ... 21 22 23 [24] 25 26 27 28 29 30" },
	{ 30, 30, " 1 2 ... 21 22 23 24 25 26 27 28 29 [30]" },
	{ 30, 99, " 1 2 ... 21 22 23 24 25 26 27 28 29 30" },
};

Test(page, shows_the_window_of_the_reference)
{
	for (size_t i = 0; i < N_ELEMENTS(windows); i++) {
		struct arena *arena = arena_new(16384);
		struct page page = { .url = STR(URL),
			.number = windows[i].number,
			.per_page = 1,
			.total = windows[i].last };
		struct str shown = labels(arena, encode(arena, &page));

		cr_expect(str_equal_text(shown, windows[i].labels),
		    "%lld of %lld:%.*s", (long long)windows[i].number,
		    (long long)windows[i].last, STR_FMT(shown));
		arena_free(arena);
	}
}

static const struct {
	int64_t per_page, total, last;
} last_cases[] = {
	{ 15, 0, 1 },
	{ 15, 1, 1 },
	{ 15, 15, 1 },
	{ 15, 16, 2 },
	{ 1, 3, 3 },
	{ 100, 100001, 1001 },
};

Test(page, last_page_is_at_least_one)
{
	for (size_t i = 0; i < N_ELEMENTS(last_cases); i++) {
		struct page page = { .per_page = last_cases[i].per_page,
			.total = last_cases[i].total };

		cr_expect_eq(page_last(&page), last_cases[i].last, "%zu", i);
	}
}

static const struct {
	const char *name, *query;
	int64_t number, per_page, total, rows;
	const char *json; /* ' stands for ", @ for the URL */
} cases[] = {
	{ "no rows", "", 1, 15, 0, 0,
	    "{'links':{'first':'@?page=1','last':'@?page=1',"
	    "'prev':null,'next':null},"
	    "'meta':{'current_page':1,'from':null,'last_page':1,'links':["
	    "{'url':null,'label':'&laquo; Previous','page':null,"
	    "'active':false},"
	    "{'url':'@?page=1','label':'1','page':1,'active':true},"
	    "{'url':null,'label':'Next &raquo;','page':null,'active':false}"
	    "],'path':'@','per_page':15,'to':null,'total':0}}" },
	{ "the query is kept", "page=1&per_page=1&x[]=a,b&e=", 1, 1, 2, 1,
	    "{'links':{'first':'@?per_page=1&x%5B0%5D=a%2Cb&page=1',"
	    "'last':'@?per_page=1&x%5B0%5D=a%2Cb&page=2',"
	    "'prev':null,'next':'@?per_page=1&x%5B0%5D=a%2Cb&page=2'},"
	    "'meta':{'current_page':1,'from':1,'last_page':2,'links':["
	    "{'url':null,'label':'&laquo; Previous','page':null,"
	    "'active':false},"
	    "{'url':'@?per_page=1&x%5B0%5D=a%2Cb&page=1',"
	    "'label':'1','page':1,'active':true},"
	    "{'url':'@?per_page=1&x%5B0%5D=a%2Cb&page=2',"
	    "'label':'2','page':2,'active':false},"
	    "{'url':'@?per_page=1&x%5B0%5D=a%2Cb&page=2',"
	    "'label':'Next &raquo;','page':2,'active':false}"
	    "],'path':'@','per_page':1,'to':1,'total':2}}" },
	{ "past the end", "", 9, 2, 3, 0,
	    "{'links':{'first':'@?page=1','last':'@?page=2',"
	    "'prev':'@?page=8','next':null},"
	    "'meta':{'current_page':9,'from':null,'last_page':2,'links':["
	    "{'url':'@?page=8','label':'&laquo; Previous','page':8,"
	    "'active':false},"
	    "{'url':'@?page=1','label':'1','page':1,'active':false},"
	    "{'url':'@?page=2','label':'2','page':2,'active':false},"
	    "{'url':null,'label':'Next &raquo;','page':null,'active':false}"
	    "],'path':'@','per_page':2,'to':null,'total':3}}" },
};

static struct str
spelled_out(struct arena *arena, const char *text)
{
	struct buf b;
	struct str ret;

	buf_init(&b, 1 << 20);
	for (; *text != '\0'; text++)
		if (*text == '@')
			buf_add_text(&b, URL);
		else
			buf_add_char(&b, (char)(*text == '\'' ? '"' : *text));
	ret = arena_copy(arena, buf_str(&b));
	buf_done(&b);
	return ret;
}

Test(page, writes_links_and_meta)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct arena *arena = arena_new(16384);
		struct page page = { .url = STR(URL),
			.params = uri_query(arena, str_of(cases[i].query)),
			.number = cases[i].number,
			.per_page = cases[i].per_page,
			.total = cases[i].total,
			.rows = cases[i].rows };
		struct str json = encode(arena, &page);

		cr_expect(str_equal(json, spelled_out(arena, cases[i].json)),
		    "%s: %.*s", cases[i].name, STR_FMT(json));
		arena_free(arena);
	}
}

Test(page, from_and_to_count_over_all_pages)
{
	struct arena *arena = arena_new(16384);
	struct page page = { .url = STR(URL),
		.number = 3,
		.per_page = 15,
		.total = 37,
		.rows = 7 };
	struct str json = encode(arena, &page), value;
	struct str rest = json;

	cr_assert(next_after(&rest, STR("\"from\":"), ',', &value));
	cr_expect(str_equal_text(value, "31"));
	cr_assert(next_after(&rest, STR("\"to\":"), ',', &value));
	cr_expect(str_equal_text(value, "37"));
	arena_free(arena);
}

Test(page, the_largest_page_does_not_overflow)
{
	struct arena *arena = arena_new(16384);
	struct page page = { .url = STR(URL),
		.number = QUERY_PAGE_MAX,
		.per_page = QUERY_PER_PAGE_MAX,
		.total = INT64_MAX / 2,
		.rows = QUERY_PER_PAGE_MAX };
	struct str rest = encode(arena, &page), value;

	cr_assert(next_after(&rest, STR("\"from\":"), ',', &value));
	cr_expect(str_equal_text(value, "214748364601"));
	arena_free(arena);
}
