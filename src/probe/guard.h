/*
 * Which addresses a test may connect to.
 *
 * Judges the bytes of an address, never its text, so its spelling does not
 * matter. IPv4 addresses inside IPv6 addresses are judged too. Pure.
 */
#ifndef PROBE_GUARD_H
#define PROBE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* An address; IPv4 as ::ffff:a.b.c.d. */
struct address {
	unsigned char bytes[16];
};

/* A block of addresses; IPv4 blocks lie in ::ffff:0:0/96. */
struct network {
	struct address address;
	unsigned prefix; /* bits, 0..128 */
};

enum guard_verdict {
	GUARD_PUBLIC,   /* may be connected to */
	GUARD_OPENED,   /* not public, but opened by the configuration */
	GUARD_INTERNAL, /* loopback, private, link-local, reserved, ... */
	GUARD_METADATA, /* a cloud's metadata service, which hands out
			   credentials */
};

/* Reads "192.0.2.1" or "2001:db8::1" (no other spelling). */
bool address_parse(struct str text, struct address *ret);

/* The usual text of an address, in the arena. */
struct str address_text(struct arena *, const struct address *);

/* Takes the address out of a struct sockaddr; false if it is neither IPv4 nor
 * IPv6, or too short. */
bool address_of_sockaddr(const void *sockaddr, size_t len, struct address *ret);

/* Reads "10.0.0.0/8", "fc00::/7" or a single address. False if it is neither,
 * or has bits set behind its prefix. */
bool network_parse(struct str text, struct network *ret);

bool network_has(const struct network *, const struct address *);

/* Whether one of n networks has the address. */
bool networks_have(
    const struct network *networks, size_t n, const struct address *);

/*
 * Judges an address. A metadata address is opened only by an entry for it
 * alone (/32, /128), never by a block around it.
 */
enum guard_verdict guard_judge(
    const struct address *, const struct network *networks, size_t n_networks);

/* Whether the verdict lets a connection be made. */
bool guard_allows(enum guard_verdict);

#endif
