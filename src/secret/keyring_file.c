/*
 * Reading the file of a key ring. Must not parse keys (keyring.c does) and must
 * not write (keyring_write.c does).
 */
#include <config.h>

#include "secret/keyring_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

enum error
keyring_file_fail(struct problem *reterr, const char *path, const char *what)
{
	return problem_log(reterr, ERROR_INTERNAL, "key ring %s: %s: %s", path,
	    what, strerror(errno));
}

static bool
is_private(const struct stat *st)
{
	const mode_t mode = st->st_mode & 07777;

	return mode == 0400 || mode == 0600 ||
	       (mode == 0440 && st->st_uid == 0);
}

static enum error
check_file(const char *path, const struct stat *st, struct problem *reterr)
{
	if (!S_ISREG(st->st_mode))
		return problem_log(reterr, ERROR_INTERNAL,
		    "key ring %s: is no regular file", path);
	if (!is_private(st))
		return problem_log(reterr, ERROR_INTERNAL,
		    "key ring %s: its mode %04o lets others in; only its "
		    "owner may read it (chmod 0600)",
		    path, (unsigned)(st->st_mode & 07777));
	if (st->st_size > KEYRING_MAX_BYTES)
		return problem_log(reterr, ERROR_INTERNAL,
		    "key ring %s: is longer than %d bytes", path,
		    KEYRING_MAX_BYTES);
	return OK;
}

static enum error
read_all(
    int fd, const char *path, struct keyring_text *text, struct problem *reterr)
{
	while (text->len < KEYRING_MAX_BYTES) {
		ssize_t n = read(
		    fd, text->bytes + text->len, KEYRING_MAX_BYTES - text->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return keyring_file_fail(reterr, path, "reading it");
		if (n == 0)
			break;
		text->len += (size_t)n;
	}
	return OK;
}

static enum error
read_open(
    int fd, const char *path, struct keyring_text *ret, struct problem *reterr)
{
	struct keyring_text text = { 0 };
	struct stat st;
	enum error error;

	if (fstat(fd, &st) != 0)
		return keyring_file_fail(reterr, path, "looking at it");
	TRY(check_file(path, &st, reterr));
	text.bytes = sodium_malloc(KEYRING_MAX_BYTES);
	if (text.bytes == NULL)
		return keyring_file_fail(reterr, path, "memory for it");
	error = read_all(fd, path, &text, reterr);
	if (error != OK) {
		keyring_text_done(&text);
		return error;
	}
	*ret = text;
	return OK;
}

enum error
keyring_file_read(
    const char *path, struct keyring_text *ret, struct problem *reterr)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	enum error error;

	if (fd < 0)
		return keyring_file_fail(reterr, path, "opening it");
	error = read_open(fd, path, ret, reterr);
	close(fd);
	return error;
}

void
keyring_text_done(struct keyring_text *text)
{
	sodium_free(text->bytes);
	*text = (struct keyring_text){ 0 };
}
