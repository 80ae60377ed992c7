/*
 * Following an FTP login command by command. Must not keep or copy any text of
 * it.
 */
#include <config.h>

#include "probe/dialog.h"

/* What the text of a reply mentions: bits. */
#define WORD_DENIED  1u /* a permission that is missing */
#define WORD_MISSING 2u /* something that does not exist */
#define WORD_TLS     4u /* encryption that is missing */
#define WORD_BUSY    8u /* too many at once */

#define CODE_LEN 3 /* digits of a reply code */

/* RFC 959, 2228 and 4217. */
static const struct {
	struct str verb;
	enum dialog_place place;
} verbs[] = {
	{ STR_CONST("AUTH"), DIALOG_TLS },
	{ STR_CONST("USER"), DIALOG_USER },
	{ STR_CONST("PASS"), DIALOG_PASSWORD },
	{ STR_CONST("PBSZ"), DIALOG_PROTECTION },
	{ STR_CONST("PROT"), DIALOG_PROTECTION },
	{ STR_CONST("PWD"), DIALOG_ENTRY },
	{ STR_CONST("SYST"), DIALOG_ENTRY },
	{ STR_CONST("CWD"), DIALOG_ROOT },
	{ STR_CONST("EPSV"), DIALOG_DATA },
	{ STR_CONST("PASV"), DIALOG_DATA },
	{ STR_CONST("TYPE"), DIALOG_DATA },
	{ STR_CONST("NLST"), DIALOG_LISTING },
};

/*
 * Words in replies. They only tell apart what one code is used for. A row
 * counts where it begins a word, so that a part of an echoed name does not; a
 * whole one must also end it.
 */
static const struct {
	struct str text;
	bool is_whole;
	unsigned word;
} words[] = {
	{ STR_CONST("denied"), true, WORD_DENIED },
	{ STR_CONST("permission"), false, WORD_DENIED },
	{ STR_CONST("not permitted"), true, WORD_DENIED },
	{ STR_CONST("not allowed"), true, WORD_DENIED },
	{ STR_CONST("privilege"), false, WORD_DENIED },
	{ STR_CONST("forbidden"), true, WORD_DENIED },
	{ STR_CONST("unauthori"), false, WORD_DENIED },
	{ STR_CONST("not authori"), false, WORD_DENIED },
	{ STR_CONST("rights"), true, WORD_DENIED },
	/* Windows and others reply in the language of their settings. */
	{ STR_CONST("verweigert"), true, WORD_DENIED },
	{ STR_CONST("berechtigung"), false, WORD_DENIED },
	{ STR_CONST("refus\xC3\xA9"), false, WORD_DENIED },
	{ STR_CONST("refus\xE9"), false, WORD_DENIED },
	{ STR_CONST("denegado"), true, WORD_DENIED },
	{ STR_CONST("permiso"), false, WORD_DENIED },
	{ STR_CONST("negato"), true, WORD_DENIED },
	{ STR_CONST("permess"), false, WORD_DENIED },
	{ STR_CONST("negado"), true, WORD_DENIED },
	{ STR_CONST("permiss"), false, WORD_DENIED },
	{ STR_CONST("geweigerd"), true, WORD_DENIED },
	{ STR_CONST("no such"), true, WORD_MISSING },
	{ STR_CONST("no file"), false, WORD_MISSING },
	{ STR_CONST("not found"), true, WORD_MISSING },
	{ STR_CONST("not exist"), false, WORD_MISSING },
	{ STR_CONST("doesn't exist"), true, WORD_MISSING },
	{ STR_CONST("cannot find"), true, WORD_MISSING },
	{ STR_CONST("tls"), true, WORD_TLS },
	{ STR_CONST("ssl"), true, WORD_TLS },
	{ STR_CONST("encrypt"), false, WORD_TLS },
	{ STR_CONST("use auth"), true, WORD_TLS },
	{ STR_CONST("prot"), true, WORD_TLS },
	{ STR_CONST("cleartext"), true, WORD_TLS },
	{ STR_CONST("too many"), true, WORD_BUSY },
	{ STR_CONST("maximum number"), true, WORD_BUSY },
	{ STR_CONST("limit reached"), true, WORD_BUSY },
};

#define ANY         0u          /* whatever its text speaks of */
#define NOTHING_BAD REASON__MAX /* passed */

/*
 * What a reply means by the command that it answers. The first row that fits
 * counts, so exact rows stand before general ones. The command decides more
 * than the code: servers use 550 for anything that they refuse.
 */
static const struct {
	enum dialog_place place;
	int from, to;  /* reply codes */
	unsigned word; /* that its text speaks of */
	enum reason reason;
} meanings[] = {
	/* 120 is "ready in some minutes". */
	{ DIALOG_GREETING, 100, 199, ANY, REASON_SERVER_BUSY },
	{ DIALOG_GREETING, 400, 499, ANY, REASON_SERVER_BUSY },
	{ DIALOG_GREETING, 530, 559, ANY, REASON_SERVER_BUSY },

	{ DIALOG_TLS, 400, 599, ANY, REASON_TLS_UNSUPPORTED },

	/* 332: the server wants an account (ACCT) as well; there is none. */
	{ DIALOG_USER, 332, 332, ANY, REASON_ACCESS_DENIED },
	{ DIALOG_USER, 400, 599, WORD_TLS, REASON_TLS_REQUIRED },
	{ DIALOG_USER, 400, 599, WORD_BUSY, REASON_SERVER_BUSY },
	{ DIALOG_USER, 430, 430, ANY, REASON_CREDENTIALS_REJECTED },
	{ DIALOG_USER, 400, 499, ANY, REASON_SERVER_ERROR },
	/* The command is unknown, as it is to a mail server. */
	{ DIALOG_USER, 500, 503, ANY, REASON_NOT_FTP },

	{ DIALOG_PASSWORD, 332, 332, ANY, REASON_ACCESS_DENIED },
	{ DIALOG_PASSWORD, 400, 599, WORD_TLS, REASON_TLS_REQUIRED },
	{ DIALOG_PASSWORD, 400, 599, WORD_BUSY, REASON_SERVER_BUSY },
	{ DIALOG_PASSWORD, 430, 430, ANY, REASON_CREDENTIALS_REJECTED },
	{ DIALOG_PASSWORD, 400, 499, ANY, REASON_SERVER_ERROR },
	/* vsftpd ends with this reply when it cannot enter the home. */
	{ DIALOG_PASSWORD, 500, 500, ANY, REASON_SERVER_ERROR },

	{ DIALOG_PROTECTION, 400, 599, ANY, REASON_TLS_UNSUPPORTED },

	{ DIALOG_ROOT, 400, 599, WORD_MISSING, REASON_NOT_FOUND },
	{ DIALOG_ROOT, 400, 599, WORD_DENIED, REASON_ACCESS_DENIED },
	{ DIALOG_ROOT, 530, 532, ANY, REASON_ACCESS_DENIED },
	{ DIALOG_ROOT, 451, 452, ANY, REASON_SERVER_ERROR },
	{ DIALOG_ROOT, 500, 500, ANY, REASON_SERVER_ERROR },
	{ DIALOG_ROOT, 400, 599, ANY, REASON_NOT_FOUND },

	{ DIALOG_DATA, 425, 426, ANY, REASON_DATA_CONNECTION_FAILED },
	{ DIALOG_DATA, 400, 599, WORD_TLS, REASON_TLS_REQUIRED },
	{ DIALOG_DATA, 400, 599, WORD_DENIED, REASON_ACCESS_DENIED },
	{ DIALOG_DATA, 530, 532, ANY, REASON_ACCESS_DENIED },
	{ DIALOG_DATA, 400, 599, ANY, REASON_DATA_CONNECTION_FAILED },

	{ DIALOG_LISTING, 425, 426, ANY, REASON_DATA_CONNECTION_FAILED },
	{ DIALOG_LISTING, 400, 599, WORD_TLS, REASON_TLS_REQUIRED },
	{ DIALOG_LISTING, 520, 529, ANY, REASON_DATA_CONNECTION_FAILED },
	{ DIALOG_LISTING, 400, 599, WORD_MISSING, NOTHING_BAD },
	/* The account may enter but not list: that is no empty folder. */
	{ DIALOG_LISTING, 400, 599, WORD_DENIED, REASON_ACCESS_DENIED },
	{ DIALOG_LISTING, 530, 532, ANY, REASON_ACCESS_DENIED },
	{ DIALOG_LISTING, 450, 450, ANY, NOTHING_BAD },
	{ DIALOG_LISTING, 550, 559, ANY, NOTHING_BAD },
	/* There are no names, so the server opened no connection for
	 * them. */
	{ DIALOG_LISTING, 200, 299, ANY, NOTHING_BAD },
	/* Some servers do not have NLST. */
	{ DIALOG_LISTING, 502, 502, ANY, NOTHING_BAD },
	{ DIALOG_LISTING, 400, 599, ANY, REASON_SERVER_ERROR },
};

static const enum probe_step steps[] = {
	[DIALOG_GREETING] = PROBE_AUTHENTICATION,
	[DIALOG_TLS] = PROBE_TLS,
	[DIALOG_USER] = PROBE_AUTHENTICATION,
	[DIALOG_PASSWORD] = PROBE_AUTHENTICATION,
	[DIALOG_PROTECTION] = PROBE_AUTHENTICATION,
	[DIALOG_ENTRY] = PROBE_AUTHENTICATION,
	[DIALOG_ROOT] = PROBE_RESPONSE,
	[DIALOG_DATA] = PROBE_RESPONSE,
	[DIALOG_LISTING] = PROBE_RESPONSE,
};
_Static_assert(N_ELEMENTS(steps) == DIALOG__MAX, "one row each");

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

static bool
begins_at(struct str text, size_t at, struct str part)
{
	return text.len - at >= part.len &&
	       str_equal_nocase((struct str){ text.ptr + at, part.len }, part);
}

/* Whether a word of text begins with part, and ends with it if is_whole. */
static bool
speaks_of(struct str text, struct str part, bool is_whole)
{
	for (size_t i = 0; i + part.len <= text.len; i++) {
		if (i > 0 && is_letter(text.ptr[i - 1]))
			continue;
		if (!begins_at(text, i, part))
			continue;
		if (!is_whole || i + part.len == text.len ||
		    !is_letter(text.ptr[i + part.len]))
			return true;
	}
	return false;
}

void
dialog_command(struct dialog *dialog, struct str line)
{
	/* libcurl sends it at the end, whether the test passed or failed. */
	if (begins_at(line, 0, STR("QUIT")))
		dialog->is_over = true;
	for (size_t i = 0; i < N_ELEMENTS(verbs); i++) {
		struct str verb = verbs[i].verb;

		if (!begins_at(line, 0, verb) ||
		    (line.len > verb.len && is_letter(line.ptr[verb.len])))
			continue;
		dialog->place = verbs[i].place;
		dialog->reply = 0;
		dialog->words = 0;
		return;
	}
}

/* The code of a last line: three digits and no hyphen; 0: not one. */
static int
code_of(struct str line)
{
	uint64_t code = 0;

	if (line.len < CODE_LEN ||
	    !str_to_u64((struct str){ line.ptr, CODE_LEN }, &code) ||
	    (line.len > CODE_LEN && line.ptr[CODE_LEN] == '-'))
		return 0;
	return (int)code;
}

static void
note_login(struct dialog *dialog)
{
	bool is_good = dialog->reply >= 200 && dialog->reply < 300;

	if (dialog->place == DIALOG_PASSWORD && is_good)
		dialog->is_logged_in = true;
	if (dialog->place == DIALOG_USER && is_good)
		dialog->is_logged_in = dialog->is_unasked = true;
	if (dialog->place == DIALOG_GREETING && dialog->reply == 230)
		dialog->is_logged_in = dialog->is_unasked = true;
}

void
dialog_reply(struct dialog *dialog, struct str line)
{
	if (dialog->is_over)
		return;
	/* A command may have two replies: 150, then its outcome. */
	if (dialog->reply != 0)
		dialog->words = 0;
	for (size_t i = 0; i < N_ELEMENTS(words); i++)
		if (speaks_of(line, words[i].text, words[i].is_whole))
			dialog->words |= words[i].word;
	dialog->reply = code_of(line);
	/* "Denied for reasons of policy", RFC 2228: it is not protected. */
	if (dialog->reply == 533 || dialog->reply == 534)
		dialog->words |= WORD_TLS;
	note_login(dialog);
}

bool
dialog_meaning(const struct dialog *dialog, bool has_tls, enum reason *ret)
{
	unsigned spoken = dialog->words;

	if (has_tls)
		spoken &= ~WORD_TLS;
	/* 421 can come at any time (RFC 959). */
	*ret =
	    (spoken & WORD_TLS) != 0 ? REASON_TLS_REQUIRED : REASON_SERVER_BUSY;
	if (dialog->reply == 421)
		return true;
	for (size_t i = 0; i < N_ELEMENTS(meanings); i++) {
		if (meanings[i].place != dialog->place ||
		    dialog->reply < meanings[i].from ||
		    dialog->reply > meanings[i].to)
			continue;
		if (meanings[i].word != ANY && (meanings[i].word & spoken) == 0)
			continue;
		*ret = meanings[i].reason;
		return true;
	}
	return false;
}

bool
dialog_is_listing(const struct dialog *dialog)
{
	return dialog->place == DIALOG_LISTING && dialog->reply >= 100 &&
	       dialog->reply < 200;
}

enum probe_step
dialog_step(const struct dialog *dialog)
{
	return steps[dialog->place];
}
