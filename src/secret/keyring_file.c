/*
 * Reading and writing the file of a key ring. A ring is written to a temporary
 * file beside it, synced, and moved into place, so it is never seen half
 * written. Must not parse keys (keyring.c does).
 */
#include <config.h>

#include "secret/keyring_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "secret/keyring.h"

#define MODE 0600
/* An id, a colon, the key in base64, a line feed, a NUL. */
#define RING_LINE_MAX                                                \
	(SECRET_KEY_ID_MAX + 1 +                                     \
	    sodium_base64_ENCODED_LEN(                               \
		KEYRING_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL) + \
	    2)

/* A new ring on its way into place. */
struct replacement {
	char path[PATH_MAX]; /* of the temporary file */
	int fd;
};

static enum error
fail(struct problem *reterr, const char *path, const char *what)
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
			return fail(reterr, path, "reading it");
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
		return fail(reterr, path, "looking at it");
	TRY(check_file(path, &st, reterr));
	text.bytes = sodium_malloc(KEYRING_MAX_BYTES);
	if (text.bytes == NULL)
		return fail(reterr, path, "memory for it");
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
		return fail(reterr, path, "opening it");
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

/* "k20240131-" and 8 random letters: sorts by age and never comes twice. */
static void
make_id(char *out, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	const time_t now = time(NULL);
	struct tm tm;
	size_t len;

	gmtime_r(&now, &tm);
	len = strftime(out, size, "k%Y%m%d-", &tm);
	for (size_t i = 0; i < 8; i++)
		out[len++] = letters[randombytes_uniform(26)];
	out[len] = '\0';
}

/* A line with a fresh key; returns its length. */
static size_t
make_line(char line[RING_LINE_MAX])
{
	unsigned char key[KEYRING_KEY_BYTES];
	char id[SECRET_KEY_ID_MAX + 1];
	size_t len;

	make_id(id, sizeof(id));
	len = strlen(id);
	memcpy(line, id, len);
	line[len++] = ':';
	randombytes_buf(key, sizeof(key));
	sodium_bin2base64(line + len, RING_LINE_MAX - len, key, sizeof(key),
	    sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(key, sizeof(key));
	len = strlen(line);
	line[len++] = '\n';
	return len;
}

static bool
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* Makes a rename durable. A folder that cannot be synced is no failure. */
static void
sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fsync(fd) != 0)
		errno = 0;
	close(fd);
}

/* Writes a fresh key and then what the old ring held. */
static enum error
write_ring(int fd, const char *path, const struct keyring_text *old,
    struct problem *reterr)
{
	char line[RING_LINE_MAX];
	const size_t len = make_line(line);
	const bool is_written = write_all(fd, line, len) &&
				write_all(fd, old->bytes, old->len) &&
				fsync(fd) == 0;

	sodium_memzero(line, sizeof(line));
	return is_written ? OK : fail(reterr, path, "writing it");
}

static enum error
replacement_write(const char *path, const struct keyring_text *old,
    struct replacement *ret, struct problem *reterr)
{
	struct replacement r;
	enum error error;
	int len = snprintf(r.path, sizeof(r.path), "%s.XXXXXX", path);

	if (len < 0 || (size_t)len >= sizeof(r.path)) {
		errno = ENAMETOOLONG;
		return fail(reterr, path, "making it");
	}
	r.fd = mkostemp(r.path, O_CLOEXEC);
	if (r.fd < 0)
		return fail(reterr, path, "making it");
	error = write_ring(r.fd, path, old, reterr);
	if (error != OK) {
		close(r.fd);
		unlink(r.path);
		return error;
	}
	*ret = r;
	return OK;
}

enum error
keyring_create(const char *path, struct problem *reterr)
{
	const struct keyring_text none = { NULL, 0 };
	struct replacement r;
	enum error error = OK;

	TRY(replacement_write(path, &none, &r, reterr));
	/* link() and not rename(): it never replaces a ring that is there. */
	if (fchmod(r.fd, MODE) != 0 || link(r.path, path) != 0)
		error = errno == EEXIST
			    ? problem_log(reterr, ERROR_CONFLICT,
				  "key ring %s: is there already", path)
			    : fail(reterr, path, "making it");
	close(r.fd);
	unlink(r.path);
	sync_folder(path);
	return error;
}

static enum error
replace(const char *path, const struct stat *old, struct replacement *r,
    struct problem *reterr)
{
	if (fchown(r->fd, old->st_uid, old->st_gid) != 0 ||
	    fchmod(r->fd, old->st_mode & 07777) != 0 ||
	    rename(r->path, path) != 0)
		return fail(reterr, path, "replacing it");
	sync_folder(path);
	return OK;
}

enum error
keyring_add_key(const char *link_path, struct problem *reterr)
{
	struct keyring_text old;
	struct replacement r;
	struct stat st;
	enum error error;
	struct keyring *ring;
	char path[PATH_MAX];

	/* Only a ring that is sound gets another key. */
	TRY(keyring_load(link_path, &ring, reterr));
	keyring_free(ring);
	if (realpath(link_path, path) == NULL || stat(path, &st) != 0)
		return fail(reterr, link_path, "looking at it");
	TRY(keyring_file_read(path, &old, reterr));
	error = replacement_write(path, &old, &r, reterr);
	keyring_text_done(&old);
	TRY(error);
	error = replace(path, &st, &r, reterr);
	close(r.fd);
	if (error != OK)
		unlink(r.path);
	return error;
}
