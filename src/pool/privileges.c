/*
 * The user that the pool runs as, and its pid file.
 */
#include <config.h>

#include "pool/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/account.h"
#include "base/log.h"

static enum error
failed(struct problem *reterr, const char *what, const char *name)
{
	return problem_log(reterr, ERROR_INTERNAL, "cannot %s %s: %s", what,
	    name, strerror(errno));
}

enum error
privileges_drop(const struct pool_settings *pool, struct problem *reterr)
{
	if (geteuid() != 0)
		return OK;
	if (pool->user[0] == '\0') {
		log_line(LEVEL_WARNING, "running as root: set pool.user");
		return OK;
	}
	return account_become(pool->user, pool->group, reterr);
}

enum error
pid_file_write(const struct pool_settings *pool, struct problem *reterr)
{
	const char *path = pool->pid_file;
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
	int fd;
	bool written;

	if (path[0] == '\0')
		return OK;
	fd = open(path, flags, 0644);
	if (fd < 0)
		return failed(reterr, "write the pid file", path);
	written = dprintf(fd, "%ld\n", (long)getpid()) > 0;
	close(fd);
	return written ? OK : failed(reterr, "write the pid file", path);
}

void
pid_file_remove(const struct pool_settings *pool)
{
	if (pool->pid_file[0] != '\0')
		unlink(pool->pid_file);
}
