/*
 * Packets of the MySQL protocol, over TCP or TLS, within a time and a number
 * of bytes.
 *
 * Memory does not grow with what the server sends: only the beginning of a
 * packet is kept. Must not know what a packet means.
 */
#ifndef DB_PROBE_WIRE_H
#define DB_PROBE_WIRE_H

#include "base/buf.h"
#include "db/probe.h"

struct tls;

#define WIRE_HEAD_MAX 4096 /* bytes kept of a packet */

struct wire {
	int fd;
	struct tls *tls;      /* NULL: not encrypted */
	uint64_t deadline_us; /* on the clock of time_monotonic() */
	size_t left;          /* bytes of packets that may still come */
	size_t raw_max;       /* bytes of TLS that may come altogether */
	unsigned char number; /* of the next packet, either way */
	/* The last packet. */
	unsigned char head[WIRE_HEAD_MAX];
	size_t len; /* bytes in head */
};

/* Passes any outcome but DB_PROBE_OK on. */
#define PASS(call)                                            \
	do {                                                  \
		enum db_probe_outcome pass_outcome_ = (call); \
		if (pass_outcome_ != DB_PROBE_OK)             \
			return pass_outcome_;                 \
	} while (0)

/* Connects to a numeric address. All of wire is 0 but deadline_us and left. */
enum db_probe_outcome wire_connect(
    struct wire *, const char *address, unsigned port);

/* Shakes hands; all that follows is encrypted. tls stays the caller's. */
enum db_probe_outcome wire_start_tls(struct wire *, struct tls *tls);

/*
 * Reads a packet into head. DB_PROBE_NOT_MYSQL: it does not have the number
 * that is due. DB_PROBE_TOO_LARGE: the server sends more than it may.
 */
enum db_probe_outcome wire_read(struct wire *);

/* Sends a packet (a payload of less than 16 MiB). */
enum db_probe_outcome wire_write(struct wire *, struct str payload);

#endif
