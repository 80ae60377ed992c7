/*
 * Sealing and opening of secret values, hashing, random texts.
 *
 * Each value has a data key of its own, wrapped by a key of the ring; both
 * layers are XChaCha20-Poly1305, whose 192-bit nonces may be random. Must not
 * read or write files (keyring_*.c do) and must not know any table.
 *
 * A sealed value:
 *
 *	version  1
 *	length   1    of the key id
 *	key id   n
 *	nonce    24   \ the data key, sealed with the key of the ring
 *	wrapped  48   /
 *	nonce    24   \ the value, sealed with the data key
 *	value    16+  /
 */
#include <config.h>

#include "secret/secret.h"

#include <string.h>

#include <sodium.h>

#include "secret/keyring.h"

#define FORMAT_VERSION 1
#define NONCE          crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG            crypto_aead_xchacha20poly1305_ietf_ABYTES
#define DATA_KEY       crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define WRAPPED        (DATA_KEY + TAG)
#define NAME_BYTES_MAX 255 /* bytes of a table's or a column's name */
/* Version, two names with their length, two 64-bit numbers. */
#define ASSOCIATED_MAX (1 + 2 * (1 + NAME_BYTES_MAX) + 2 * 8)

_Static_assert(DATA_KEY == KEYRING_KEY_BYTES, "one key size");

/* The associated data of an encryption, made of a seal_context. */
struct associated {
	unsigned char bytes[ASSOCIATED_MAX];
	size_t len;
};

/* The parts of a sealed value. */
struct envelope {
	struct str key_id;
	const unsigned char *wrap_nonce;
	const unsigned char *wrapped;
	const unsigned char *nonce;
	const unsigned char *value;
	size_t value_len; /* with its tag */
};

enum error
secret_start(struct problem *reterr)
{
	if (sodium_init() < 0)
		return problem_log(reterr, ERROR_INTERNAL,
		    "libsodium finds no source of random bytes");
	return OK;
}

static void
add_name(struct associated *p, const char *name)
{
	size_t len = strnlen(name, NAME_BYTES_MAX);

	p->bytes[p->len++] = (unsigned char)len;
	memcpy(p->bytes + p->len, name, len);
	p->len += len;
}

static void
add_number(struct associated *p, int64_t number)
{
	for (unsigned shift = 0; shift < 64; shift += 8)
		p->bytes[p->len++] = (unsigned char)((uint64_t)number >> shift);
}

/* Lengths before the names, so no two places have one encoding. */
static struct associated
associate(const struct seal_context *context)
{
	struct associated p = { .bytes = { FORMAT_VERSION }, .len = 1 };

	add_name(&p, context->table);
	add_name(&p, context->column);
	add_number(&p, context->row_id);
	add_number(&p, context->company_id);
	return p;
}

/* A nonce and text under a key, appended at out; returns what follows it. */
static unsigned char *
put_sealed(unsigned char *out, const unsigned char *key,
    const struct associated *associated, const unsigned char *plain, size_t len)
{
	unsigned long long written;
	unsigned char *text = out + NONCE;

	randombytes_buf(out, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(text, &written, plain, len,
	    associated->bytes, associated->len, NULL, out, key);
	return text + written;
}

struct str
secret_seal(struct arena *arena, const struct keyring *ring,
    const struct seal_context *context, struct str plain)
{
	const struct associated associated = associate(context);
	const char *id = keyring_sealing_id(ring);
	const size_t id_len = strlen(id);
	const size_t len =
	    2 + id_len + NONCE + WRAPPED + NONCE + plain.len + TAG;
	unsigned char *sealed = arena_alloc(arena, len);
	unsigned char *p = sealed;
	unsigned char data_key[DATA_KEY];

	*p++ = FORMAT_VERSION;
	*p++ = (unsigned char)id_len;
	memcpy(p, id, id_len);
	p += id_len;
	crypto_aead_xchacha20poly1305_ietf_keygen(data_key);
	p = put_sealed(
	    p, keyring_find(ring, str_of(id)), &associated, data_key, DATA_KEY);
	put_sealed(p, data_key, &associated, (const unsigned char *)plain.ptr,
	    plain.len);
	sodium_memzero(data_key, sizeof(data_key));
	return (struct str){ (const char *)sealed, len };
}

static bool
envelope_read(struct str sealed, struct envelope *ret)
{
	const unsigned char *p = (const unsigned char *)sealed.ptr;
	size_t id_len;

	if (sealed.len < 2 || p[0] != FORMAT_VERSION)
		return false;
	id_len = p[1];
	if (id_len == 0 || id_len > SECRET_KEY_ID_MAX ||
	    sealed.len < 2 + id_len + NONCE + WRAPPED + NONCE + TAG)
		return false;
	ret->key_id = (struct str){ sealed.ptr + 2, id_len };
	ret->wrap_nonce = p + 2 + id_len;
	ret->wrapped = ret->wrap_nonce + NONCE;
	ret->nonce = ret->wrapped + WRAPPED;
	ret->value = ret->nonce + NONCE;
	ret->value_len = sealed.len - (size_t)(ret->value - p);
	return true;
}

static bool
open_with(const unsigned char *key, const struct associated *associated,
    const struct envelope *e, unsigned char *out)
{
	unsigned char data_key[DATA_KEY];
	bool is_open;

	is_open = crypto_aead_xchacha20poly1305_ietf_decrypt(data_key, NULL,
		      NULL, e->wrapped, WRAPPED, associated->bytes,
		      associated->len, e->wrap_nonce, key) == 0 &&
		  crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
		      e->value, e->value_len, associated->bytes,
		      associated->len, e->nonce, data_key) == 0;
	sodium_memzero(data_key, sizeof(data_key));
	return is_open;
}

enum error
secret_open(struct arena *arena, const struct keyring *ring,
    const struct seal_context *context, struct str sealed, struct str *ret,
    struct problem *reterr)
{
	const struct associated associated = associate(context);
	const unsigned char *key;
	struct envelope e;
	unsigned char *plain;

	if (!envelope_read(sealed, &e))
		return problem_log(reterr, ERROR_INTERNAL,
		    "%s.%s of row %lld is no sealed value", context->table,
		    context->column, (long long)context->row_id);
	key = keyring_find(ring, e.key_id);
	if (key == NULL)
		return problem_log(reterr, ERROR_INTERNAL,
		    "%s.%s of row %lld is sealed with the key \"%.*s\", "
		    "which is not in the key ring",
		    context->table, context->column, (long long)context->row_id,
		    STR_FMT(e.key_id));
	/* One byte more: a NUL behind the text, as every text of the arena has.
	 */
	plain = arena_alloc(arena, e.value_len - TAG + 1);
	if (!open_with(key, &associated, &e, plain))
		return problem_log(reterr, ERROR_INTERNAL,
		    "%s.%s of row %lld does not authenticate: it was altered "
		    "or moved here from another row",
		    context->table, context->column,
		    (long long)context->row_id);
	*ret = (struct str){ (const char *)plain, e.value_len - TAG };
	return OK;
}

struct str
secret_key_id(struct str sealed)
{
	struct envelope e;

	if (!envelope_read(sealed, &e))
		return (struct str){ NULL, 0 };
	return e.key_id;
}

bool
secret_is_empty(struct str sealed)
{
	struct envelope e;

	return !envelope_read(sealed, &e) || e.value_len == TAG;
}

static struct str
hex(struct arena *arena, const unsigned char *bytes, size_t len)
{
	char *text = arena_alloc(arena, 2 * len + 1);

	sodium_bin2hex(text, 2 * len + 1, bytes, len);
	return (struct str){ text, 2 * len };
}

struct str
secret_sha256_hex(struct arena *arena, struct str bytes)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)bytes.ptr, bytes.len);
	return hex(arena, hash, sizeof(hash));
}

struct str
secret_hash_hex(struct arena *arena, struct str bytes)
{
	unsigned char hash[16];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)bytes.ptr,
	    bytes.len, NULL, 0);
	return hex(arena, hash, sizeof(hash));
}

struct str
secret_keyed_hash_hex(struct arena *arena, struct str key, struct str bytes)
{
	unsigned char short_key[crypto_generichash_KEYBYTES];
	unsigned char hash[crypto_generichash_BYTES];

	crypto_generichash(short_key, sizeof(short_key),
	    (const unsigned char *)key.ptr, key.len, NULL, 0);
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)bytes.ptr,
	    bytes.len, short_key, sizeof(short_key));
	sodium_memzero(short_key, sizeof(short_key));
	return hex(arena, hash, sizeof(hash));
}

struct str
secret_random_hex(struct arena *arena)
{
	unsigned char bytes[16];

	randombytes_buf(bytes, sizeof(bytes));
	return hex(arena, bytes, sizeof(bytes));
}

struct str
secret_uuid7(struct arena *arena, uint64_t unix_ms)
{
	unsigned char b[16];
	const char *d;

	randombytes_buf(b, sizeof(b));
	for (unsigned i = 0; i < 6; i++)
		b[i] = (unsigned char)(unix_ms >> (40 - 8 * i));
	b[6] = (unsigned char)(0x70 | (b[6] & 0x0F)); /* version */
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3F)); /* variant */
	d = hex(arena, b, sizeof(b)).ptr;
	return arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", d, d + 8,
	    d + 12, d + 16, d + 20);
}

void
secret_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

struct str
secret_api_key(struct arena *arena)
{
	static const char alphabet[] = "0123456789"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz";
	static const char prefix[] = "cak_";
	const size_t start = sizeof(prefix) - 1;
	const size_t len = start + 40;
	char *key = arena_alloc(arena, len + 1);

	memcpy(key, prefix, start);
	for (size_t i = start; i < len; i++)
		key[i] = alphabet[randombytes_uniform(sizeof(alphabet) - 1)];
	return (struct str){ key, len };
}

bool
secret_equal(struct str a, struct str b)
{
	return a.len == b.len &&
	       (a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0);
}
