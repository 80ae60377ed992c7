/*
 * Asks the system's databases of users and groups.
 */
#include <config.h>

#include "base/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

bool
account_find_user(const char *name, uid_t *ret)
{
	const struct passwd *user = getpwnam(name);

	if (user == NULL)
		return false;
	*ret = user->pw_uid;
	return true;
}

bool
account_find_group(const char *name, gid_t *ret)
{
	const struct group *group = getgrnam(name);

	if (group == NULL)
		return false;
	*ret = group->gr_gid;
	return true;
}

enum error
account_become(const char *user, const char *group, struct problem *reterr)
{
	const struct passwd *found = getpwnam(user);
	uid_t uid;
	gid_t gid;

	if (found == NULL)
		return problem_log(
		    reterr, ERROR_INTERNAL, "there is no user %s", user);
	uid = found->pw_uid;
	gid = found->pw_gid;
	if (group[0] != '\0' && !account_find_group(group, &gid))
		return problem_log(
		    reterr, ERROR_INTERNAL, "there is no group %s", group);
	if (initgroups(user, gid) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
		return problem_log(reterr, ERROR_INTERNAL,
		    "cannot become %s: %s", user, strerror(errno));
	return OK;
}
