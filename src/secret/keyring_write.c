/*
 * Making a key ring and adding a key to one. A ring is written to a temporary
 * file beside it, synced, and moved into place, so it is never seen half
 * written.
 */
#include <config.h>

#include "secret/secret.h"

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
#include "secret/keyring_file.h"

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
	return is_written ? OK : keyring_file_fail(reterr, path, "writing it");
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
		return keyring_file_fail(reterr, path, "making it");
	}
	r.fd = mkostemp(r.path, O_CLOEXEC);
	if (r.fd < 0)
		return keyring_file_fail(reterr, path, "making it");
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
			    : keyring_file_fail(reterr, path, "making it");
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
		return keyring_file_fail(reterr, path, "replacing it");
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
		return keyring_file_fail(reterr, link_path, "looking at it");
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
