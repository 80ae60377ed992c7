/*
 * src/probe/guard.c
 */
#include <config.h>

#include "probe/guard.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
	const char *text;
	enum guard_verdict verdict;
} addresses[] = {
	/* this network */
	{ "0.0.0.0", GUARD_INTERNAL },
	{ "0.0.0.1", GUARD_INTERNAL },
	{ "0.255.255.255", GUARD_INTERNAL },
	{ "1.0.0.0", GUARD_PUBLIC },
	/* private */
	{ "9.255.255.255", GUARD_PUBLIC },
	{ "10.0.0.0", GUARD_INTERNAL },
	{ "10.1.2.3", GUARD_INTERNAL },
	{ "10.255.255.255", GUARD_INTERNAL },
	{ "11.0.0.0", GUARD_PUBLIC },
	{ "172.15.255.255", GUARD_PUBLIC },
	{ "172.16.0.0", GUARD_INTERNAL },
	{ "172.20.10.1", GUARD_INTERNAL },
	{ "172.31.255.255", GUARD_INTERNAL },
	{ "172.32.0.0", GUARD_PUBLIC },
	{ "192.167.255.255", GUARD_PUBLIC },
	{ "192.168.0.0", GUARD_INTERNAL },
	{ "192.168.1.1", GUARD_INTERNAL },
	{ "192.168.255.255", GUARD_INTERNAL },
	{ "192.169.0.0", GUARD_PUBLIC },
	/* carrier-grade NAT */
	{ "100.63.255.255", GUARD_PUBLIC },
	{ "100.64.0.0", GUARD_INTERNAL },
	{ "100.100.0.1", GUARD_INTERNAL },
	{ "100.127.255.255", GUARD_INTERNAL },
	{ "100.128.0.0", GUARD_PUBLIC },
	/* loopback */
	{ "126.255.255.255", GUARD_PUBLIC },
	{ "127.0.0.0", GUARD_INTERNAL },
	{ "127.0.0.1", GUARD_INTERNAL },
	{ "127.0.1.1", GUARD_INTERNAL },
	{ "127.1.2.3", GUARD_INTERNAL },
	{ "127.255.255.255", GUARD_INTERNAL },
	{ "128.0.0.0", GUARD_PUBLIC },
	/* link-local */
	{ "169.253.255.255", GUARD_PUBLIC },
	{ "169.254.0.0", GUARD_INTERNAL },
	{ "169.254.1.1", GUARD_INTERNAL },
	{ "169.254.255.255", GUARD_INTERNAL },
	{ "169.255.0.0", GUARD_PUBLIC },
	/* protocol assignments, documentation, relays, benchmarks */
	{ "191.255.255.255", GUARD_PUBLIC },
	{ "192.0.0.0", GUARD_INTERNAL },
	{ "192.0.0.8", GUARD_INTERNAL },
	{ "192.0.0.170", GUARD_INTERNAL },
	{ "192.0.0.255", GUARD_INTERNAL },
	{ "192.0.1.0", GUARD_PUBLIC },
	{ "192.0.2.0", GUARD_INTERNAL },
	{ "192.0.2.255", GUARD_INTERNAL },
	{ "192.0.3.0", GUARD_PUBLIC },
	{ "192.88.98.255", GUARD_PUBLIC },
	{ "192.88.99.0", GUARD_INTERNAL },
	{ "192.88.99.1", GUARD_INTERNAL },
	{ "192.88.100.0", GUARD_PUBLIC },
	{ "198.17.255.255", GUARD_PUBLIC },
	{ "198.18.0.0", GUARD_INTERNAL },
	{ "198.19.255.255", GUARD_INTERNAL },
	{ "198.20.0.0", GUARD_PUBLIC },
	{ "198.51.99.255", GUARD_PUBLIC },
	{ "198.51.100.7", GUARD_INTERNAL },
	{ "198.51.101.0", GUARD_PUBLIC },
	{ "203.0.112.255", GUARD_PUBLIC },
	{ "203.0.113.0", GUARD_INTERNAL },
	{ "203.0.113.255", GUARD_INTERNAL },
	{ "203.0.114.0", GUARD_PUBLIC },
	/* multicast, reserved, broadcast */
	{ "223.255.255.255", GUARD_PUBLIC },
	{ "224.0.0.0", GUARD_INTERNAL },
	{ "224.0.0.1", GUARD_INTERNAL },
	{ "239.255.255.250", GUARD_INTERNAL },
	{ "240.0.0.0", GUARD_INTERNAL },
	{ "250.1.1.1", GUARD_INTERNAL },
	{ "255.255.255.254", GUARD_INTERNAL },
	{ "255.255.255.255", GUARD_INTERNAL },
	/* plainly public */
	{ "1.1.1.1", GUARD_PUBLIC },
	{ "8.8.8.8", GUARD_PUBLIC },
	{ "93.184.216.34", GUARD_PUBLIC },
	{ "151.101.1.69", GUARD_PUBLIC },
	/* metadata */
	{ "169.254.169.254", GUARD_METADATA },
	{ "169.254.169.253", GUARD_METADATA },
	{ "169.254.170.2", GUARD_METADATA },
	{ "169.254.170.23", GUARD_METADATA },
	{ "169.254.42.42", GUARD_METADATA },
	{ "169.254.0.23", GUARD_METADATA },
	{ "100.100.100.200", GUARD_METADATA },
	{ "168.63.129.16", GUARD_METADATA },
	{ "168.63.129.17", GUARD_PUBLIC },
	{ "192.0.0.192", GUARD_METADATA },
	{ "fd00:ec2::254", GUARD_METADATA },
	{ "fd00:ec2::23", GUARD_METADATA },
	{ "fd00:ec2::253", GUARD_METADATA },
	{ "fd20:ce::254", GUARD_METADATA },
	{ "fd00:42::42", GUARD_METADATA },
	{ "fd00:ec2::255", GUARD_INTERNAL },
	{ "::ffff:169.254.169.254", GUARD_METADATA },
	{ "::ffff:a9fe:a9fe", GUARD_METADATA },
	{ "::169.254.169.254", GUARD_METADATA },
	{ "64:ff9b::169.254.169.254", GUARD_METADATA },
	{ "64:ff9b::a83f:8110", GUARD_METADATA },
	{ "2002:a9fe:a9fe::1", GUARD_METADATA },
	{ "2002:a83f:8110::", GUARD_METADATA },
	/* IPv6: special */
	{ "::", GUARD_INTERNAL },
	{ "::1", GUARD_INTERNAL },
	{ "::2", GUARD_INTERNAL },
	{ "::7f00:1", GUARD_INTERNAL },
	{ "::127.0.0.1", GUARD_INTERNAL },
	{ "::8.8.8.8", GUARD_INTERNAL },
	{ "::fffe:1.1.1.1", GUARD_INTERNAL },
	{ "0:0:0:0:0:0:0:1", GUARD_INTERNAL },
	{ "0:1::", GUARD_INTERNAL },
	{ "100::", GUARD_INTERNAL },
	{ "100::1", GUARD_INTERNAL },
	{ "1fff:ffff::", GUARD_INTERNAL },
	{ "2000::", GUARD_PUBLIC },
	{ "3fff:ffff::1", GUARD_PUBLIC },
	{ "3fff::1", GUARD_INTERNAL },
	{ "3fff:fff::1", GUARD_INTERNAL },
	{ "3fff:1000::1", GUARD_PUBLIC },
	{ "4000::", GUARD_INTERNAL },
	{ "5f00::1", GUARD_INTERNAL },
	{ "8000::1", GUARD_INTERNAL },
	{ "fbff::1", GUARD_INTERNAL },
	{ "fc00::", GUARD_INTERNAL },
	{ "fc00::1", GUARD_INTERNAL },
	{ "fd12:3456:789a::1", GUARD_INTERNAL },
	{ "fdff:ffff::1", GUARD_INTERNAL },
	{ "fe00::1", GUARD_INTERNAL },
	{ "fe80::", GUARD_INTERNAL },
	{ "fe80::1", GUARD_INTERNAL },
	{ "fe80::a9fe:a9fe", GUARD_INTERNAL },
	{ "febf::1", GUARD_INTERNAL },
	{ "fec0::1", GUARD_INTERNAL },
	{ "ff00::1", GUARD_INTERNAL },
	{ "ff02::1", GUARD_INTERNAL },
	{ "ff0e::1", GUARD_INTERNAL },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_INTERNAL },
	/* inside global unicast */
	{ "2001::", GUARD_INTERNAL },
	{ "2001:2::1", GUARD_INTERNAL },
	{ "2001:10::1", GUARD_INTERNAL },
	{ "2001:20::1", GUARD_INTERNAL },
	{ "2001:1ff::1", GUARD_INTERNAL },
	{ "2001:200::1", GUARD_PUBLIC },
	{ "2001:db7:ffff::1", GUARD_PUBLIC },
	{ "2001:db8::1", GUARD_INTERNAL },
	{ "2001:db8:ffff::1", GUARD_INTERNAL },
	{ "2001:db9::1", GUARD_PUBLIC },
	{ "2606:4700:4700::1111", GUARD_PUBLIC },
	{ "2a00:1450:4001:81b::200e", GUARD_PUBLIC },
	/* IPv4-mapped is IPv4 */
	{ "::ffff:127.0.0.1", GUARD_INTERNAL },
	{ "::ffff:7f00:1", GUARD_INTERNAL },
	{ "::ffff:10.0.0.1", GUARD_INTERNAL },
	{ "::ffff:192.168.0.1", GUARD_INTERNAL },
	{ "::ffff:0.0.0.0", GUARD_INTERNAL },
	{ "::ffff:8.8.8.8", GUARD_PUBLIC },
	{ "::ffff:0:127.0.0.1", GUARD_INTERNAL },
	{ "::ffff:0:8.8.8.8", GUARD_INTERNAL },
	/* NAT64 */
	{ "64:ff9b::8.8.8.8", GUARD_PUBLIC },
	{ "64:ff9b::127.0.0.1", GUARD_INTERNAL },
	{ "64:ff9b::7f00:1", GUARD_INTERNAL },
	{ "64:ff9b::10.0.0.1", GUARD_INTERNAL },
	{ "64:ff9b::192.168.1.1", GUARD_INTERNAL },
	{ "64:ff9b::172.16.0.1", GUARD_INTERNAL },
	{ "64:ff9b::100.64.0.1", GUARD_INTERNAL },
	{ "64:ff9b::224.0.0.1", GUARD_INTERNAL },
	{ "64:ff9b::0.0.0.0", GUARD_INTERNAL },
	{ "64:ff9b:1::", GUARD_INTERNAL },
	{ "64:ff9b:1::8.8.8.8", GUARD_INTERNAL },
	{ "64:ff9b:1:ffff::7f00:1", GUARD_INTERNAL },
	{ "64:ff9b:0:0:0:1::", GUARD_INTERNAL },
	{ "64:ff9a::8.8.8.8", GUARD_INTERNAL },
	/* 6to4 */
	{ "2002:808:808::1", GUARD_PUBLIC },
	{ "2002:7f00:1::", GUARD_INTERNAL },
	{ "2002:7f00:1::1", GUARD_INTERNAL },
	{ "2002:a00:1::1", GUARD_INTERNAL },
	{ "2002:c0a8:101::1", GUARD_INTERNAL },
	{ "2002:ac10:1::1", GUARD_INTERNAL },
	{ "2002:6440:1::1", GUARD_INTERNAL },
	{ "2002:0:1::1", GUARD_INTERNAL },
	{ "2002:e000:1::1", GUARD_INTERNAL },
	{ "2002:ffff:ffff::1", GUARD_INTERNAL },
	/* Teredo: server 8.8.8.8 and another; client inverted */
	{ "2001:0:808:808::f7f7:f7f7", GUARD_INTERNAL },
	{ "2001:0:7f00:1::f7f7:f7f7", GUARD_INTERNAL },
	{ "2001:0:808:808::80ff:fffe", GUARD_INTERNAL },
	{ "2001:0:808:808::5601:5601", GUARD_METADATA },
	/* ISATAP */
	{ "2606:4700::5efe:8.8.8.8", GUARD_PUBLIC },
	{ "2606:4700::5efe:127.0.0.1", GUARD_INTERNAL },
	{ "2606:4700::200:5efe:10.0.0.1", GUARD_INTERNAL },
	{ "2606:4700::200:5efe:169.254.169.254", GUARD_METADATA },
};

static struct address
address(const char *text)
{
	struct address address = { 0 };

	cr_assert(address_parse(str_of(text), &address), "%s", text);
	return address;
}

Test(guard, judges_addresses)
{
	cr_expect(N_ELEMENTS(addresses) >= 150);
	for (size_t i = 0; i < N_ELEMENTS(addresses); i++) {
		struct address a = address(addresses[i].text);

		cr_expect_eq(guard_judge(&a, NULL, 0), addresses[i].verdict,
		    "%s", addresses[i].text);
	}
}

static const struct {
	const char *network, *address;
	enum guard_verdict verdict;
} opened[] = {
	{ "127.0.0.0/8", "127.0.0.1", GUARD_OPENED },
	{ "127.0.0.0/8", "10.0.0.1", GUARD_INTERNAL },
	{ "127.0.0.0/8", "8.8.8.8", GUARD_PUBLIC },
	{ "127.0.0.0/8", "::ffff:127.0.0.1", GUARD_OPENED },
	{ "127.0.0.0/8", "::1", GUARD_INTERNAL },
	{ "127.0.0.0/8", "::127.0.0.1", GUARD_INTERNAL },
	{ "127.0.0.0/8", "64:ff9b::127.0.0.1", GUARD_INTERNAL },
	{ "127.0.0.0/8", "2002:7f00:1::1", GUARD_INTERNAL },
	{ "127.0.0.1", "127.0.0.1", GUARD_OPENED },
	{ "127.0.0.1", "127.0.0.2", GUARD_INTERNAL },
	{ "127.0.0.1/32", "127.0.0.1", GUARD_OPENED },
	{ "::1", "::1", GUARD_OPENED },
	{ "::1/128", "::2", GUARD_INTERNAL },
	{ "fc00::/7", "fd00::1", GUARD_OPENED },
	{ "fc00::/7", "fe80::1", GUARD_INTERNAL },
	{ "0.0.0.0/0", "127.0.0.1", GUARD_OPENED },
	{ "0.0.0.0/0", "::1", GUARD_INTERNAL },
	{ "::/0", "fe80::1", GUARD_OPENED },
	{ "::/0", "127.0.0.1", GUARD_OPENED },
	{ "::ffff:10.0.0.0/104", "10.1.1.1", GUARD_OPENED },
	/* metadata: only by name */
	{ "169.254.0.0/16", "169.254.1.1", GUARD_OPENED },
	{ "169.254.0.0/16", "169.254.169.254", GUARD_METADATA },
	{ "169.254.169.254/31", "169.254.169.254", GUARD_METADATA },
	{ "169.254.169.254/32", "169.254.169.254", GUARD_OPENED },
	{ "169.254.169.254", "169.254.169.254", GUARD_OPENED },
	{ "169.254.169.254", "::ffff:169.254.169.254", GUARD_OPENED },
	{ "169.254.169.254", "64:ff9b::169.254.169.254", GUARD_METADATA },
	{ "0.0.0.0/0", "168.63.129.16", GUARD_METADATA },
	{ "168.63.129.16", "168.63.129.16", GUARD_OPENED },
	{ "100.64.0.0/10", "100.100.100.200", GUARD_METADATA },
	{ "fc00::/7", "fd00:ec2::254", GUARD_METADATA },
	{ "::/0", "fd00:ec2::254", GUARD_METADATA },
	{ "fd00:ec2::254/128", "fd00:ec2::254", GUARD_OPENED },
	{ "64:ff9b::/96", "64:ff9b::10.0.0.1", GUARD_OPENED },
};

Test(guard, opens_what_the_configuration_names)
{
	for (size_t i = 0; i < N_ELEMENTS(opened); i++) {
		struct address a = address(opened[i].address);
		struct network network;

		cr_assert(network_parse(str_of(opened[i].network), &network),
		    "%s", opened[i].network);
		cr_expect_eq(guard_judge(&a, &network, 1), opened[i].verdict,
		    "%s in %s", opened[i].address, opened[i].network);
	}
}

static const char *const no_networks[] = { "", " ", "10", "10.0.0.0/33",
	"10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.1/8",
	"127.1", "127.0.0.01", "0x7f.0.0.1", "localhost", "::1/129", "::1/64",
	"[::1]", "fe80::1%lo", "/8", "1.2.3.4.5",
	"10.0.0.0/99999999999999999999",
	"aaaa:bbbb:cccc:dddd:eeee:ffff:1111:2222:3333:4444" };

Test(guard, refuses_what_is_no_network)
{
	for (size_t i = 0; i < N_ELEMENTS(no_networks); i++) {
		struct network network;

		cr_expect(!network_parse(str_of(no_networks[i]), &network),
		    "%s", no_networks[i]);
	}
}

Test(guard, lets_only_public_and_opened_pass)
{
	cr_expect(guard_allows(GUARD_PUBLIC));
	cr_expect(guard_allows(GUARD_OPENED));
	cr_expect(!guard_allows(GUARD_INTERNAL));
	cr_expect(!guard_allows(GUARD_METADATA));
}

Test(guard, reads_socket_addresses)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct address a, expected = address("127.0.0.1");

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&in6.sin6_addr, expected.bytes, 16);
	cr_expect(address_of_sockaddr(&in, sizeof(in), &a));
	cr_expect_eq(memcmp(&a, &expected, sizeof(a)), 0);
	cr_expect(address_of_sockaddr(&in6, sizeof(in6), &a));
	cr_expect_eq(memcmp(&a, &expected, sizeof(a)), 0);
	cr_expect(!address_of_sockaddr(&other, sizeof(other), &a));
	cr_expect(!address_of_sockaddr(&in, 4, &a));
	cr_expect(!address_of_sockaddr(&in6, sizeof(in), &a));
}

Test(guard, writes_addresses)
{
	struct arena *arena = arena_new(1024);
	struct address a = address("::ffff:10.0.0.1");

	cr_expect_str_eq(address_text(arena, &a).ptr, "10.0.0.1");
	a = address("2001:DB8:0:0::1");
	cr_expect_str_eq(address_text(arena, &a).ptr, "2001:db8::1");
	arena_free(arena);
}
