/*
 * Files and folders that settings name: whether they are there, and whether the
 * process that needs them may use them. Must not open anything for writing.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/account.h"
#include "base/listen.h"
#include "config/internal.h"
#include "secret/certificate.h"
#include "secret/secret.h"

/* Bytes of a file of CA certificates; all of the world's take 0.3 MB. */
#define CERTIFICATES_MAX (4u << 20)

static struct str
cannot(const struct look *look, const char *what, const char *path, int number)
{
	return arena_printf(look->config->arena, "cannot %s %s: %s", what, path,
	    strerror(number));
}

/* Whether this process lacks the rights to look: then it reports no fault. */
static bool
is_hidden(const struct look *look, int number)
{
	return number == EACCES && look->use != CONFIG_START;
}

static int
error_of_access(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ? 0 : errno;
}

/* The error of an access by the service's user: a child becomes that user and
 * tries. */
static int
error_as_user(const struct pool_settings *pool, const char *path, int mode)
{
	struct problem problem = { .arena = NULL };
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		problem.arena = arena_new(1024);
		if (account_become(pool->user, pool->group, &problem) != OK)
			_exit(0); /* an unknown user is reported elsewhere */
		_exit(error_of_access(path, mode));
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* Whether the service could use a file: 0, or the error. */
static int
error_of_service(const struct look *look, const char *path, int mode)
{
	const struct pool_settings *pool = &look->config->pool;

	if (look->use == CONFIG_LOOK)
		return 0;
	if (look->use == CONFIG_START && geteuid() == 0 &&
	    pool->user[0] != '\0')
		return error_as_user(pool, path, mode);
	return error_of_access(path, mode);
}

static struct str
service_cannot(
    const struct look *look, const char *what, const char *path, int number)
{
	const char *user = look->config->pool.user;

	return arena_printf(look->config->arena, "%s%scannot %s %s: %s", user,
	    user[0] == '\0' ? "the service " : " ", what, path,
	    strerror(number));
}

static char *
folder_of(struct arena *arena, const char *path)
{
	char *copy = arena_alloc(arena, strlen(path) + 1);

	memcpy(copy, path, strlen(path) + 1);
	return dirname(copy);
}

struct str
files_folder(const struct look *look, const char *path)
{
	struct stat st;
	int number = stat(path, &st) == 0 ? 0 : errno;

	if (is_hidden(look, number))
		return NO_FAULT;
	if (number == ENOENT)
		return arena_printf(
		    look->config->arena, "the folder %s is not there", path);
	if (number != 0)
		return cannot(look, "look at the folder", path, number);
	return S_ISDIR(st.st_mode)
		   ? NO_FAULT
		   : arena_printf(look->config->arena, "%s is no folder", path);
}

/* Whether the process that starts the service may make a file there. */
static struct str
may_make(const struct look *look, const char *folder)
{
	int number = 0;

	if (look->use == CONFIG_START)
		number = error_of_access(folder, W_OK | X_OK);
	return number == 0
		   ? NO_FAULT
		   : cannot(look, "make a file in the folder", folder, number);
}

struct str
files_pid(const struct look *look, const char *path)
{
	const char *folder = folder_of(look->config->arena, path);
	struct str fault = files_folder(look, folder);
	struct stat st;
	int number;

	if (fault.len > 0)
		return fault;
	if (lstat(path, &st) != 0)
		return may_make(look, folder);
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return arena_printf(
		    look->config->arena, "%s is no regular file", path);
	number = look->use == CONFIG_START ? error_of_access(path, W_OK) : 0;
	return number == 0 ? NO_FAULT : cannot(look, "write", path, number);
}

struct str
files_log(const struct look *look, const char *path)
{
	const char *folder = folder_of(look->config->arena, path);
	struct str fault = files_folder(look, folder);
	struct stat st;
	int number;

	if (fault.len > 0)
		return fault;
	if (stat(path, &st) != 0) {
		number = error_of_service(look, folder, W_OK | X_OK);
		return number == 0
			   ? NO_FAULT
			   : service_cannot(look, "make a file in the folder",
				 folder, number);
	}
	if (S_ISDIR(st.st_mode))
		return arena_printf(
		    look->config->arena, "%s is a folder", path);
	number = error_of_service(look, path, W_OK);
	return number == 0 ? NO_FAULT
			   : service_cannot(look, "write", path, number);
}

struct str
files_socket(const struct look *look, const char *path)
{
	const char *folder = folder_of(look->config->arena, path);
	struct str fault;
	struct stat st;

	/* The start makes this folder. */
	if (strcmp(folder, LISTEN_RUN_FOLDER) == 0 && access(folder, F_OK) != 0)
		folder = folder_of(look->config->arena, folder);
	fault = files_folder(look, folder);
	if (fault.len > 0 || look->use != CONFIG_START)
		return fault;
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return arena_printf(
		    look->config->arena, "%s is there and is no socket", path);
	return may_make(look, folder);
}

static struct str
read_file(const struct look *look, const char *path, struct str *ret)
{
	char *bytes = arena_alloc(look->config->arena, CERTIFICATES_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return cannot(look, "open", path, errno);
	do {
		n = read(fd, bytes + len, CERTIFICATES_MAX - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	close(fd);
	*ret = (struct str){ bytes, len };
	return n == 0 ? NO_FAULT : cannot(look, "read", path, errno);
}

struct str
files_certificates(const struct look *look, const char *path)
{
	struct str content, fault;
	struct stat st;
	int number;

	/* At a reload the service itself looks. */
	if (look->use == CONFIG_LOOK && access(path, R_OK) != 0 &&
	    errno == EACCES)
		return NO_FAULT;
	if (stat(path, &st) != 0)
		return cannot(look, "open", path, errno);
	if (!S_ISREG(st.st_mode) || st.st_size >= CERTIFICATES_MAX)
		return arena_printf(look->config->arena,
		    "%s is no regular file of less than %u bytes", path,
		    CERTIFICATES_MAX);
	number = error_of_service(look, path, R_OK);
	if (number != 0)
		return service_cannot(look, "read", path, number);
	fault = read_file(look, path, &content);
	if (fault.len > 0)
		return fault;
	return certificate_count(content) > 0
		   ? NO_FAULT
		   : arena_printf(look->config->arena,
			 "there is no certificate (PEM) in %s", path);
}

/* CONFIG_LOOK checks nothing: `connectorsctl check` has a line of its own for
 * the ring. */
struct str
files_keyring(const struct look *look, const char *path)
{
	struct problem problem = { .arena = look->config->arena };
	struct keyring *ring;

	if (look->use == CONFIG_LOOK)
		return NO_FAULT;
	if (keyring_load(path, &ring, &problem) != OK)
		return problem.log;
	keyring_free(ring);
	return NO_FAULT;
}

const char *
files_normal(struct arena *arena, const char *path)
{
	char real[PATH_MAX], base[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (realpath(path, real) != NULL)
		return arena_copy(arena, str_of(real)).ptr;
	if (realpath(folder_of(arena, path), base) == NULL)
		return path;
	return arena_printf(arena, "%s/%s", strcmp(base, "/") == 0 ? "" : base,
	    slash == NULL ? path : slash + 1)
	    .ptr;
}

bool
files_is_device(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode);
}
