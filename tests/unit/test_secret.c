/*
 * src/secret: the key ring, sealing, hashing
 */
#include <config.h>

#include "secret/secret.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
#define KEY_B "b:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n"

static const struct seal_context here = {
	.table = "variables",
	.column = "value",
	.row_id = 17,
	.company_id = 3,
};

/* A folder with a ring file in it. */
struct fixture {
	struct arena *arena;
	struct problem problem;
	struct keyring *ring;
	char folder[64];
	char path[96];
};

static void
write_ring(struct fixture *f, const char *text, mode_t mode)
{
	FILE *file;

	unlink(f->path);
	file = fopen(f->path, "w");
	cr_assert_not_null(file);
	fputs(text, file);
	cr_assert_eq(fchmod(fileno(file), mode), 0);
	fclose(file);
}

static struct fixture *
start(void)
{
	struct arena *arena = arena_new(4096);
	struct fixture *f = ARENA_NEW(arena, struct fixture, 1);

	f->arena = f->problem.arena = arena;
	cr_assert_eq(secret_start(&f->problem), OK);
	snprintf(f->folder, sizeof(f->folder), "/tmp/test_secret.XXXXXX");
	cr_assert_not_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/ring", f->folder);
	return f;
}

static struct fixture *
start_with(const char *ring)
{
	struct fixture *f = start();

	write_ring(f, ring, 0600);
	cr_assert_eq(keyring_load(f->path, &f->ring, &f->problem), OK);
	return f;
}

static void
done(struct fixture *f)
{
	keyring_free(f->ring);
	unlink(f->path);
	rmdir(f->folder);
	arena_free(f->arena);
}

static enum error
open_at(struct fixture *f, const struct seal_context *context,
    struct str sealed, struct str *ret)
{
	f->problem.log = STR("");
	return secret_open(
	    f->arena, f->ring, context, sealed, ret, &f->problem);
}

static bool
log_has(const struct fixture *f, const char *text)
{
	return f->problem.log.len > 0 &&
	       memmem(f->problem.log.ptr, f->problem.log.len, text,
		   strlen(text)) != NULL;
}

Test(secret, opens_what_it_sealed)
{
	struct fixture *f = start_with(KEY_A KEY_B);
	const struct str texts[] = { STR(""), STR("x"), { "with\0a NUL", 10 },
		STR("a longer text, of several words") };

	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct str sealed =
		    secret_seal(f->arena, f->ring, &here, texts[i]);
		struct str opened;

		cr_assert_eq(open_at(f, &here, sealed, &opened), OK);
		cr_expect(str_equal(opened, texts[i]), "text %zu", i);
		cr_expect(str_equal_text(secret_key_id(sealed), "a"));
		cr_expect_eq(memmem(sealed.ptr, sealed.len, "longer", 6), NULL);
	}
	done(f);
}

Test(secret, never_seals_twice_alike)
{
	struct fixture *f = start_with(KEY_A);
	struct str a = secret_seal(f->arena, f->ring, &here, STR("same"));
	struct str b = secret_seal(f->arena, f->ring, &here, STR("same"));

	cr_expect_eq(a.len, b.len);
	cr_expect(!str_equal(a, b));
	done(f);
}

/* One field of the place changed; the two last would be one text with names
 * that are only joined. */
static const struct seal_context elsewhere[] = {
	{ "certificates", "value", 17, 3 },
	{ "variables", "label", 17, 3 },
	{ "variables", "value", 18, 3 },
	{ "variables", "value", 17, 4 },
	{ "variables", "value", 17, 0 },
	{ "variable", "svalue", 17, 3 },
	{ "variablesv", "alue", 17, 3 },
};

Test(secret, opens_nowhere_else)
{
	struct fixture *f = start_with(KEY_A);
	struct str sealed = secret_seal(f->arena, f->ring, &here, STR("text"));
	struct str opened;

	for (size_t i = 0; i < N_ELEMENTS(elsewhere); i++) {
		cr_expect_eq(open_at(f, &elsewhere[i], sealed, &opened),
		    ERROR_INTERNAL, "place %zu", i);
		cr_expect(log_has(f, "does not authenticate"), "place %zu", i);
		cr_expect(!log_has(f, "text"), "place %zu", i);
	}
	done(f);
}

Test(secret, opens_nothing_altered_or_cut)
{
	struct fixture *f = start_with(KEY_A KEY_B);
	struct str sealed = secret_seal(f->arena, f->ring, &here, STR("text"));
	char *copy = arena_alloc(f->arena, sealed.len);
	struct str opened;

	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		memcpy(copy, sealed.ptr, sealed.len);
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << (bit % 8)));
		cr_expect_eq(open_at(f, &here, (struct str){ copy, sealed.len },
				 &opened),
		    ERROR_INTERNAL, "bit %zu", bit);
	}
	for (size_t len = 0; len < sealed.len; len++) {
		struct str cut = { sealed.ptr, len };

		cr_expect_eq(open_at(f, &here, cut, &opened), ERROR_INTERNAL,
		    "length %zu", len);
	}
	done(f);
}

Test(secret, names_the_key_that_is_missing)
{
	struct fixture *f = start_with(KEY_B);
	struct str sealed = secret_seal(f->arena, f->ring, &here, STR("text"));
	struct str opened;

	keyring_free(f->ring);
	write_ring(f, KEY_A, 0600);
	cr_assert_eq(keyring_load(f->path, &f->ring, &f->problem), OK);
	cr_expect_eq(open_at(f, &here, sealed, &opened), ERROR_INTERNAL);
	cr_expect(log_has(f, "\"b\""));
	done(f);
}

Test(secret, finds_no_key_id_in_other_bytes)
{
	cr_expect_eq(secret_key_id(STR("")).len, 0);
	cr_expect_eq(secret_key_id(STR("plain text")).len, 0);
	cr_expect_eq(secret_key_id((struct str){ "\x01\x05ring", 6 }).len, 0);
}

Test(secret, hashes)
{
	struct fixture *f = start();

	cr_expect(str_equal_text(secret_sha256_hex(f->arena, STR("abc")),
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad"));
	cr_expect_eq(secret_hash_hex(f->arena, STR("abc")).len, 32);
	cr_expect(!str_equal(secret_hash_hex(f->arena, STR("abc")),
	    secret_hash_hex(f->arena, STR("abd"))));
	done(f);
}

Test(secret, makes_api_keys)
{
	struct fixture *f = start();
	struct str a = secret_api_key(f->arena);
	struct str b = secret_api_key(f->arena);

	cr_expect_eq(a.len, 44);
	cr_expect(str_starts_with(a, STR("cak_")));
	cr_expect_eq(strspn(a.ptr + 4, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"),
	    40);
	cr_expect(!str_equal(a, b));
	done(f);
}

Test(secret, compares_texts)
{
	cr_expect(secret_equal(STR("same"), STR("same")));
	cr_expect(secret_equal(STR(""), (struct str){ NULL, 0 }));
	cr_expect(!secret_equal(STR("same"), STR("sane")));
	cr_expect(!secret_equal(STR("same"), STR("sam")));
}

static const struct {
	const char *name, *text, *says; /* NULL: it is right */
} rings[] = {
	{ "one key", KEY_A, NULL },
	{ "two keys, comments, blanks",
	    "# a comment\n\n  " KEY_A "\t" KEY_B "  # the end\r\n", NULL },
	{ "no line feed at the end",
	    "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", NULL },
	{ "nothing", "", "holds no key" },
	{ "only comments", "# a:b\n", "holds no key" },
	{ "no colon", "abc\n", "line 1: must be id:key" },
	{ "twice", KEY_A KEY_A, "line 2: the id comes twice" },
	{ "no id", ":AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
	    "line 1: the id" },
	{ "long id",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:"
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
	    "line 1: the id" },
	{ "blank in the id",
	    "a b:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
	    "line 1: the id" },
	{ "short key", "a:AAECAwQFBgcICQoLDA0ODw==\n", "line 1: the key" },
	{ "long key", "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISI=\n",
	    "line 1: the key" },
	{ "no base64", KEY_A "b:***\n", "line 2: the key" },
};

Test(keyring, reads_lines)
{
	struct fixture *f = start();

	for (size_t i = 0; i < N_ELEMENTS(rings); i++) {
		const bool is_right = rings[i].says == NULL;

		write_ring(f, rings[i].text, 0600);
		f->ring = NULL;
		cr_expect_eq(keyring_load(f->path, &f->ring, &f->problem),
		    is_right ? OK : ERROR_INTERNAL, "%s", rings[i].name);
		cr_expect(is_right || log_has(f, rings[i].says), "%s: %s",
		    rings[i].name, f->problem.log.ptr);
		/* The content is never told. */
		cr_expect(!log_has(f, "AAEC"), "%s", rings[i].name);
		keyring_free(f->ring);
		f->ring = NULL;
	}
	done(f);
}

Test(keyring, seals_with_the_first_and_has_all)
{
	struct fixture *f = start_with(KEY_B KEY_A);

	cr_expect_str_eq(keyring_sealing_id(f->ring), "b");
	cr_expect(keyring_has(f->ring, STR("a")));
	cr_expect(keyring_has(f->ring, STR("b")));
	cr_expect(!keyring_has(f->ring, STR("c")));
	cr_expect(!keyring_has(f->ring, STR("")));
	done(f);
}

static const struct {
	mode_t mode;
	bool passes; /* 0440: only if root owns it */
} modes[] = {
	{ 0400, true },
	{ 0600, true },
	{ 0640, false },
	{ 0604, false },
	{ 0660, false },
	{ 0644, false },
	{ 0444, false },
	{ 0420, false },
	{ 0602, false },
	{ 0700, false },
};

Test(keyring, refuses_files_that_others_can_read_or_write)
{
	struct fixture *f = start();

	for (size_t i = 0; i < N_ELEMENTS(modes); i++) {
		f->ring = NULL;
		write_ring(f, KEY_A, modes[i].mode);
		cr_expect_eq(keyring_load(f->path, &f->ring, &f->problem),
		    modes[i].passes ? OK : ERROR_INTERNAL, "mode %04o",
		    (unsigned)modes[i].mode);
		keyring_free(f->ring);
		f->ring = NULL;
	}
	done(f);
}

Test(keyring, accepts_group_readable_only_of_root)
{
	struct fixture *f = start();

	write_ring(f, KEY_A, 0440);
	cr_expect_eq(keyring_load(f->path, &f->ring, &f->problem),
	    getuid() == 0 ? OK : ERROR_INTERNAL);
	done(f);
}

Test(keyring, refuses_what_is_no_file)
{
	struct fixture *f = start();

	cr_expect_eq(
	    keyring_load(f->path, &f->ring, &f->problem), ERROR_INTERNAL);
	cr_expect_eq(
	    keyring_load(f->folder, &f->ring, &f->problem), ERROR_INTERNAL);
	cr_expect(log_has(f, "no regular file"));
	done(f);
}

Test(keyring, is_made_once)
{
	struct fixture *f = start();
	struct stat st;

	umask(0);
	cr_assert_eq(keyring_create(f->path, &f->problem), OK);
	cr_assert_eq(stat(f->path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(keyring_load(f->path, &f->ring, &f->problem), OK);
	cr_expect_neq(keyring_create(f->path, &f->problem), OK);
	cr_expect(log_has(f, "is there already"));
	done(f);
}

Test(keyring, gets_a_key_in_front)
{
	struct fixture *f = start_with("# note\n" KEY_A);
	struct str sealed = secret_seal(f->arena, f->ring, &here, STR("old"));
	struct str opened;
	struct stat st;

	cr_assert_eq(chmod(f->path, 0400), 0);
	cr_assert_eq(keyring_add_key(f->path, &f->problem), OK);
	cr_assert_eq(stat(f->path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0400);
	keyring_free(f->ring);
	cr_assert_eq(keyring_load(f->path, &f->ring, &f->problem), OK);
	cr_expect_str_neq(keyring_sealing_id(f->ring), "a");
	cr_expect_eq(open_at(f, &here, sealed, &opened), OK);
	done(f);
}
