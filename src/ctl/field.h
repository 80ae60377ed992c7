/*
 * A text of the command line that becomes a column's value, by the column's own
 * rules.
 */
#ifndef CTL_FIELD_H
#define CTL_FIELD_H

#include "ctl/ctl.h"
#include "schema/schema.h"

/* what names the text in the message: "--name". NULL: the option is required
 * and was not given. The result is the text itself. ERROR_BAD_REQUEST. */
enum error field_text(const struct resource *, const char *column,
    const char *what, const char *text, struct str *ret,
    struct problem *reterr);

#endif
