/*
 * src/base/hosts.c, listen.c
 */
#include <config.h>

#include "base/hosts.h"
#include "base/listen.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
	const char *text;
	const char *host; /* NULL: refused */
	unsigned port;
} hosts[] = {
	{ "db", "db", 0 },
	{ "db:3307", "db", 3307 },
	{ "localhost:65535", "localhost", 65535 },
	{ "a-1.b_2.example.net:1", "a-1.b_2.example.net", 1 },
	{ "192.0.2.1:3306", "192.0.2.1", 3306 },
	{ "[::1]", "::1", 0 },
	{ "[2001:db8::7]:3306", "2001:db8::7", 3306 },
	{ "[fe80::1%eth0]:3306", "fe80::1%eth0", 3306 },
	{ "", NULL, 0 },
	{ ":3306", NULL, 0 },
	{ "db:", NULL, 0 },
	{ "db:0", NULL, 0 },
	{ "db:65536", NULL, 0 },
	{ "db:99999", NULL, 0 },
	{ "db:99999999999999999999", NULL, 0 },
	{ "db:-1", NULL, 0 },
	{ "db:+1", NULL, 0 },
	{ "db:33x", NULL, 0 },
	{ "db: 33", NULL, 0 },
	{ "db example net", NULL, 0 },
	{ " db", NULL, 0 },
	{ "::1", NULL, 0 },
	{ "[db]:1", NULL, 0 },
	{ "[::1", NULL, 0 },
	{ "[::1]3306", NULL, 0 },
	{ "[]:3306", NULL, 0 },
	{ "999.0.2.1", NULL, 0 },
	{ "1.2.3", NULL, 0 },
	{ "/run/x.sock", NULL, 0 },
	{ "user@db", NULL, 0 },
	{ "d\xc3\xbc", NULL, 0 },
};

Test(hosts, reads_host_and_port)
{
	for (size_t i = 0; i < N_ELEMENTS(hosts); i++) {
		struct host_port found = { .port = 7 };
		bool good = host_parse(str_of(hosts[i].text), &found);

		cr_expect_eq(good, hosts[i].host != NULL, "%s", hosts[i].text);
		if (!good || hosts[i].host == NULL)
			continue;
		cr_expect_str_eq(found.host, hosts[i].host);
		cr_expect_eq(found.port, hosts[i].port, "%s", hosts[i].text);
	}
}

Test(hosts, refuses_names_that_no_name_server_knows)
{
	char name[HOST_NAME_MAX_LEN + 2];
	struct host_port found;

	memset(name, 'x', sizeof(name));
	cr_expect_not(
	    host_parse((struct str){ name, sizeof(name) - 1 }, &found));
	cr_expect(host_parse((struct str){ name, sizeof(name) - 2 }, &found));
}

Test(hosts, reads_lists)
{
	struct str rest = STR(" a:1 ,b,\t[::1]:2"), entry;
	static const char *const expected[] = { "a:1", "b", "[::1]:2" };

	for (size_t i = 0; i < N_ELEMENTS(expected); i++) {
		cr_assert(host_next(&rest, &entry));
		cr_expect(str_equal_text(entry, expected[i]));
	}
	cr_expect_not(host_next(&rest, &entry));
	cr_expect(host_list_is_good(STR("a, b:2 ,[::1]")));
	cr_expect_not(host_list_is_good(STR("")));
	cr_expect_not(host_list_is_good(STR("a,,b")));
	cr_expect_not(host_list_is_good(STR("a,")));
	cr_expect_not(host_list_is_good(STR("a b")));
}

static const struct {
	const char *text;
	int kind; /* -1: refused */
	const char *name;
	unsigned number; /* port or descriptor */
} places[] = {
	{ "", LISTEN_OFF, NULL, 0 },
	{ "unix:/run/x.sock", LISTEN_UNIX, "/run/x.sock", 0 },
	{ "unix:x", LISTEN_UNIX, "x", 0 },
	{ "fd:0", LISTEN_FD, NULL, 0 },
	{ "fd:1023", LISTEN_FD, NULL, 1023 },
	{ "systemd:api", LISTEN_SYSTEMD, "api", 0 },
	{ "127.0.0.1:9000", LISTEN_TCP, "127.0.0.1", 9000 },
	{ "[::1]:9000", LISTEN_TCP, "::1", 9000 },
	{ "*:9000", LISTEN_TCP, "", 9000 },
	{ "/x.sock", -1, NULL, 0 },
	{ "x.sock", -1, NULL, 0 },
	{ "unix:", -1, NULL, 0 },
	{ "unix", -1, NULL, 0 },
	{ "UNIX:/x", -1, NULL, 0 },
	{ "fd:", -1, NULL, 0 },
	{ "fd:1024", -1, NULL, 0 },
	{ "fd:x", -1, NULL, 0 },
	{ "systemd:", -1, NULL, 0 },
	{ "host", -1, NULL, 0 },
	{ "host:0", -1, NULL, 0 },
	{ "host:99999", -1, NULL, 0 },
	{ "*", -1, NULL, 0 },
	{ "*:", -1, NULL, 0 },
	{ "*:0", -1, NULL, 0 },
	{ ":9000", -1, NULL, 0 },
	{ "9000", -1, NULL, 0 },
};

Test(listen, reads_every_form_and_no_other)
{
	for (size_t i = 0; i < N_ELEMENTS(places); i++) {
		const char *text = places[i].text;
		struct listen_place found;
		bool good = listen_parse(text, &found);
		bool tcp = found.kind == LISTEN_TCP;

		cr_assert_eq(good, places[i].kind >= 0, "%s", text);
		if (!good)
			continue;
		cr_expect_eq((int)found.kind, places[i].kind, "%s", text);
		cr_expect_eq(tcp ? found.tcp.port : found.fd, places[i].number,
		    "%s", text);
		if (places[i].name != NULL)
			cr_expect_str_eq(tcp ? found.tcp.host : found.name,
			    places[i].name, "%s", text);
	}
}

Test(listen, takes_paths_that_fit_with_their_suffix)
{
	char text[200] = "unix:/";
	struct listen_place found;

	memset(text + 6, 'x', LISTEN_PATH_MAX - 1);
	cr_expect(listen_parse(text, &found));
	text[5 + LISTEN_PATH_MAX] = 'x';
	cr_expect_not(listen_parse(text, &found));
}
