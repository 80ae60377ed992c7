/*
 * The connector's client certificate. Only for files of this folder.
 */
#ifndef PROBE_IDENTITY_H
#define PROBE_IDENTITY_H

#include "probe/attempt.h"

/*
 * Opens the target's certificate, of whatever format: ret is PEM with the
 * decrypted key and the chain. So every library can read it, and a fault is
 * reported before anything is sent. Empty if the target has none. Ends the test
 * if it does not open.
 */
enum error identity_open(struct attempt *, struct str *ret);

#endif
