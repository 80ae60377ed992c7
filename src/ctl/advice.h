/*
 * What to do about errors of the database: for `check`, and behind the message
 * of any command.
 */
#ifndef CTL_ADVICE_H
#define CTL_ADVICE_H

#include "ctl/ctl.h"

/* By the number of the last error of ctl->db; NULL: nothing special is known.
 */
const char *advice_on_database(const struct ctl *);

#endif
