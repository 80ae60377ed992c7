/*
 * A private key as a text: what people paste, and what its OpenSSH form says
 * in the clear. Must not decrypt anything.
 */
#include <config.h>

#include <string.h>

#include "base/text.h"
#include "secret/ssh_key_internal.h"

#define DASHES 5 /* behind a label */

static const struct str begin_mark = STR_CONST("-----BEGIN ");
static const struct str end_mark = STR_CONST("-----END ");
static const struct str key_mark = STR_CONST("PRIVATE KEY-----");

/* What else is taken for a private key; the first that fits counts. */
static const struct {
	const char *text;
	bool is_first; /* only as the first word */
	enum ssh_key_fault fault;
} look_alikes[] = {
	{ "PuTTY-User-Key-File-", false, SSH_KEY_PUTTY },
	{ "SSH PRIVATE KEY FILE FORMAT 1", false, SSH_KEY_FORM },
	{ "BEGIN SSH2 ENCRYPTED PRIVATE KEY", false, SSH_KEY_FORM },
	{ "BEGIN SSH2 PUBLIC KEY", false, SSH_KEY_PUBLIC },
	{ "PUBLIC KEY-----", false, SSH_KEY_PUBLIC },
	{ "-----BEGIN CERTIFICATE", false, SSH_KEY_PUBLIC },
	{ "ssh-", true, SSH_KEY_PUBLIC },
	{ "ecdsa-sha2-", true, SSH_KEY_PUBLIC },
	{ "sk-", true, SSH_KEY_PUBLIC },
};

/* Position of part in s, or s.len. */
static size_t
position(struct str s, struct str part)
{
	const char *at =
	    s.len == 0 ? NULL : memmem(s.ptr, s.len, part.ptr, part.len);

	return at == NULL ? s.len : (size_t)(at - s.ptr);
}

static enum ssh_key_fault
what_else(struct str content)
{
	content = text_trim(content);
	for (size_t i = 0; i < N_ELEMENTS(look_alikes); i++) {
		struct str text = str_of(look_alikes[i].text);

		if (look_alikes[i].is_first
			? str_starts_with(content, text)
			: position(content, text) < content.len)
			return look_alikes[i].fault;
	}
	return SSH_KEY_NOT_ONE;
}

/* Cuts content to what begins with the BEGIN line of a private key. */
static bool
find_begin(struct str *content)
{
	struct str rest = *content;
	size_t at;

	while ((at = position(rest, begin_mark)) < rest.len) {
		struct str label = str_from(rest, at + begin_mark.len);
		/* A label is made of words: the first hyphen ends it. */
		size_t end = str_find(label, '-') + DASHES;

		rest = str_from(rest, at);
		if (end <= label.len &&
		    str_ends_with((struct str){ label.ptr, end }, key_mark)) {
			*content = rest;
			return true;
		}
		rest = str_from(rest, begin_mark.len);
	}
	return false;
}

/* Whether line breaks are really there. Base64 and headers have no backslash,
 * so one is the beginning of an escaped line break. */
static enum ssh_key_fault
check_lines(struct str block)
{
	struct str body =
	    str_from(block, position(block, key_mark) + key_mark.len);

	if (str_find(body, '\\') < body.len)
		return SSH_KEY_ESCAPED;
	body = str_trim_start(body, STR_BLANKS);
	if (body.len == 0 || (body.ptr[0] != '\n' && body.ptr[0] != '\r'))
		return SSH_KEY_ONE_LINE;
	return SSH_KEY_GOOD;
}

/* Appends a line without the blanks around it. */
static void
add_line(char *text, size_t *len, struct str line)
{
	line = text_trim(line);
	if (line.len > 0)
		memcpy(text + *len, line.ptr, line.len);
	*len += line.len;
	text[(*len)++] = '\n';
}

/* The lines up to the END line; they may end as those of any system do. */
static struct str
trim_lines(struct arena *a, struct str content)
{
	char *text = arena_alloc(a, content.len + 2);
	char separator = str_find(content, '\n') < content.len ? '\n' : '\r';
	size_t len = 0;
	struct str line;

	while (str_next_part(&content, separator, &line)) {
		add_line(text, &len, line);
		if (position(line, end_mark) < line.len)
			break;
	}
	return (struct str){ text, len };
}

enum ssh_key_fault
ssh_key_text(struct arena *a, struct str content, struct str *ret)
{
	enum ssh_key_fault fault;
	size_t end;

	if (!find_begin(&content))
		return what_else(content);
	end = position(content, end_mark);
	fault = check_lines((struct str){ content.ptr, end });
	if (fault != SSH_KEY_GOOD)
		return fault;
	if (end == content.len)
		return SSH_KEY_CUT;
	*ret = trim_lines(a, content);
	return SSH_KEY_GOOD;
}
