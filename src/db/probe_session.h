/*
 * One exchange with a server, shared by the files probe*.c alone.
 */
#ifndef DB_PROBE_SESSION_H
#define DB_PROBE_SESSION_H

#include "db/probe.h"
#include "db/probe_wire.h"

#define SESSION_NONCE_SIZE 20 /* bytes of the greeting's challenge */
#define SESSION_METHOD_MAX 64 /* bytes of the name of a login method */

/* Capabilities, of the server and of the client. */
#define CLIENT_LONG_PASSWORD     0x1u
#define CLIENT_CONNECT_WITH_DB   0x8u
#define CLIENT_PROTOCOL_41       0x200u
#define CLIENT_SSL               0x800u
#define CLIENT_TRANSACTIONS      0x2000u
#define CLIENT_SECURE_CONNECTION 0x8000u
#define CLIENT_PLUGIN_AUTH       0x80000u

/* First bytes of packets. */
#define PACKET_OK       0x00
#define PACKET_MORE     0x01 /* more data of the login method */
#define PACKET_FILE     0xfb /* the server asks for a file */
#define PACKET_END      0xfe /* of columns, of rows; or another method */
#define PACKET_ERROR    0xff
#define PACKET_END_SIZE 9 /* a row that begins with 0xfe is longer */

/* What a server says first (protocol 10). */
struct greeting {
	unsigned capabilities;
	char method[SESSION_METHOD_MAX]; /* empty: none is named */
	unsigned char nonce[SESSION_NONCE_SIZE];
};

struct session {
	const struct db_probe_target *target;
	struct db_probe_result *result;
	struct wire wire;
	struct tls *tls; /* NULL: not begun */
	struct greeting greeting;
};

/* Reads a greeting that is not an error; false if it is none. */
bool greeting_parse(struct str packet, struct greeting *ret);

/* What the last packet, an error, means; keeps its number. */
enum db_probe_outcome session_error(struct session *);

/* Appends what the request for TLS is and a login begins with. */
void session_begin(const struct session *, struct buf *);

/* Logs in, after TLS if there is to be any: answers challenges, and sends the
 * password to a server that may have it. */
enum db_probe_outcome session_login(struct session *);

/* The whole exchange; everything found out is in ret. */
void session_run(const struct db_probe_target *, uint64_t deadline_us,
    struct db_probe_result *ret);

#endif
