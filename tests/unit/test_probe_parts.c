/*
 * The pure parts of src/probe/: status, url, soap, reader, and the tables.
 */
#include <config.h>

#include <criterion/criterion.h>
#include <string.h>

#include "probe/auth.h"
#include "probe/http_status.h"
#include "probe/json_reader.h"
#include "probe/soap.h"
#include "probe/url.h"

static const struct {
	const char *spec;
	bool is_spec;
	int status;
	bool is_expected;
} specs[] = {
	{ "", true, 200, true },
	{ "", true, 299, true },
	{ "", true, 300, false },
	{ "204", true, 204, true },
	{ "204", true, 200, false },
	{ "200-299,304", true, 304, true },
	{ "200-299,304", true, 305, false },
	{ "200-299, 401-403", true, 402, true },
	{ " 204 ", true, 204, true },
	{ "599", true, 599, true },
	{ "100", true, 100, true },
	{ "99", false, 0, false },
	{ "600", false, 0, false },
	{ "2xx", false, 0, false },
	{ "200-", false, 0, false },
	{ "-200", false, 0, false },
	{ "299-200", false, 0, false },
	{ "200,", false, 0, false },
	{ ",200", false, 0, false },
	{ "200-250-299", false, 0, false },
	{ "0200", false, 0, false },
	{ "200;204", false, 0, false },
};

Test(status, reads_expected_status)
{
	for (size_t i = 0; i < N_ELEMENTS(specs); i++) {
		struct str spec = str_of(specs[i].spec);

		cr_expect_eq(http_status_is_spec(spec), specs[i].is_spec, "%s",
		    spec.ptr);
		if (specs[i].is_spec)
			cr_expect_eq(
			    http_status_is_expected(spec, specs[i].status),
			    specs[i].is_expected, "%s", spec.ptr);
	}
}

static const struct {
	int status;
	enum reason reason;
} meanings[] = {
	{ 400, REASON_UNEXPECTED_STATUS },
	{ 401, REASON_CREDENTIALS_REJECTED },
	{ 403, REASON_CREDENTIALS_REJECTED },
	{ 404, REASON_NOT_FOUND },
	{ 405, REASON_METHOD_NOT_ALLOWED },
	{ 410, REASON_NOT_FOUND },
	{ 429, REASON_RATE_LIMITED },
	{ 500, REASON_SERVER_ERROR },
	{ 599, REASON_SERVER_ERROR },
	{ 200, REASON_UNEXPECTED_STATUS },
	{ 302, REASON_UNEXPECTED_STATUS },
};

Test(status, gives_reasons)
{
	for (size_t i = 0; i < N_ELEMENTS(meanings); i++)
		cr_expect_eq(http_status_reason(meanings[i].status),
		    meanings[i].reason, "%d", meanings[i].status);
}

static const struct {
	const char *text, *query;
	const char *host; /* NULL: not a URL for us */
	unsigned port;
	const char *path, *whole;
} urls[] = {
	{ "http://a.example", "", "a.example", 80, "/", "http://a.example/" },
	{ "https://a.example/x?y=1#z", "", "a.example", 443, "/x",
	    "https://a.example/x?y=1" },
	{ "https://a.example/x", "q=1&r=%20", "a.example", 443, "/x",
	    "https://a.example/x?q=1&r=%20" },
	{ "https://a.example/x?y=1", "q=1", "a.example", 443, "/x",
	    "https://a.example/x?y=1&q=1" },
	{ "https://a.example:8443/", "", "a.example", 8443, "/",
	    "https://a.example:8443/" },
	{ "http://[2001:db8::1]:81/", "", "[2001:db8::1]", 81, "/",
	    "http://[2001:db8::1]:81/" },
	{ "http://2130706433/", "", "127.0.0.1", 80, "/", "http://127.0.0.1/" },
	{ "http://0x7f.1/", "", "127.0.0.1", 80, "/", "http://127.0.0.1/" },
	{ "HTTP://A.Example/B", "", "a.example", 80, "/B",
	    "http://a.example/B" },
	{ "http://[2001:DB8::A]/", "", "[2001:db8::a]", 80, "/",
	    "http://[2001:db8::a]/" },
	{ "http://a.example/\xc3\xa4|?\"{", "}", "a.example", 80, "/%C3%A4%7C",
	    "http://a.example/%C3%A4%7C?%22%7B&%7D" },
	{ "", "", NULL, 0, NULL, NULL },
	{ "a.example", "", NULL, 0, NULL, NULL },
	{ "//a.example/", "", NULL, 0, NULL, NULL },
	{ "ftp://a.example/", "", NULL, 0, NULL, NULL },
	{ "file:///etc/passwd", "", NULL, 0, NULL, NULL },
	{ "gopher://a.example/", "", NULL, 0, NULL, NULL },
	{ "http://", "", NULL, 0, NULL, NULL },
	{ "http://a b/", "", NULL, 0, NULL, NULL },
	{ "http://a.example/a b", "", NULL, 0, NULL, NULL },
	{ "http://a.example/\r\nX: 1", "", NULL, 0, NULL, NULL },
	{ "http://a.example/\t", "", NULL, 0, NULL, NULL },
	{ "http://a.example/\\", "", NULL, 0, NULL, NULL },
	{ "http://a.example?\\", "", NULL, 0, NULL, NULL },
	{ "http://a|b/", "", NULL, 0, NULL, NULL },
	{ "http://a.example\\@b.example/", "", NULL, 0, NULL, NULL },
	{ "http://a.example:0/", "", NULL, 0, NULL, NULL },
	{ "http://a.example:65536/", "", NULL, 0, NULL, NULL },
	{ "http://a.example:x/", "", NULL, 0, NULL, NULL },
	{ "http://[::1/", "", NULL, 0, NULL, NULL },
};

Test(url, takes_urls_apart)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(urls); i++) {
		struct url url;
		bool good = url_parse(
		    arena, str_of(urls[i].text), str_of(urls[i].query), &url);

		cr_expect_eq(good, urls[i].host != NULL, "%s", urls[i].text);
		if (!good || urls[i].host == NULL)
			continue;
		cr_expect_str_eq(url.host.ptr, urls[i].host);
		cr_expect_str_eq(url.path.ptr, urls[i].path);
		cr_expect_str_eq(url.text.ptr, urls[i].whole);
		cr_expect_eq(url.port, urls[i].port, "%s", urls[i].text);
	}
	arena_free(arena);
}

static const struct {
	const char *text;
	const char *whole; /* NULL: not followed */
} locations[] = {
	{ "/x", "http://a.example:81/x" },
	{ "x y", "http://a.example:81/d/x%20y" },
	{ "/a b/c?d e=f g#h i", "http://a.example:81/a%20b/c?d%20e=f%20g" },
	{ "?a b", "http://a.example:81/d/e?a%20b" },
	{ "/a\tb", "http://a.example:81/a%09b" },
	{ "/\"<>^`{|}", "http://a.example:81/%22%3C%3E%5E%60%7B%7C%7D" },
	{ "/\xc3\xa4?\xe4", "http://a.example:81/%C3%A4?%E4" },
	{ "/%20%zz%2F[a]'*", "http://a.example:81/%20%zz%2F[a]'*" },
	{ "//B.example/a b", "http://b.example/a%20b" },
	{ "HTTPS://B.example:444?a b", "https://b.example:444/?a%20b" },
	{ "http:/b.example/a b", "http://b.example/a%20b" },
	{ "../a b/./c", "http://a.example:81/a%20b/c" },
	{ "/a\\b", NULL },
	{ "/a?\\b", NULL },
	{ "\\\\b.example/", NULL },
	{ "/\\b.example/", NULL },
	{ "http:\\\\b.example", NULL },
	{ "http://a.example\\@b.example/", NULL },
	{ "http://a b/", NULL },
	{ "http://a\tb/", NULL },
	{ "http://a.example @b.example/", NULL },
	{ "//a.example|b.example/", NULL },
	{ "http://a\"b/", NULL },
	{ "/a\x01", NULL },
	{ "/a\x1b[1m", NULL },
	{ "/a\x7f", NULL },
	{ "/a\nb", NULL },
	{ " http://b.example/", "http://a.example:81/d/%20http://b.example/" },
	{ "ftp://b.example/a b", NULL },
	{ "", NULL },
	{ "#a", NULL },
};

Test(url, follows_locations_with_bytes_that_are_not_of_urls)
{
	struct arena *arena = arena_new(4096);
	struct url base, url;

	cr_assert(url_parse(
	    arena, STR("http://u:p@A.example:81/d/e?f"), STR(""), &base));
	for (size_t i = 0; i < N_ELEMENTS(locations); i++) {
		bool good = url_parse_relative(
		    arena, &base, str_of(locations[i].text), &url);

		cr_expect_eq(
		    good, locations[i].whole != NULL, "%s", locations[i].text);
		if (good && locations[i].whole != NULL)
			cr_expect_str_eq(url.text.ptr, locations[i].whole);
	}
	/* libcurl 8.23 writes escapes in capitals, 8.14 does not; they mean
	 * the same: RFC 3986, 6.2.2.1. */
	cr_expect(url_parse_relative(arena, &base, STR("/%2f?%c3%bc"), &url));
	cr_expect(
	    str_equal_nocase(url.text, STR("http://a.example:81/%2f?%c3%bc")));
	arena_free(arena);
}

static const struct {
	const char *text, *whole, *authority;
} anew[] = {
	{ "http://a.example", "http://a.example/", "a.example" },
	{ "HTTP://A.example:080/?", "http://a.example:80/", "a.example" },
	{ "https://u:p@a.example:80/*", "https://u:p@a.example:80/%2A",
	    "a.example:80" },
	{ "http://[2001:DB8::A]:443/", "http://[2001:db8::a]:443/",
	    "[2001:db8::a]:443" },
	{ "http://a/b=c:d/%2f%7e%zz/+//", "http://a/b%3Dc%3Ad/%2F~%25zz/%2B//",
	    "a" },
	{ "http://a/?b=c+d&e&&=f=/%2f", "http://a/?b=c%20d&e=&=f%3D%2F%2F",
	    "a" },
	{ "http://a/%2e%2E/b/%2E", "http://a/b/", "a" },
};

Test(url, encodes_paths_and_queries_anew)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(anew); i++) {
		struct str text = str_of(anew[i].text);
		struct url url;

		cr_assert(url_parse(arena, text, STR(""), &url));
		cr_expect(str_equal_text(
		    url_authority(arena, &url), anew[i].authority));
		cr_assert(url_encode_anew(arena, &url, &url), "%s", text.ptr);
		cr_expect_str_eq(url.text.ptr, anew[i].whole);
	}
	arena_free(arena);
}

#define E1 "http://schemas.xmlsoap.org/soap/envelope/"
#define E2 "http://www.w3.org/2003/05/soap-envelope"

static const struct {
	const char *xml;
	enum soap_answer answer;
} soaps[] = {
	{ "<e:Envelope xmlns:e='" E1 "'><e:Body><x/></e:Body></e:Envelope>",
	    SOAP_BODY },
	{ "<Envelope xmlns='" E2 "'><Header/><Body/></Envelope>", SOAP_BODY },
	{ "<?xml version='1.0'?><e:Envelope xmlns:e='" E1
	  "'><e:Body><e:Fault/></e:Body></e:Envelope>",
	    SOAP_FAULT },
	{ "<Envelope xmlns='" E2 "'><Body><Fault/></Body></Envelope>",
	    SOAP_FAULT },
	{ "<e:Envelope xmlns:e='" E1
	  "'><e:Body><x><e:Fault/></x></e:Body></e:Envelope>",
	    SOAP_BODY },
	{ "<e:Envelope xmlns:e='" E1
	  "'><e:Header><e:Fault/></e:Header><e:Body/></e:Envelope>",
	    SOAP_BODY },
	{ "<e:Envelope xmlns:e='" E1 "'><e:Body><Fault/></e:Body></e:Envelope>",
	    SOAP_BODY },
	{ "<e:Envelope xmlns:e='" E1
	  "'><e:Body><!-- <e:Fault/> --><![CDATA[<e:Fault/>]]></e:Body>"
	  "</e:Envelope>",
	    SOAP_BODY },
	{ "<e:Envelope xmlns:e='" E1 "'/>", SOAP_NONE },
	{ "<Envelope><Body/></Envelope>", SOAP_NONE },
	{ "<e:Envelope xmlns:e='urn:other'><e:Body/></e:Envelope>", SOAP_NONE },
	{ "<html><body>ok</body></html>", SOAP_NONE },
	{ "<!DOCTYPE e [<!ENTITY a 'b'>]><e:Envelope xmlns:e='" E1
	  "'><e:Body/></e:Envelope>",
	    SOAP_NONE },
	{ "<e:Envelope xmlns:e='" E1 "'><e:Body>", SOAP_NONE },
	{ "{}", SOAP_NONE },
	{ "", SOAP_NONE },
};

Test(soap, tells_faults_from_answers)
{
	for (size_t i = 0; i < N_ELEMENTS(soaps); i++)
		cr_expect_eq(soap_read(str_of(soaps[i].xml)), soaps[i].answer,
		    "%s", soaps[i].xml);
}

static const struct {
	const char *text, *path, *value;
} paths[] = {
	{ "{\"access_token\":\"t\"}", "access_token", "t" },
	{ "{\"a\":{\"b\":\"t\"}}", "a.b", "t" },
	{ "{\"a\":[{\"b\":\"t\"}]}", "a.0.b", "t" },
	{ "{\"a\":[1]}", "a.1", "" },
	{ "{\"a\":5}", "a", "5" },
	{ "{\"a\":[98765432109876543210]}", "a.0", "98765432109876543210" },
	{ "{\"a\":-0}", "a", "-0" },
	{ "{\"a\":0.10}", "a", "0.10" },
	{ "{\"a\":1e400}", "a", "1e400" },
	{ "{\"a\":1.}", "a", "" },
	{ "{\"a\":true}", "a", "true" },
	{ "{\"a\":null}", "a", "" },
	{ "{\"a\":{}}", "a", "" },
	{ "{\"a\":\"t\"}", "b", "" },
	{ "{\"a\":\"t\"}", "a.b", "" },
	{ "{\"a\":\"t\"} x", "a", "" },
	{ "{\"a\":\"t\"", "a", "" },
	{ "\"t\"", "", "" },
	{ "", "a", "" },
};

Test(reader, finds_values_at_paths)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
		struct str value = json_reader_at(
		    arena, str_of(paths[i].text), str_of(paths[i].path));

		cr_expect(str_equal_text(value, paths[i].value), "%s: %.*s",
		    paths[i].text, STR_FMT(value));
	}
	arena_free(arena);
}

static const struct {
	const char *text;
	bool is_json;
	int members; /* -1: not an object of texts */
} texts[] = {
	{ "", false, 0 },
	{ "  ", false, 0 },
	{ "{}", true, 0 },
	{ "[]", true, 0 },
	{ " {\"a\":\"b\"} \n", true, 1 },
	{ "{\"a\":\"b\",\"c\":1,\"d\":null}", true, 2 },
	{ "{\"a\":[]}", true, -1 },
	{ "{\"a\":{}}", true, -1 },
	{ "[1]", true, -1 },
	{ "5", true, -1 },
	{ "null", true, -1 },
	{ "{\"a\":1,}", false, -1 },
	{ "{\"a\":1}{", false, -1 },
	{ "{\"a\":NaN}", false, -1 },
	{ "{1:\"a\"}", false, -1 },
	{ "{", false, -1 },
	{ "{\"a\":\"\xff\"}", false, -1 },
};

Test(reader, reads_objects_of_texts)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct str text = str_of(texts[i].text);
		struct json_reader_member *members;
		size_t n = 0;
		bool good = json_reader_members(arena, text, &members, &n);

		cr_expect_eq(json_reader_accepts(text), texts[i].is_json, "%s",
		    text.ptr);
		cr_expect_eq(
		    good ? (int)n : -1, texts[i].members, "%s", text.ptr);
	}
	arena_free(arena);
}

Test(probe_tables, reasons_are_distinct_words)
{
	size_t n = 0;

	while (probe_reason_name(n) != NULL)
		n++;
	cr_expect(n >= 25);
	for (size_t i = 0; i < n; i++) {
		cr_expect(reason_row((enum reason)i)->detail != NULL);
		for (size_t j = 0; j < i; j++)
			cr_expect(strcmp(probe_reason_name(i),
				      probe_reason_name(j)) != 0,
			    "%s", probe_reason_name(i));
	}
}

static const char *const types[] = { "none", "basic", "digest", "ntlm", "token",
	"oauth1", "oauth2_client_credentials", "oauth2_password",
	"oauth2_authorization_code", "soap", "aws_sigv4", "ftp",
	"sftp_password", "sftp_key", "database" };

Test(probe_tables, has_every_authentication_type)
{
	for (size_t i = 0; i < N_ELEMENTS(types); i++)
		cr_expect(auth_find(str_of(types[i])) != NULL, "%s", types[i]);
	cr_expect(auth_find(STR("other")) == NULL);
	cr_expect(auth_find(STR("")) == NULL);
	cr_expect_eq(auth_protocol_find(STR("Gopher")), 0);
}

Test(probe_tables, settings_read_networks)
{
	struct arena *arena = arena_new(4096);
	struct problem problem = { .arena = arena };
	struct probe_settings settings = { 0 };

	cr_expect_eq(
	    probe_settings_parse(arena, STR(""), &settings, &problem), OK);
	cr_expect_eq(settings.n_networks, 0);
	cr_expect_eq(
	    probe_settings_parse(
		arena, STR(" 10.0.0.0/8, ::1 fc00::/7,"), &settings, &problem),
	    OK);
	cr_expect_eq(settings.n_networks, 3);
	cr_expect_eq(probe_settings_parse(arena, STR("10.0.0.0/8,10.0.0/8"),
			 &settings, &problem),
	    ERROR_INVALID);
	cr_expect(strstr(problem.message.ptr, "10.0.0/8") != NULL);
	cr_expect_eq(settings.n_unverified, 0);
	cr_expect_eq(probe_settings_parse_unverified(
			 arena, STR("10.0.0.0/8"), &settings, &problem),
	    OK);
	cr_expect_eq(settings.n_unverified, 1);
	cr_expect_eq(settings.n_networks, 3);
	cr_expect_eq(probe_settings_parse_unverified(
			 arena, STR("10/8"), &settings, &problem),
	    ERROR_INVALID);
	arena_free(arena);
}
