/*
 * Signatures of OAuth 1 and of AWS, against ones that were published or made
 * by another program.
 */
#include <config.h>

#include <criterion/criterion.h>
#include <string.h>

#include "probe/oauth1.h"
#include "probe/sigv4.h"
#include "secret/hmac.h"
#include "secret/secret.h"

#define MAX_HEADERS 8

/* RFC 4231, test case 2; RFC 2202, test case 2. */
Test(hmac, writes_each_kind)
{
	struct arena *arena = arena_new(4096);
	struct str key = STR("Jefe"),
		   text = STR("what do ya want for nothing?");

	cr_expect(str_equal(hmac_sign(arena, HMAC_SHA256_HEX, key, text),
	    STR("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec38"
		"43")));
	cr_expect(str_equal(hmac_sign(arena, HMAC_SHA256_BASE64, key, text),
	    STR("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=")));
	cr_expect(str_equal(hmac_sign(arena, HMAC_SHA1_BASE64, key, text),
	    STR("7/zfauXrL6LSdBbV8YTfnCWafHk=")));
	key = hmac_sign(arena, HMAC_SHA256_BYTES, key, text);
	cr_expect_eq(key.len, 32);
	cr_expect(memcmp(key.ptr, "\x5b\xdc\xc1\x46", 4) == 0);
	arena_free(arena);
}

static const struct {
	const char *http_method, *url, *form, *method, *signature;
} oauth1_cases[] = {
	/* The request of RFC 5849, 3.4.1, with all the odd cases of
	 * parameters. The RFC leaves oauth_version out, so the signatures are
	 * not its own. */
	{ "POST",
	    "http://example.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
	    "c2&a3=2+q", "HMAC-SHA1", "OB33pYjWAnf%2BxtOHN4Gmbdil168%3D" },
	{ "POST",
	    "http://example.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
	    "c2&a3=2+q", "HMAC-SHA256",
	    "xie2kqHv7CoC3VI1g%2FIUClHXm4q%2B1H3XJZG1izUgBXs%3D" },
	{ "GET", "http://EXAMPLE.COM:80/r%20v/X?id=123", "", "HMAC-SHA256",
	    "oT46eCG4xalhCof6QuwX%2FT4IJ4ElinTGGu0qbDuhouw%3D" },
	{ "GET", "HTTP://example.com/r%20v/X?id=123", "", "HMAC-SHA256",
	    "oT46eCG4xalhCof6QuwX%2FT4IJ4ElinTGGu0qbDuhouw%3D" },
	{ "GET", "https://EXAMPLE.com:443", "", "HMAC-SHA256",
	    "X0NoMwP5h3mCvGBfiJnny0MYa8X7Csayor0rjKM6uPY%3D" },
	{ "GET", "https://example.com:8080/", "", "HMAC-SHA256",
	    "wgYD9DaXBAqpHBxlTtpxCRQuHvCZydBkWb8Lp1spoeY%3D" },
	/* The port of the other scheme is not left out. */
	{ "GET", "http://example.com:443/?a=b+c&a=b%20a", "", "HMAC-SHA256",
	    "PUqa2k9pRbhtvBT0U3JuLL4U7Hia8XRoc84CGoxOlKY%3D" },
	{ "GET", "http://example.com:443/?a=b%20a&a=b%20c", "", "HMAC-SHA256",
	    "PUqa2k9pRbhtvBT0U3JuLL4U7Hia8XRoc84CGoxOlKY%3D" },
	{ "GET", "http://[2001:DB8::A]:80/?a", "", "HMAC-SHA256",
	    "QlLIViL4IxJWsiPg7e7cCn4IClxHguVHxMyy%2Fbc9Exg%3D" },
	{ "PUT", "http://[2001:db8::a]:81/%e4/*?b=%2f&a=\xc3\xa4&=&", "",
	    "HMAC-SHA256", "OWKo2nuZ4Ybl7%2Bz2oaJpY5KuYcP0hS0AT6bVC3L7XuA%3D" },
};

static struct str
oauth1_of(struct arena *arena, size_t i, struct str realm)
{
	struct oauth1 oauth = { .consumer_key = STR("9djdj82h48djs9d2"),
		.consumer_secret = STR("j49sk3j29djd"),
		.token = STR("kkk9d7dh3k39sjv7"),
		.token_secret = STR("dh893hdasih9"),
		.realm = realm,
		.method = str_of(oauth1_cases[i].method),
		.nonce = STR("7d8f3e4a"),
		.timestamp = STR("137131201") };
	struct url url;

	cr_assert(url_parse(arena, str_of(oauth1_cases[i].url), STR(""), &url));
	return oauth1_header(arena, &oauth, oauth1_cases[i].http_method, &url,
	    str_of(oauth1_cases[i].form));
}

Test(oauth1, signs_requests)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(oauth1_cases); i++) {
		struct str header = oauth1_of(arena, i, STR(""));
		struct str end = arena_printf(arena, ", oauth_signature=\"%s\"",
		    oauth1_cases[i].signature);

		cr_expect(str_ends_with(header, end), "%s: %s",
		    oauth1_cases[i].url, header.ptr);
		cr_expect(str_starts_with(header,
		    STR("OAuth oauth_consumer_key=\"9djdj82h48djs9d2\", ")));
	}
	arena_free(arena);
}

Test(oauth1, realm_is_quoted_and_not_signed)
{
	struct arena *arena = arena_new(4096);
	struct str header = oauth1_of(arena, 0, STR("http://a, b=\"\\\""));

	cr_expect(str_starts_with(header,
		      STR("OAuth realm=\"http://a, b=\\\"\\\\\\\"\", oauth_")),
	    "%s", header.ptr);
	cr_expect(strstr(header.ptr, oauth1_cases[0].signature) != NULL);
	arena_free(arena);
}

/* Of AWS's test suite, and of the examples in the reference of S3. */
static const struct sigv4 suite = { STR_CONST("AKIDEXAMPLE"),
	STR_CONST("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
	STR_CONST("us-east-1"), STR_CONST("service"),
	STR_CONST("20150830T123600Z") };
static const struct sigv4 s3 = { STR_CONST("AKIAIOSFODNN7EXAMPLE"),
	STR_CONST("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
	STR_CONST("us-east-1"), STR_CONST("s3"),
	STR_CONST("20130524T000000Z") };

#define UNRESERVED                                            \
	"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk" \
	"lmnopqrstuvwxyz"
#define EMPTY_HASH                                                        \
	"X-Amz-Content-Sha256: "                                          \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85" \
	"5"

static const struct {
	const char *name; /* as AWS calls it */
	const struct sigv4 *sigv4;
	const char *method, *path, *body;
	const char *headers[MAX_HEADERS];
	const char *signature;
} sigv4_cases[] = {
	{ "get-vanilla", &suite, "GET", "/", "", { NULL },
	    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf3"
	    "1" },
	{ "get-vanilla-query-order-key-case", &suite, "GET",
	    "/?Param2=value2&Param1=value1", "", { NULL },
	    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf250"
	    "0" },
	{ "get-vanilla-query-order-value", &suite, "GET",
	    "/?Param1=value2&Param1=value1", "", { NULL },
	    "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c469"
	    "4" },
	{ "get-vanilla-query-unreserved", &suite, "GET",
	    "/?" UNRESERVED "=" UNRESERVED, "", { NULL },
	    "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a4019"
	    "7" },
	{ "get-vanilla-utf8-query", &suite, "GET", "/?\xe1\x88\xb4=bar", "",
	    { NULL },
	    "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd0"
	    "4" },
	{ "get-unreserved", &suite, "GET", "/" UNRESERVED, "", { NULL },
	    "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24"
	    "f" },
	{ "get-relative", &suite, "GET", "/example/..", "", { NULL },
	    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf3"
	    "1" },
	{ "get-relative-relative", &suite, "GET", "/example1/example2/../..",
	    "", { NULL },
	    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf3"
	    "1" },
	{ "get-slash", &suite, "GET", "//", "", { NULL },
	    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf3"
	    "1" },
	{ "get-slash-dot-slash", &suite, "GET", "/./", "", { NULL },
	    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf3"
	    "1" },
	{ "get-slashes", &suite, "GET", "//example//", "", { NULL },
	    "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e8"
	    "4" },
	{ "get-slash-pointless-dot", &suite, "GET", "/./example", "", { NULL },
	    "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec"
	    "5" },
	{ "post-vanilla", &suite, "POST", "/", "", { NULL },
	    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6"
	    "b" },
	{ "post-header-key-sort", &suite, "POST", "/", "",
	    { "My-Header1: value1" },
	    "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852"
	    "c" },
	{ "post-header-value-case", &suite, "POST", "/", "",
	    { "My-Header1: VALUE1" },
	    "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7"
	    "d" },
	{ "get-header-value-trim", &suite, "GET", "/", "",
	    { "My-Header1:  value1", "My-Header2:  \"a   b   c\"" },
	    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c73"
	    "6" },
	{ "post-x-www-form-urlencoded", &suite, "POST", "/", "Param1=value1",
	    { "Content-Type: application/x-www-form-urlencoded" },
	    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473"
	    "a" },
	{ "post-x-www-form-urlencoded-parameters", &suite, "POST", "/",
	    "Param1=value1",
	    { "Content-Type: application/x-www-form-urlencoded; "
	      "charset=utf8" },
	    "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6f"
	    "e" },
	{ "GET Object", &s3, "GET", "/test.txt", "",
	    { "Range: bytes=0-9", EMPTY_HASH },
	    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb4"
	    "1" },
	{ "GET Bucket Lifecycle", &s3, "GET", "/?lifecycle", "", { EMPTY_HASH },
	    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a013678354"
	    "3" },
	{ "GET Bucket (List Objects)", &s3, "GET", "/?max-keys=2&prefix=J", "",
	    { EMPTY_HASH },
	    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f"
	    "7" },
	{ "PUT Object", &s3, "PUT", "/test$file.text", "Welcome to Amazon S3.",
	    { "Date: Fri, 24 May 2013 00:00:00 GMT",
		"X-Amz-Storage-Class: REDUCED_REDUNDANCY",
		"X-Amz-Content-Sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6"
		"b4b4e99e42034a8b803f8b072" },
	    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108b"
	    "d" },
};

static size_t
fill_headers(struct arena *arena, const struct sigv4 *sigv4,
    const char *const *more, struct str *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < MAX_HEADERS && more[i] != NULL; i++)
		ret[n++] = str_of(more[i]);
	ret[n++] = str_equal(sigv4->service, STR("s3"))
		       ? STR("Host: examplebucket.s3.amazonaws.com")
		       : STR("Host: example.amazonaws.com");
	ret[n++] =
	    arena_printf(arena, "X-Amz-Date: %.*s", STR_FMT(sigv4->date));
	return n;
}

static struct url
url_of(struct arena *arena, const char *path)
{
	struct url url;
	struct str text =
	    arena_printf(arena, "https://example.amazonaws.com%s", path);

	cr_assert(url_parse(arena, text, STR(""), &url), "%s", path);
	cr_assert(url_encode_anew(arena, &url, &url), "%s", path);
	return url;
}

Test(sigv4, signs_as_published)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(sigv4_cases); i++) {
		struct str headers[MAX_HEADERS + 2], header;
		struct url url = url_of(arena, sigv4_cases[i].path);
		struct sigv4_request request = { sigv4_cases[i].method, &url,
			headers,
			fill_headers(arena, sigv4_cases[i].sigv4,
			    sigv4_cases[i].headers, headers),
			str_of(sigv4_cases[i].body) };

		header = sigv4_header(arena, sigv4_cases[i].sigv4, &request);
		cr_expect(
		    str_ends_with(header, str_of(sigv4_cases[i].signature)),
		    "%s: %.*s", sigv4_cases[i].name,
		    STR_FMT(sigv4_canonical(
			arena, sigv4_cases[i].sigv4->service, &request)));
	}
	arena_free(arena);
}

Test(sigv4, header_names_all_that_is_needed)
{
	struct arena *arena = arena_new(4096);
	struct url url = url_of(arena, "/");
	struct str headers[] = { STR("host: example.amazonaws.com"),
		STR("User-Agent: x"), STR("X-AMZ-Date: 20150830T123600Z") };
	struct sigv4_request request = { "GET", &url, headers,
		N_ELEMENTS(headers), STR("") };

	cr_expect(str_equal(sigv4_header(arena, &suite, &request),
	    STR("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/"
		"service/aws4_request, SignedHeaders=host;x-amz-date, "
		"Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8"
		"aae1d763fbf31")));
	arena_free(arena);
}

static const struct {
	const char *service, *path;
	const char *canonical; /* path and query */
} canonical_cases[] = {
	{ "es", "/logs-*/_search", "/logs-%252A/_search\n" },
	{ "es", "/logs-%2a/_search", "/logs-%252A/_search\n" },
	{ "es", "/a%2Fb%20c", "/a%252Fb%2520c\n" },
	{ "es", "/a//b/.//../c//", "/a/b/c/\n" },
	{ "es", "/%", "/%2525\n" },
	{ "execute-api", "/p/@connections/a=", "/p/%2540connections/a%253D\n" },
	{ "s3", "/dt=1/a:b", "/dt%3D1/a%3Ab\n" },
	{ "s3", "/a%2Fb%20c+d", "/a/b%20c%2Bd\n" },
	{ "s3", "/a//b///", "/a//b///\n" },
	{ "s3", "/..%2F%2e.%2fb", "/../../b\n" },
	{ "s3-outposts", "/*", "/%2A\n" },
	{ "s3express", "/*", "/%2A\n" },
	{ "s3-object-lambda", "/*", "/%2A\n" },
	{ "s3-other", "/*", "/%252A\n" },
	{ "es", "/?a=b:c/%2f", "/\na=b%3Ac%2F%2F" },
	{ "es", "/?b&a&&=", "/\n=&a=&b=" },
	{ "es", "/?a=b+c&a=b%2Bc&a=b%20", "/\na=b%20&a=b%20c&a=b%2Bc" },
	{ "es", "/?a-b=1&a=2&a.b=3&a:=0", "/\na=2&a%3A=0&a-b=1&a.b=3" },
	{ "es", "/?a=%zz&a=%", "/\na=%25&a=%25zz" },
};

Test(sigv4, canonical_paths_and_queries)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(canonical_cases); i++) {
		struct url url = url_of(arena, canonical_cases[i].path);
		struct sigv4_request request = { .method = "GET", .url = &url };
		struct str text = sigv4_canonical(
		    arena, str_of(canonical_cases[i].service), &request);
		struct str begin = arena_printf(
		    arena, "GET\n%s\n", canonical_cases[i].canonical);

		cr_expect(str_starts_with(text, begin), "%s: %s",
		    canonical_cases[i].path, text.ptr);
	}
	arena_free(arena);
}

static const struct {
	const char *line, *canonical;
} header_cases[] = {
	{ "X-Empty;", "x-empty:" },
	{ "X-Empty: ", "x-empty:" },
	{ "X-Semicolon: a;b", "x-semicolon:a;b" },
	{ "X-Colon: a:b", "x-colon:a:b" },
	{ "X-Trim:  a  b\t \tc ", "x-trim:a b c" },
	{ "X-B: \xc3\xa4", "x-b:\xc3\xa4" },
};

Test(sigv4, canonical_headers)
{
	struct arena *arena = arena_new(4096);
	struct url url = url_of(arena, "/");

	for (size_t i = 0; i < N_ELEMENTS(header_cases); i++) {
		struct str headers[] = { STR("X-Z: z"),
			str_of(header_cases[i].line), STR("Host: h") };
		struct sigv4_request request = { "GET", &url, headers,
			N_ELEMENTS(headers), STR("") };
		struct str text = sigv4_canonical(arena, STR("es"), &request);
		struct str part =
		    arena_printf(arena, "\n\nhost:h\n%s\nx-z:z\n\nhost;",
			header_cases[i].canonical);

		cr_expect(strstr(text.ptr, part.ptr) != NULL, "%s", text.ptr);
	}
	arena_free(arena);
}

Test(sigv4, hash_of_the_body_is_what_the_header_says)
{
	struct arena *arena = arena_new(4096);
	struct url url = url_of(arena, "/");
	struct str headers[] = { STR("X-AMZ-Content-SHA256: "
				     "UNSIGNED-PAYLOAD") };
	struct sigv4_request request = { "PUT", &url, headers,
		N_ELEMENTS(headers), STR("x") };

	cr_expect(str_ends_with(sigv4_canonical(arena, STR("s3"), &request),
	    STR("\nUNSIGNED-PAYLOAD")));
	request.n_headers = 0;
	cr_expect(str_ends_with(sigv4_canonical(arena, STR("s3"), &request),
	    secret_sha256_hex(arena, STR("x"))));
	cr_expect(sigv4_wants_hash(STR("s3")));
	cr_expect(sigv4_wants_hash(STR("aoss")));
	cr_expect_not(sigv4_wants_hash(STR("es")));
	cr_expect_not(sigv4_wants_hash(STR("")));
	arena_free(arena);
}

static const struct {
	int64_t time;
	const char *date;
} date_cases[] = {
	{ 0, "19700101T000000Z" },
	{ 1440938160, "20150830T123600Z" },
	{ 1709251199, "20240229T235959Z" },
};

Test(sigv4, writes_dates)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(date_cases); i++)
		cr_expect(str_equal_text(sigv4_date(arena, date_cases[i].time),
			      date_cases[i].date),
		    "%s", date_cases[i].date);
	arena_free(arena);
}
