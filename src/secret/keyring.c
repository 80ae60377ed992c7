/*
 * The key ring in memory, and the lines of its file.
 *
 * Keys live in pages that are locked, fenced and read-only once loaded. Must
 * not put any byte of the file's content into a text.
 */
#include <config.h>

#include "secret/keyring.h"

#include <string.h>

#include <sodium.h>

#include "secret/keyring_file.h"

#define BASE64 sodium_base64_VARIANT_ORIGINAL

struct key {
	char id[SECRET_KEY_ID_MAX + 1];
	unsigned char bytes[KEYRING_KEY_BYTES];
};

struct keyring {
	size_t n_keys;
	struct key keys[KEYRING_MAX_KEYS]; /* the first seals */
};

void
keyring_free(struct keyring *ring)
{
	sodium_free(ring); /* wipes; it makes the pages writable first */
}

const char *
keyring_sealing_id(const struct keyring *ring)
{
	return ring->keys[0].id;
}

const unsigned char *
keyring_find(const struct keyring *ring, struct str key_id)
{
	for (size_t i = 0; i < ring->n_keys; i++) {
		if (str_equal_text(key_id, ring->keys[i].id))
			return ring->keys[i].bytes;
	}
	return NULL;
}

bool
keyring_has(const struct keyring *ring, struct str key_id)
{
	return keyring_find(ring, key_id) != NULL;
}

static bool
is_key_id(struct str s)
{
	static const char allowed[] = "0123456789_-"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz";

	if (s.len == 0 || s.len > SECRET_KEY_ID_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!str_is_one_of(s.ptr[i], allowed))
			return false;
	}
	return true;
}

/* The line without its comment and the blanks around it. */
static struct str
trim_line(struct str line)
{
	line.len = str_find(line, '#');
	line = str_trim_end(line, STR_BLANKS "\r");
	return str_trim_start(line, STR_BLANKS);
}

/* Adds the key of a line to the ring; a text of what is wrong, or NULL. */
static const char *
add_line(struct keyring *ring, struct str line)
{
	const size_t colon = str_find(line, ':');
	struct str id = { line.ptr, colon };
	struct str text = str_from(line, colon + 1);
	struct key *key = &ring->keys[ring->n_keys];
	size_t len = 0;

	if (colon == line.len)
		return "must be id:key";
	if (!is_key_id(id))
		return "the id must be 1 to 32 of 0-9 A-Z a-z _ -";
	if (keyring_has(ring, id))
		return "the id comes twice";
	if (ring->n_keys == KEYRING_MAX_KEYS)
		return "there are too many keys";
	if (sodium_base642bin(key->bytes, sizeof(key->bytes), text.ptr,
		text.len, NULL, &len, NULL, BASE64) != 0 ||
	    len != sizeof(key->bytes))
		return "the key must be 32 bytes in base64";
	memcpy(key->id, id.ptr, id.len);
	ring->n_keys++;
	return NULL;
}

static enum error
parse(struct keyring *ring, const char *path, struct str text,
    struct problem *reterr)
{
	unsigned number = 0;
	struct str line;

	while (str_next_part(&text, '\n', &line)) {
		const char *wrong;

		number++;
		line = trim_line(line);
		wrong = line.len == 0 ? NULL : add_line(ring, line);
		if (wrong != NULL)
			return problem_log(reterr, ERROR_INTERNAL,
			    "key ring %s, line %u: %s", path, number, wrong);
	}
	if (ring->n_keys == 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "key ring %s holds no key", path);
	return OK;
}

enum error
keyring_load(const char *path, struct keyring **ret, struct problem *reterr)
{
	struct keyring_text text;
	struct keyring *ring;
	enum error error;

	TRY(keyring_file_read(path, &text, reterr));
	ring = sodium_malloc(sizeof(*ring));
	if (ring == NULL) {
		keyring_text_done(&text);
		return problem_log(reterr, ERROR_INTERNAL,
		    "key ring %s: no memory for it", path);
	}
	sodium_memzero(ring, sizeof(*ring));
	error = parse(ring, path, (struct str){ text.bytes, text.len }, reterr);
	keyring_text_done(&text);
	if (error != OK) {
		keyring_free(ring);
		return error;
	}
	sodium_mprotect_readonly(ring);
	*ret = ring;
	return OK;
}
