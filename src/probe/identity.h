/*
 * The connector's client certificate. Only for files of this folder.
 */
#ifndef PROBE_IDENTITY_H
#define PROBE_IDENTITY_H

#include "probe/attempt.h"

/*
 * Opens the target's certificate, whatever it came in: ret is PEM with its key,
 * which is not encrypted any more, and the chain. So every library can read it,
 * and what is amiss is said before anything is sent. Empty if the target has
 * none. Ends the test if it does not open.
 */
enum error identity_open(struct attempt *, struct str *ret);

#endif
