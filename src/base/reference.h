/*
 * References to variables in texts of the catalogue: {{key}}.
 *
 * A reference is two braces, a key ([A-Za-z_][A-Za-z0-9_.-]*, blanks around it
 * allowed) and two braces; everything else stands for itself. This is the only
 * parser of it: what fills the references in and what decides which of them
 * say where a secret goes must not read them differently. Pure; must not know
 * what a key means.
 */
#ifndef BASE_REFERENCE_H
#define BASE_REFERENCE_H

#include "base/str.h"

/*
 * Cuts the text up to and with its next reference off *rest. *ret_plain is what
 * stands before the reference, *ret_key its key; both point into the text. A
 * key with ptr NULL: no more references, *ret_plain is the end of the text.
 * False once nothing is left.
 */
bool reference_next(
    struct str *rest, struct str *ret_plain, struct str *ret_key);

/* Cuts the text up to and with its next reference off *rest; false if there is
 * none. */
bool reference_next_key(struct str *rest, struct str *ret_key);

/*
 * The beginning of a URL's text that decides scheme, host and port: up to the
 * first '/', '?' or '#' that is not part of the first "://".
 */
struct str reference_authority(struct str url);

#endif
