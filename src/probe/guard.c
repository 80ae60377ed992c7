/*
 * The address guard: tables of blocks, and of IPv4 addresses inside IPv6.
 *
 * IPv6 is judged by what is allowed (global unicast and NAT64), less the
 * blocks in it that are special; everything else is refused.
 */
#include <config.h>

#include "probe/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* clang-format off */
#define V4(a, b, c, d, prefix) \
	{ { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } }, \
	    96 + (prefix) }
/* The first eight and the last two bytes. */
#define V6(a, b, c, d, e, f, g, h, y, z, prefix) \
	{ { { a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0, y, z } }, prefix }

static const struct network v4_internal[] = {
	V4(0, 0, 0, 0, 8),          /* this network, unspecified */
	V4(10, 0, 0, 0, 8),         /* private */
	V4(100, 64, 0, 0, 10),      /* carrier-grade NAT */
	V4(127, 0, 0, 0, 8),        /* loopback */
	V4(169, 254, 0, 0, 16),     /* link-local */
	V4(172, 16, 0, 0, 12),      /* private */
	V4(192, 0, 0, 0, 24),       /* IETF protocol assignments */
	V4(192, 0, 2, 0, 24),       /* documentation */
	V4(192, 88, 99, 0, 24),     /* 6to4 relays, deprecated */
	V4(192, 168, 0, 0, 16),     /* private */
	V4(198, 18, 0, 0, 15),      /* benchmarks */
	V4(198, 51, 100, 0, 24),    /* documentation */
	V4(203, 0, 113, 0, 24),     /* documentation */
	V4(224, 0, 0, 0, 4),        /* multicast */
	V4(240, 0, 0, 0, 4),        /* reserved, broadcast */
};

static const struct network v6_public[] = {
	V6(0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3),             /* global unicast */
	V6(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 96),      /* NAT64 */
};

static const struct network v6_internal[] = {
	V6(0x20, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 23),         /* IETF, Teredo */
	V6(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 32),   /* documentation */
	V6(0x3f, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 20),         /* documentation */
};

static const struct network metadata[] = {
	V4(169, 254, 169, 254, 32),     /* nearly all clouds */
	V4(169, 254, 169, 253, 32),     /* AWS name server */
	V4(169, 254, 170, 2, 32),       /* AWS container credentials */
	V4(169, 254, 170, 23, 32),      /* AWS pod identity */
	V4(169, 254, 42, 42, 32),       /* Scaleway */
	V4(169, 254, 0, 23, 32),        /* Tencent */
	V4(100, 100, 100, 200, 32),     /* Alibaba */
	V4(168, 63, 129, 16, 32),       /* Azure's wire server: looks public */
	V4(192, 0, 0, 192, 32),         /* Oracle, classic */
	V6(0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0x02, 0x54, 128), /* AWS */
	V6(0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0x23, 128),    /* AWS pods */
	V6(0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0x02, 0x53, 128), /* AWS names */
	V6(0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0x02, 0x54, 128), /* Google */
	V6(0xfd, 0, 0, 0x42, 0, 0, 0, 0, 0, 0x42, 128),       /* Scaleway */
};

/* IPv4 inside IPv6: where its four bytes stand in a block. */
static const struct {
	struct network block;
	unsigned at;
	unsigned char flip; /* Teredo stores the client inverted */
} wrappings[] = {
	{ V6(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 96), 12, 0 },          /* compat */
	{ V6(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 96), 12, 0 }, /* NAT64 */
	{ V6(0x20, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 16), 2, 0 },     /* 6to4 */
	{ V6(0x20, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 32), 4, 0 },     /* Teredo */
	{ V6(0x20, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 32), 12, 0xff }, /* Teredo */
};
/* clang-format on */

static const struct network v4_space = V4(0, 0, 0, 0, 0);

bool
network_has(const struct network *network, const struct address *address)
{
	size_t whole = network->prefix / 8;
	unsigned rest = network->prefix % 8;
	unsigned mask = 0xff00u >> rest & 0xffu;

	if (memcmp(network->address.bytes, address->bytes, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	return ((network->address.bytes[whole] ^ address->bytes[whole]) &
		   mask) == 0;
}

bool
networks_have(
    const struct network *networks, size_t n, const struct address *address)
{
	for (size_t i = 0; i < n; i++)
		if (network_has(&networks[i], address))
			return true;
	return false;
}

static bool
is_v4(const struct address *address)
{
	return network_has(&v4_space, address);
}

/* Whether an entry for this address alone opens it. */
static bool
is_named(
    const struct address *address, const struct network *networks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (networks[i].prefix == 128 &&
		    network_has(&networks[i], address))
			return true;
	return false;
}

static struct address
unwrap(const struct address *outer, unsigned at, unsigned char flip)
{
	struct address inner = v4_space.address;

	for (unsigned i = 0; i < 4; i++)
		inner.bytes[12 + i] = outer->bytes[at + i] ^ flip;
	return inner;
}

static enum guard_verdict
judge_plain(const struct address *address)
{
	if (networks_have(metadata, N_ELEMENTS(metadata), address))
		return GUARD_METADATA;
	if (is_v4(address))
		return networks_have(
			   v4_internal, N_ELEMENTS(v4_internal), address)
			   ? GUARD_INTERNAL
			   : GUARD_PUBLIC;
	if (!networks_have(v6_public, N_ELEMENTS(v6_public), address) ||
	    networks_have(v6_internal, N_ELEMENTS(v6_internal), address))
		return GUARD_INTERNAL;
	return GUARD_PUBLIC;
}

/* ISATAP: the interface identifier says 0000:5efe or 0200:5efe, then IPv4. */
static bool
is_isatap(const struct address *address)
{
	static const unsigned char mark[] = { 0, 0x5e, 0xfe };

	return (address->bytes[8] & 0xfd) == 0 &&
	       memcmp(address->bytes + 9, mark, sizeof(mark)) == 0;
}

/* The strictest verdict of the address and of the IPv4 addresses inside it. */
static enum guard_verdict
judge_whole(const struct address *address)
{
	enum guard_verdict worst = judge_plain(address);

	for (size_t i = 0; i < N_ELEMENTS(wrappings); i++) {
		enum guard_verdict verdict;
		struct address inner;

		if (!network_has(&wrappings[i].block, address))
			continue;
		inner = unwrap(address, wrappings[i].at, wrappings[i].flip);
		verdict = judge_plain(&inner);
		worst = verdict > worst ? verdict : worst;
	}
	if (is_isatap(address)) {
		struct address inner = unwrap(address, 12, 0);
		enum guard_verdict verdict = judge_plain(&inner);

		worst = verdict > worst ? verdict : worst;
	}
	return worst;
}

enum guard_verdict
guard_judge(const struct address *address, const struct network *networks,
    size_t n_networks)
{
	enum guard_verdict verdict = judge_whole(address);

	if (verdict == GUARD_METADATA)
		return is_named(address, networks, n_networks) ? GUARD_OPENED
							       : GUARD_METADATA;
	if (verdict == GUARD_INTERNAL &&
	    networks_have(networks, n_networks, address))
		return GUARD_OPENED;
	return verdict;
}

bool
guard_allows(enum guard_verdict verdict)
{
	return verdict == GUARD_PUBLIC || verdict == GUARD_OPENED;
}

bool
address_parse(struct str text, struct address *ret)
{
	char copy[INET6_ADDRSTRLEN];
	struct address address = v4_space.address;

	if (text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.len == 0 ? "" : text.ptr, text.len);
	copy[text.len] = 0;
	if (inet_pton(AF_INET, copy, address.bytes + 12) != 1 &&
	    inet_pton(AF_INET6, copy, address.bytes) != 1)
		return false;
	*ret = address;
	return true;
}

struct str
address_text(struct arena *a, const struct address *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (is_v4(address))
		inet_ntop(AF_INET, address->bytes + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, address->bytes, text, sizeof(text));
	return arena_copy(a, str_of(text));
}

bool
address_of_sockaddr(const void *sockaddr, size_t len, struct address *ret)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	struct sockaddr head;

	if (len < sizeof(head))
		return false;
	memcpy(&head, sockaddr, sizeof(head));
	if (head.sa_family == AF_INET && len >= sizeof(in)) {
		memcpy(&in, sockaddr, sizeof(in));
		*ret = v4_space.address;
		memcpy(ret->bytes + 12, &in.sin_addr, 4);
		return true;
	}
	if (head.sa_family == AF_INET6 && len >= sizeof(in6)) {
		memcpy(&in6, sockaddr, sizeof(in6));
		memcpy(ret->bytes, &in6.sin6_addr, 16);
		return true;
	}
	return false;
}

/* All bits behind the prefix are 0. */
static bool
is_block(const struct network *network)
{
	struct network bit = *network;

	for (bit.prefix = 128; bit.prefix > network->prefix; bit.prefix--) {
		unsigned at = (bit.prefix - 1) / 8;
		unsigned mask = 0x80u >> (bit.prefix - 1) % 8;

		if ((network->address.bytes[at] & mask) != 0)
			return false;
	}
	return true;
}

bool
network_parse(struct str text, struct network *ret)
{
	size_t slash = str_find(text, '/');
	struct str address = { text.ptr, slash };
	struct network network = { .prefix = 128 };
	uint64_t prefix, limit;

	if (!address_parse(address, &network.address))
		return false;
	limit = str_find(address, ':') == address.len ? 32 : 128;
	if (slash < text.len) {
		if (!str_to_u64(str_from(text, slash + 1), &prefix) ||
		    prefix > limit)
			return false;
		network.prefix = (unsigned)(128 - limit + prefix);
	}
	if (!is_block(&network))
		return false;
	*ret = network;
	return true;
}
