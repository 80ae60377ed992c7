/*
 * src/conn/cgi.c, request.c, response.c
 */
#include <config.h>

#include "conn/cgi.h"

#include <criterion/criterion.h>
#include <signal.h>

#include "base/buf.h"
#include "http/response.h"

static struct arena *arena;

static void
set_up(void)
{
	arena = arena_new(4096);
}

static void
tear_down(void)
{
	arena_free(arena);
}

TestSuite(cgi, .init = set_up, .fini = tear_down);

static struct request
read_list(const char *const *list, struct params *params)
{
	struct request r = { .arena = arena };

	params_read(list, &r, params);
	return r;
}

static void
expect_str(struct str got, const char *expected)
{
	cr_expect(str_equal_text(got, expected), "\"%.*s\" is not \"%s\"",
	    STR_FMT(got), expected);
}

Test(cgi, fill_a_request)
{
	static const char *const list[] = { "FCGI_ROLE=RESPONDER",
		"REQUEST_METHOD=PATCH", "REQUEST_URI=/a%2Fb?c=d?e&f=%20",
		"QUERY_STRING=other", "DOCUMENT_URI=/other",
		"HTTP_AUTHORIZATION=Bearer x=y", "CONTENT_TYPE=text/plain",
		"CONTENT_LENGTH=12", "HTTP_IF_MATCH=\"1\"",
		"HTTP_IF_NONE_MATCH=*", "HTTP_IDEMPOTENCY_KEY=k",
		"HTTP_PREFER=p", "REMOTE_ADDR=::1", "REQUEST_ID=id",
		"CONNECTORS_SENT=1700000000.123", "CONNECTORS_LAST=1",
		"CONNECTORS_END=1", NULL };
	struct params p;
	struct request r = read_list(list, &p);

	cr_expect_eq(r.method, METHOD_PATCH);
	expect_str(r.method_text, "PATCH");
	expect_str(r.path, "/a%2Fb");
	expect_str(r.query, "c=d?e&f=%20");
	expect_str(r.authorization, "Bearer x=y");
	expect_str(r.content_type, "text/plain");
	expect_str(r.if_match, "\"1\"");
	expect_str(r.if_none_match, "*");
	expect_str(r.idempotency_key, "k");
	expect_str(r.prefer, "p");
	expect_str(r.remote_addr, "::1");
	expect_str(r.id, "id");
	cr_expect(p.end);
	cr_expect(r.last);
	cr_expect(p.has_length);
	cr_expect_eq(p.length, 12);
	cr_expect_eq(p.sent, UINT64_C(1700000000123));
}

/* The same as encoded bytes; of a long one the length has four. */
static struct str
encode(const char *const *list)
{
	struct buf b;
	struct str all;

	buf_init(&b, 1 << 20);
	for (; *list != NULL; list++) {
		struct str text = str_of(*list);
		size_t name = str_find(text, '=');
		struct str value = str_from(text, name + 1);

		buf_add_char(&b, (char)name);
		if (value.len > 127)
			buf_add(&b, "\x80\0\0", 3);
		buf_add_char(&b, (char)value.len);
		buf_add(&b, text.ptr, name);
		buf_add_str(&b, value);
	}
	all = arena_copy(arena, buf_str(&b));
	buf_done(&b);
	return all;
}

Test(cgi, what_is_looked_at_is_what_is_served)
{
	static const char *const list[] = { "REQUEST_METHOD=GET",
		"REQUEST_URI=/a%2Fb?"
		"0123456789012345678901234567890123456789012345678901234567"
		"0123456789012345678901234567890123456789012345678901234567"
		"01234567890123456789",
		"QUERY_STRING=other", "HTTP_HOST=Host:80",
		"HTTP_AUTHORIZATION=first", "HTTP_AUTHORIZATION=Bearer x",
		NULL };
	struct params p;
	struct request served = read_list(list, &p);
	struct request looked = { .arena = arena };

	params_read_target(encode(list), &looked);
	cr_expect_eq(looked.method, served.method);
	cr_expect(str_equal(looked.path, served.path));
	cr_expect(str_equal(looked.query, served.query));
	cr_expect(str_equal(looked.base_url, served.base_url));
	expect_str(looked.authorization, "Bearer x");
	cr_expect(str_equal(looked.authorization, served.authorization));
}

Test(cgi, may_all_be_missing)
{
	static const char *const list[] = { NULL };
	struct params p;
	struct request r = read_list(list, &p);

	cr_expect_eq(r.method, METHOD_OTHER);
	expect_str(r.path, "");
	expect_str(r.query, "");
	expect_str(r.base_url, "http://localhost");
	cr_expect_eq(r.id.len, 32);
	cr_expect_not(p.end);
	cr_expect_not(r.last);
	cr_expect_not(p.has_length);
	cr_expect_eq(p.sent, 0);
}

Test(cgi, take_the_path_without_a_uri)
{
	static const char *const list[] = { "DOCUMENT_URI=/p",
		"QUERY_STRING=a?b", NULL };
	struct params p;
	struct request r = read_list(list, &p);

	expect_str(r.path, "/p");
	expect_str(r.query, "a?b");
}

static const struct {
	const char *list[5];
	const char *base_url;
} urls[] = {
	{ { "REQUEST_SCHEME=https", "HTTP_HOST=Example.COM" },
	    "https://example.com" },
	{ { "REQUEST_SCHEME=https", "HTTP_HOST=a:443" }, "https://a" },
	{ { "REQUEST_SCHEME=https", "HTTP_HOST=a:80" }, "https://a:80" },
	{ { "REQUEST_SCHEME=http", "HTTP_HOST=a:80" }, "http://a" },
	{ { "REQUEST_SCHEME=http", "HTTP_HOST=[::1]:8080" },
	    "http://[::1]:8080" },
	{ { "REQUEST_SCHEME=javascript", "HTTP_HOST=a" }, "http://a" },
	{ { "HTTP_HOST=a\"<b", "SERVER_NAME=server" }, "http://server" },
	{ { "HTTP_HOST=a/b" }, "http://localhost" },
	{ { "HTTP_HOST=", "SERVER_NAME=s" }, "http://s" },
	{ { "HTTP_HOST=a", "CONNECTORS_BASE_URL=https://b/c//" },
	    "https://b/c" },
};

Test(cgi, make_a_base_url)
{
	for (size_t i = 0; i < N_ELEMENTS(urls); i++) {
		struct params p;

		expect_str(
		    read_list(urls[i].list, &p).base_url, urls[i].base_url);
	}
}

Test(cgi, hold_a_length_that_is_none)
{
	static const char *const bad[] = { "CONTENT_LENGTH=-1", NULL };
	static const char *const empty[] = { "CONTENT_LENGTH=", NULL };
	struct params p;

	read_list(bad, &p);
	cr_expect(p.has_length);
	cr_expect_eq(p.length, UINT64_MAX);
	read_list(empty, &p);
	cr_expect_not(p.has_length);
}

Test(cgi, doubt_a_time)
{
	static const char *const texts[] = { "1", "1.2", "1.2345", ".123",
		"x.123", "1.x23", "99999999999999999999.123",
		"18446744073709551615.123" };

	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		const char *list[2] = { 0 };
		struct params p;

		list[0] =
		    arena_printf(arena, "CONNECTORS_SENT=%s", texts[i]).ptr;
		read_list(list, &p);
		cr_expect_eq(p.sent, 0, "%s", texts[i]);
	}
}

Test(request, knows_methods_by_exact_name)
{
	cr_expect_eq(method_of(STR("GET")), METHOD_GET);
	cr_expect_eq(method_of(STR("OPTIONS")), METHOD_OPTIONS);
	cr_expect_eq(method_of(STR("get")), METHOD_OTHER);
	cr_expect_eq(method_of(STR("GETS")), METHOD_OTHER);
	cr_expect_eq(method_of(STR("")), METHOD_OTHER);
}

Test(response, collects_headers)
{
	struct response r = { 0 };

	response_header(&r, "Allow", STR("GET"));
	cr_expect_eq(r.n_headers, 1);
	cr_expect_str_eq(r.headers[0].name, "Allow");
}

Test(response, refuses_a_line_break, .signal = SIGABRT)
{
	struct response r = { 0 };

	response_header(&r, "Allow", STR("GET\r\nX: y"));
}
