/*
 * Users and groups of this machine, and becoming one of them.
 */
#ifndef BASE_ACCOUNT_H
#define BASE_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* What a name stands for; false: there is none such. */
bool account_find_user(const char *name, uid_t *ret);
bool account_find_group(const char *name, gid_t *ret);

/*
 * Becomes a user for good: its groups, group (empty: the user's) and user id.
 * Needs root. Errors (ERROR_INTERNAL, reterr->log): there is no such user or
 * group, or this process may not.
 */
enum error account_become(
    const char *user, const char *group, struct problem *reterr);

#endif
