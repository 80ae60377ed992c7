/*
 * Passphrases for OpenSSL. Private to this folder.
 */
#ifndef SECRET_PASSPHRASE_H
#define SECRET_PASSPHRASE_H

/*
 * A pem_password_cb: gives OpenSSL the passphrase that data, a struct str,
 * holds. Without a callback OpenSSL would ask on the terminal.
 */
int passphrase_give(char *out, int size, int is_writing, void *data);

#endif
