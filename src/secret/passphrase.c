/*
 * The callback of OpenSSL for a passphrase.
 */
#include <config.h>

#include "secret/passphrase.h"

#include <string.h>

#include "base/str.h"

int
passphrase_give(char *out, int size, int is_writing, void *data)
{
	const struct str *passphrase = data;

	(void)is_writing;
	if (size < 0 || passphrase->len > (size_t)size)
		return -1;
	if (passphrase->len > 0)
		memcpy(out, passphrase->ptr, passphrase->len);
	return (int)passphrase->len;
}
