/*
 * src/http/uri.c
 */
#include <config.h>

#include "base/percent.h"
#include "http/uri.h"

#include <criterion/criterion.h>
#include <string.h>

#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	const char *text;
	bool plus_is_space;
	struct str decoded;
} decode_cases[] = {
	{ "", true, BYTES("") },
	{ "plain", true, BYTES("plain") },
	{ "a%20b", false, BYTES("a b") },
	{ "a+b", false, BYTES("a+b") },
	{ "a+b%2Bc", true, BYTES("a b+c") },
	{ "%C3%a9", false, BYTES("\xC3\xA9") },
	{ "%00", false, BYTES("\0") },
	{ "%2541", false, BYTES("%41") },
	{ "100%", false, BYTES("100%") },
	{ "%4", false, BYTES("%4") },
	{ "%zz%4g%g4", false, BYTES("%zz%4g%g4") },
	{ "%%41", false, BYTES("%A") },
	{ "%FF", false, BYTES("\xFF") },
};

Test(uri, decodes_escapes_and_leaves_malformed_ones)
{
	struct arena *arena = arena_new(1024);

	for (size_t i = 0; i < N_ELEMENTS(decode_cases); i++) {
		struct str text = str_of(decode_cases[i].text);

		cr_expect(str_equal(percent_decode(arena, text,
					decode_cases[i].plus_is_space),
			      decode_cases[i].decoded),
		    "%s", decode_cases[i].text);
	}
	arena_free(arena);
}

static const struct {
	struct str text;
	const char *encoded;
} encode_cases[] = {
	{ BYTES(""), "" },
	{ BYTES("AZaz09-_.~"), "AZaz09-_.~" },
	{ BYTES("a b+c"), "a%20b%2Bc" },
	{ BYTES("~.-_*()!'@:/,;$"), "~.-_%2A%28%29%21%27%40%3A%2F%2C%3B%24" },
	{ BYTES("&=#?[]%"), "%26%3D%23%3F%5B%5D%25" },
	{ BYTES("\xC3\xA9\xF0\x9F\x98\x80"), "%C3%A9%F0%9F%98%80" },
	{ BYTES("\0\x7F\xFF"), "%00%7F%FF" },
};

Test(uri, encodes_all_but_the_unreserved)
{
	for (size_t i = 0; i < N_ELEMENTS(encode_cases); i++) {
		struct buf b;

		buf_init(&b, 1000);
		percent_encode(&b, encode_cases[i].text);
		cr_expect(str_equal_text(buf_str(&b), encode_cases[i].encoded),
		    "%s", encode_cases[i].encoded);
		buf_done(&b);
	}
}

#define MAX_SEGMENTS 5

static const struct {
	const char *path;
	bool is_route;
	size_t n;
	struct str segments[MAX_SEGMENTS];
} path_cases[] = {
	{ "/", true, 0, { BYTES("") } },
	{ "///", true, 0, { BYTES("") } },
	{ "/a", true, 1, { BYTES("a") } },
	{ "/api/v1/connectors", true, 3,
	    { BYTES("api"), BYTES("v1"), BYTES("connectors") } },
	{ "/api/v1/connectors/", true, 3,
	    { BYTES("api"), BYTES("v1"), BYTES("connectors") } },
	{ "/api/v1/connectors/7//", true, 4,
	    { BYTES("api"), BYTES("v1"), BYTES("connectors"), BYTES("7") } },
	{ "/api/v1/%63onnectors", true, 3,
	    { BYTES("api"), BYTES("v1"), BYTES("connectors") } },
	{ "/A", true, 1, { BYTES("A") } },
	{ "/a+b%20c", true, 1, { BYTES("a+b c") } },
	{ "/%C3%A9", true, 1, { BYTES("\xC3\xA9") } },
	{ "/a%00", true, 1, { BYTES("a\0") } },
	{ "/%zz", true, 1, { BYTES("%zz") } },
	{ "/a/./..", true, 3, { BYTES("a"), BYTES("."), BYTES("..") } },
	{ "/1/2/3/4/5", true, 5,
	    { BYTES("1"), BYTES("2"), BYTES("3"), BYTES("4"), BYTES("5") } },
	{ "/1/2/3/4/5/6", false, 0, { BYTES("") } },
	{ "", false, 0, { BYTES("") } },
	{ "a", false, 0, { BYTES("") } },
	{ "*", false, 0, { BYTES("") } },
	{ "//a", false, 0, { BYTES("") } },
	{ "/a//b", false, 0, { BYTES("") } },
	{ "/a%2Fb", false, 0, { BYTES("") } },
	{ "/a%2fb", false, 0, { BYTES("") } },
	{ "/a/%2F", false, 0, { BYTES("") } },
};

Test(uri, splits_paths_into_decoded_segments)
{
	struct arena *arena = arena_new(1024);

	for (size_t i = 0; i < N_ELEMENTS(path_cases); i++) {
		const char *path = path_cases[i].path;
		struct str segments[MAX_SEGMENTS];
		size_t n = 0;

		cr_expect_eq(uri_segments(arena, str_of(path), MAX_SEGMENTS,
				 segments, &n),
		    path_cases[i].is_route, "%s", path);
		cr_assert_eq(n, path_cases[i].n, "%s", path);
		for (size_t k = 0; k < n; k++)
			cr_expect(
			    str_equal(segments[k], path_cases[i].segments[k]),
			    "%s, segment %zu", path, k);
	}
	arena_free(arena);
}

Test(uri, drops_slashes_at_the_end_only)
{
	cr_expect(
	    str_equal_text(uri_without_end_slashes(STR("/a//b//")), "/a//b"));
	cr_expect_eq(uri_without_end_slashes(STR("//")).len, 0);
	cr_expect_eq(uri_without_end_slashes(STR("")).len, 0);
}

/* A tree as text: name=value in parentheses for lists, - for no value. */
static void
show(struct buf *b, const struct param *p)
{
	for (; p != NULL; p = p->next) {
		buf_add_str(b, p->name);
		if (p->is_list) {
			cr_expect_null(p->value.ptr);
			buf_add_char(b, '(');
			show(b, p->children);
			buf_add_char(b, ')');
		} else {
			cr_expect_null(p->children);
			buf_add_char(b, '=');
			buf_add_text(b, p->value.ptr == NULL ? "-" : "");
			buf_add_str(b, p->value);
		}
		if (p->next != NULL)
			buf_add_char(b, ' ');
	}
}

static const struct {
	const char *query, *tree;
	const char *links; /* written back, without "page" */
} query_cases[] = {
	{ "", "", "" },
	{ "&&", "", "" },
	{ "a=1&b=2", "a=1 b=2", "a=1&b=2&" },
	{ "b=2&a=1&b=3", "b=3 a=1", "b=3&a=1&" },
	{ "a=1&a=2", "a=2", "a=2&" },
	{ "a=1&a=", "a=-", "" },
	{ "l&m=", "l=- m=-", "" },
	{ "a=b=c", "a=b=c", "a=b%3Dc&" },
	{ "a=1;b=2", "a=1;b=2", "a=1%3Bb%3D2&" },
	/* the page of the caller takes the place of this one */
	{ "page=2&z=1&page=1", "page=1 z=1", "z=1&" },
	{ "page[]=2&z=1&Page=1", "page(0=2) z=1 Page=1", "z=1&Page=1&" },
	{ "x[page]=1", "x(page=1)", "x%5Bpage%5D=1&" },
	/* lists */
	{ "x[]=1&x[]=2", "x(0=1 1=2)", "x%5B0%5D=1&x%5B1%5D=2&" },
	{ "k[]=1&k[]=2&k[x]=3", "k(0=1 1=2 x=3)",
	    "k%5B0%5D=1&k%5B1%5D=2&k%5Bx%5D=3&" },
	{ "k[5]=a&k[]=b&k[2]=c&k[]=d", "k(5=a 6=b 2=c 7=d)",
	    "k%5B5%5D=a&k%5B6%5D=b&k%5B2%5D=c&k%5B7%5D=d&" },
	{ "k[05]=a&k[]=b&k[-3]=c", "k(05=a 0=b -3=c)",
	    "k%5B05%5D=a&k%5B0%5D=b&k%5B-3%5D=c&" },
	{ "k[ ]=a&k[%09]=b&k[%20x]=c", "k(0=a 1=b  x=c)",
	    "k%5B0%5D=a&k%5B1%5D=b&k%5B%20x%5D=c&" },
	{ "k[9223372036854775807]=a&k[]=b", "k(9223372036854775807=a)",
	    "k%5B9223372036854775807%5D=a&" },
	{ "k[0]=a&k[0]=b", "k(0=b)", "k%5B0%5D=b&" },
	{ "k[][a]=1&k[][a]=2", "k(0(a=1) 1(a=2))",
	    "k%5B0%5D%5Ba%5D=1&k%5B1%5D%5Ba%5D=2&" },
	{ "include[0]=v&include[5]=c", "include(0=v 5=c)",
	    "include%5B0%5D=v&include%5B5%5D=c&" },
	{ "x[]=", "x(0=-)", "" },
	{ "x[]=&x[]=b", "x(0=- 1=b)", "x%5B1%5D=b&" },
	/* trees */
	{ "x[a][b]=c&x[a][d]=e", "x(a(b=c d=e))",
	    "x%5Ba%5D%5Bb%5D=c&x%5Ba%5D%5Bd%5D=e&" },
	{ "filter%5Bname%5D=x", "filter(name=x)", "filter%5Bname%5D=x&" },
	{ "filter[a][b]=1&filter[a]=2", "filter(a=2)", "filter%5Ba%5D=2&" },
	{ "filter[a]=1&filter[a][b]=2", "filter(a(b=2))",
	    "filter%5Ba%5D%5Bb%5D=2&" },
	{ "filter=1&z=1&filter[a]=2", "filter(a=2) z=1",
	    "filter%5Ba%5D=2&z=1&" },
	{ "filter[a]=2&filter=1", "filter=1", "filter=1&" },
	{ "filter[a]=2&filter=1&filter[b]=3", "filter(b=3)",
	    "filter%5Bb%5D=3&" },
	{ "filter[system]=", "filter(system=-)", "" },
	{ "e[f.g]=3", "e(f.g=3)", "e%5Bf.g%5D=3&" },
	/* names as they are, and names that are none */
	{ "a.b=1&c d=2&e%20f=3", "a.b=1 c d=2 e f=3",
	    "a.b=1&c%20d=2&e%20f=3&" },
	{ "+%20a=1", "a=1", "a=1&" },
	{ "a+=1", "a =1", "a%20=1&" },
	{ "h[=4&i[j=5", "h[=4 i[j=5", "h%5B=4&i%5Bj=5&" },
	{ "a]=1&b]c[=2", "a]=1 b]c[=2", "a%5D=1&b%5Dc%5B=2&" },
	{ "a[b[c]=1", "a(b[c=1)", "a%5Bb%5Bc%5D=1&" },
	{ "a[b][c=1", "a(b=1)", "a%5Bb%5D=1&" },
	{ "o[p]q=7&o[r]s[t]=8", "o(p=7 r=8)", "o%5Bp%5D=7&o%5Br%5D=8&" },
	{ "[x]=1&=2&[=3&[]=4&+=5", "", "" },
	{ "a%00b=1&%00=2&c[d%00]=3", "a=1 c[d=3", "a=1&c%5Bd=3&" },
	/* values */
	{ "sp=a+b%2Bc", "sp=a b+c", "sp=a%20b%2Bc&" },
	{ "q=%20trim%20me%20", "q=trim me", "q=trim%20me&" },
	{ "e=%C2%A0z%C2%A0&b=%20&c[]=%20", "e=z b=- c(0=-)", "e=z&" },
	{ "v=a%2C+b,+c", "v=a, b, c", "v=a%2C%20b%2C%20c&" },
	{ "t=100%25&pct=%2541&bad=%zz", "t=100% pct=%41 bad=%zz",
	    "t=100%25&pct=%2541&bad=%25zz&" },
	{ "amp=%26&eq=%3D&hash=%23", "amp=& eq== hash=#",
	    "amp=%26&eq=%3D&hash=%23&" },
	/* depth */
	{ "a[1][2][3][4][5][6][7][8]=x", "a(1(2(3(4(5(6(7(8=x))))))))",
	    "a%5B1%5D%5B2%5D%5B3%5D%5B4%5D%5B5%5D%5B6%5D%5B7%5D%5B8%5D=x&" },
	{ "a[1][2][3][4][5][6][7][8][9]=x&b=1", "b=1", "b=1&" },
};

Test(uri, reads_queries_and_writes_them_back)
{
	for (size_t i = 0; i < N_ELEMENTS(query_cases); i++) {
		struct arena *arena = arena_new(4096);
		struct str query = str_of(query_cases[i].query);
		struct param *list = uri_query(arena, query);
		struct buf b;

		buf_init(&b, 10000);
		show(&b, list);
		cr_expect(str_equal_text(buf_str(&b), query_cases[i].tree),
		    "%s: %.*s", query_cases[i].query, STR_FMT(buf_str(&b)));
		buf_reset(&b);
		uri_add_query(&b, list, "page");
		cr_expect(str_equal_text(buf_str(&b), query_cases[i].links),
		    "%s: %.*s", query_cases[i].query, STR_FMT(buf_str(&b)));
		buf_done(&b);
		arena_free(arena);
	}
}

Test(uri, no_query_has_no_parameters)
{
	struct arena *arena = arena_new(1024);

	cr_expect_null(uri_query(arena, (struct str){ NULL, 0 }));
	cr_expect_null(uri_param(NULL, "a"));
	arena_free(arena);
}

Test(uri, finds_parameters_by_their_whole_name)
{
	struct arena *arena = arena_new(1024);
	const struct param *list = uri_query(arena, STR("a=1&ab=2&A=3"));

	cr_assert_not_null(uri_param(list, "ab"));
	cr_expect(str_equal_text(uri_param(list, "ab")->value, "2"));
	cr_expect(str_equal_text(uri_param(list, "a")->value, "1"));
	cr_expect_null(uri_param(list, "b"));
	arena_free(arena);
}

Test(uri, drops_parameters_past_the_thousandth)
{
	struct arena *arena = arena_new(4096);
	struct buf b;
	const struct param *list;
	size_t n = 0;

	buf_init(&b, 100000);
	for (int i = 0; i < URI_MAX_PARAMS + 5; i++)
		buf_printf(&b, "&n%d=%d", i, i);
	list = uri_query(arena, buf_str(&b));
	for (const struct param *p = list; p != NULL; p = p->next)
		n++;
	cr_expect_eq(n, URI_MAX_PARAMS);
	cr_expect_not_null(uri_param(list, "n999"));
	cr_expect_null(uri_param(list, "n1000"));
	buf_done(&b);
	arena_free(arena);
}
