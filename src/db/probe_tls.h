/*
 * TLS on a socket that does not block: the only file that includes libssl.
 *
 * Verifies as libcurl does for HTTPS, so that the same certificate is judged
 * the same; but a server that does not verify is only reported, the connection
 * goes on. The caller must look at the verdict before it sends anything secret.
 */
#ifndef DB_PROBE_TLS_H
#define DB_PROBE_TLS_H

#include "db/probe.h"

struct tls;

/*
 * Gets ready: authorities, and the client certificate with its key. NULL if
 * that cannot be used; *ret_outcome says why. The child's end frees it.
 */
struct tls *tls_new(
    const struct db_probe_target *, enum db_probe_outcome *ret_outcome);

/*
 * One try to shake hands / read / write: the number of bytes (the handshake:
 * 1), what to poll() for, negated, or 0 when nothing more will come.
 */
int tls_handshake(struct tls *, int fd);
int tls_read(struct tls *, void *bytes, int len);
int tls_write(struct tls *, const void *bytes, int len);

/* Bytes that came over the wire so far: more than were read. */
size_t tls_received(const struct tls *);

/* Whether TLS itself broke, not only the connection. */
bool tls_is_broken(const struct tls *);

/* Puts the verdict on the server's certificate into the result. */
void tls_judge(const struct tls *, const struct db_probe_target *,
    struct db_probe_result *ret);

/* Puts what went wrong into the result. */
void tls_explain(const struct tls *, struct db_probe_result *ret);

#endif
