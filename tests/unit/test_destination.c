/*
 * src/probe/destination.c and src/base/reference.c: where a test goes, and
 * whether the catalogue alone decides it.
 */
#include <config.h>

#include "probe/destination.h"

#include <criterion/criterion.h>

#include "base/reference.h"

#define OWN(name, text)                                          \
	{                                                        \
		.key = STR_CONST(name), .value = STR_CONST(text) \
	}
#define DEFAULT(name, text)                                       \
	{                                                         \
		.key = STR_CONST(name), .value = STR_CONST(text), \
		.is_default = true                                \
	}

static const struct probe_variable variables[] = {
	OWN("own", "evil"),
	OWN("host", "evil.example"),
	DEFAULT("domain", "shops.example"),
	DEFAULT("tld", "example"),
	DEFAULT("base", "https://api.shops.example/v1"),
	DEFAULT("scheme", "https"),
	DEFAULT("port", "8443"),
	{ .key = STR_CONST("none"), .is_default = true },
};

static const struct {
	const char *url;
	bool fixed;
} urls[] = {
	{ "https://api.shops.example/{{own}}?q={{own}}#{{own}}", true },
	{ "HTTPS://api.example", true },
	{ "http://127.0.0.1:8080/{{own}}", true },
	{ "https://{{own}}.shops.example/", true },
	{ "https://{{own}}.eu.shops.example:8443/x", true },
	{ "https://{{own}}-x.shops.example/", true },
	{ "https://{{own}}.{{domain}}/", true },
	{ "https://{{own}}.shops.{{tld}}/", true },
	{ "{{scheme}}://{{own}}.{{domain}}:{{port}}/", true },
	{ "{{base}}/{{own}}", true },
	{ "https://{{own}}@api.shops.example/", true },
	{ "https://{{own}}.shops.example./", true },
	{ "https://[2606:4700::1]:443/", true },
	/* The host is the connector's. */
	{ "https://{{own}}/", false },
	{ "https://{{ own }}/", false },
	{ "https://{{{own}}}/", false },
	{ "https://{{host}}:443/x.shops.example/", false },
	{ "https://{{host}}?x.shops.example", false },
	{ "https://{{host}}#.shops.example", false },
	{ "https://{{own}}.example/", false },
	{ "https://{{own}}shops.example/", false },
	{ "https://{{own}}.{{tld}}/", false },
	{ "https://api.{{own}}/", false },
	{ "https://api.shops.example.{{own}}", false },
	{ "https://{{own}}.shops.example{{own}}/", false },
	{ "https://{{own}}..example/", false },
	{ "https://{{own}}.0.1/", false },
	{ "https://{{own}}.x.0x7f000001/", false },
	{ "https://a.b@{{host}}/", false },
	{ "https://[{{own}}]/", false },
	/* Scheme or port is the connector's, or nobody's. */
	{ "https://api.shops.example:{{own}}/", false },
	{ "https://api.shops.example:80{{own}}/", false },
	{ "{{own}}://api.shops.example/", false },
	{ "http{{own}}://api.shops.example/", false },
	{ "{{own}}", false },
	{ "{{own}}/.shops.example", false },
	{ "https://{{none}}/", false },
	{ "https://{{unknown}}/", false },
	{ "api.shops.example/", false },
	{ "ftp://api.shops.example/", false },
	{ "https://", false },
	{ "", false },
};

Test(destination, lets_secret_defaults_go_where_the_catalogue_says)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(urls); i++) {
		struct probe_target target = { .type = STR("token"),
			.protocol = STR("HTTP"),
			.url = str_of(urls[i].url),
			.variables = variables,
			.n_variables = N_ELEMENTS(variables) };

		cr_expect_eq(probe_sends_defaults(arena, &target),
		    urls[i].fixed, "%s", urls[i].url);
	}
	arena_free(arena);
}

#define FIXED "https://fixed.example/"
#define OPEN  "https://{{own}}/"

static const struct {
	const char *type, *protocol, *url, *test_url;
	bool sends;
} targets[] = {
	/* Only the URLs that the type goes to are looked at. */
	{ "basic", "HTTP", OPEN, FIXED, true },
	{ "basic", "HTTP", FIXED, OPEN, false },
	{ "basic", "S3", FIXED, "", true },
	{ "aws_sigv4", "S3", OPEN, "", false },
	{ "soap", "HTTP", FIXED, OPEN, true },
	{ "soap", "HTTP", OPEN, FIXED, false },
	{ "soap", "HTTP", "", OPEN, false },
	{ "oauth2_password", "HTTP", FIXED, FIXED, true },
	{ "oauth2_password", "HTTP", FIXED, OPEN, false },
	{ "oauth2_password", "HTTP", OPEN, FIXED, false },
	{ "oauth2_password", "HTTP", FIXED, "", true },
	{ "none", "HTTP", "", "", false },
	{ "nonsense", "HTTP", FIXED, FIXED, false },
	/* Elsewhere the variables decide. */
	{ "ftp", "FTP", FIXED, FIXED, false },
	{ "sftp_key", "SFTP", "", "", false },
	{ "database", "MySQL", "", "", false },
};

Test(destination, depends_on_type_and_protocol)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(targets); i++) {
		struct probe_target target = { .type = str_of(targets[i].type),
			.protocol = str_of(targets[i].protocol),
			.url = str_of(targets[i].url),
			.test_url = str_of(targets[i].test_url),
			.variables = variables,
			.n_variables = N_ELEMENTS(variables) };

		cr_expect_eq(probe_sends_defaults(arena, &target),
		    targets[i].sends, "row %zu", i);
	}
	arena_free(arena);
}

Test(destination, of_other_protocols_is_fixed_by_default_host_and_port)
{
	static const struct probe_variable fixed[] = {
		DEFAULT("host", "files.example"),
		DEFAULT("port", "21"),
		OWN("root", "x"),
	};
	static const struct probe_variable port[] = {
		DEFAULT("host", "files.example"),
		OWN("port", "2121"),
	};
	struct probe_target target = { .type = STR("ftp"),
		.protocol = STR("FTP"),
		.variables = fixed,
		.n_variables = N_ELEMENTS(fixed) };
	struct arena *arena = arena_new(4096);

	cr_expect(probe_sends_defaults(arena, &target));
	target.variables = port;
	target.n_variables = N_ELEMENTS(port);
	cr_expect(!probe_sends_defaults(arena, &target));
	arena_free(arena);
}

Test(reference, authority_ends_where_the_path_begins)
{
	static const struct {
		const char *url, *authority;
	} cases[] = {
		{ "https://h:1/p", "https://h:1" },
		{ "https://h?q", "https://h" },
		{ "https://h#f", "https://h" },
		{ "https://h", "https://h" },
		{ "{{a}}://{{b}}/", "{{a}}://{{b}}" },
		{ "{{base}}/x?u=http://{{y}}/", "{{base}}" },
		{ "{{base}}", "{{base}}" },
		{ "https:///x", "https://" },
		{ "https://a/b://c/", "https://a" },
		{ "", "" },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++)
		cr_expect(
		    str_equal_text(reference_authority(str_of(cases[i].url)),
			cases[i].authority),
		    "%s", cases[i].url);
}
