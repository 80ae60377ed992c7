/*
 * The ciphers of older tools (RC2, RC4, DES and others), which OpenSSL 3 keeps
 * in its legacy provider: for opening what was encrypted with them, and for
 * nothing else. What the rest of the program does with OpenSSL, TLS above all,
 * never sees them.
 */
#ifndef SECRET_OLD_CIPHERS_H
#define SECRET_OLD_CIPHERS_H

#include <stdbool.h>

/*
 * From begin to end OpenSSL knows them in this thread, if the provider is
 * installed. end takes what begin returned.
 */
void *old_ciphers_begin(void);
void old_ciphers_end(void *before);

/* Whether the provider is installed; of use after the first begin. */
bool old_ciphers_are_here(void);

#endif
