/*
 * Reading the file of a key ring, provided that no other account can read it.
 * Private to this folder.
 */
#ifndef SECRET_KEYRING_FILE_H
#define SECRET_KEYRING_FILE_H

#include <stddef.h>

#include "base/error.h"

#define KEYRING_MAX_BYTES 16384 /* of the file */

/* The content of a ring file, in locked memory. */
struct keyring_text {
	char *bytes;
	size_t len;
};

/*
 * Reads the file. Refused (ERROR_INTERNAL): what is no regular file, is too
 * long, or has a mode that lets others in: 0400 and 0600 pass, and 0440 when
 * root owns it, as systemd hands credentials out.
 */
enum error keyring_file_read(
    const char *path, struct keyring_text *ret, struct problem *reterr);

/* The error of a call of the system that failed with errno, for the log; what
 * says what was being done, as "reading it". Returns ERROR_INTERNAL. */
enum error keyring_file_fail(
    struct problem *reterr, const char *path, const char *what);

/* Wipes and frees the content. */
void keyring_text_done(struct keyring_text *);

#endif
