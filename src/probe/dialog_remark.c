/*
 * Reading libcurl's remarks about an SSH login and about certificates. Must not
 * keep or copy any text of it.
 */
#include <config.h>

#include "base/text.h"
#include "probe/dialog.h"

/* How libcurl's remarks begin; the rest of them comes from the server or from
 * libssh2. */
#define REMARK_OFFERS     "SSH authentication methods available: "
#define REMARK_UNASKED    "SSH user accepted with no authentication"
#define REMARK_LOGGED     "Authentication complete"
#define REMARK_KEY        "SSH public key authentication failed: "
#define REMARK_UNTRUSTED  "SSL certificate problem"
#define REMARK_NO_NAME    "SSL: no alternative certificate subject name"
#define REMARK_OTHER_NAME "SSL: certificate subject name"

static const struct {
	struct str method; /* RFC 4252, section 5, and RFC 4256 */
	unsigned offer;
} offers[] = {
	{ STR_CONST("publickey"), DIALOG_OFFERS_KEY },
	{ STR_CONST("password"), DIALOG_OFFERS_PASSWORD },
	{ STR_CONST("keyboard-interactive"), DIALOG_OFFERS_PASSWORD },
};

/* Texts of libssh2 (1.10 and 1.11) about a login with a key. All other texts
 * mean that the server refused the key. */
static const struct {
	struct str text;
	enum dialog_key key;
} key_texts[] = {
	{ STR_CONST("Unable to extract public key"), DIALOG_KEY_UNREAD },
	{ STR_CONST("Unable to initialize private key"), DIALOG_KEY_UNREAD },
	{ STR_CONST("No handler for specified private key"),
	    DIALOG_KEY_UNREAD },
	{ STR_CONST("Callback returned error"), DIALOG_KEY_UNREAD },
	{ STR_CONST("Unable to send"), DIALOG_KEY_LOST },
	{ STR_CONST("Waiting for"), DIALOG_KEY_LOST },
	{ STR_CONST("Would block"), DIALOG_KEY_LOST },
};

static void
note_offers(struct dialog *dialog, struct str list)
{
	struct str method;

	dialog->has_offers = true;
	while (str_next_part(&list, ',', &method))
		for (size_t i = 0; i < N_ELEMENTS(offers); i++)
			if (str_equal(text_trim(method), offers[i].method))
				dialog->offers |= offers[i].offer;
}

static void
note_key(struct dialog *dialog, struct str text)
{
	dialog->key = DIALOG_KEY_REFUSED;
	for (size_t i = 0; i < N_ELEMENTS(key_texts); i++)
		if (str_starts_with(text, key_texts[i].text))
			dialog->key = key_texts[i].key;
}

/* After these libcurl goes on with PASV, and ends with another error. */
static void
note_certificate(struct dialog *dialog, struct str text)
{
	if (str_starts_with(text, STR(REMARK_UNTRUSTED)))
		dialog->is_untrusted = true;
	if (str_starts_with(text, STR(REMARK_NO_NAME)) ||
	    str_starts_with(text, STR(REMARK_OTHER_NAME)))
		dialog->is_untrusted = dialog->is_misnamed = true;
}

void
dialog_remark(struct dialog *dialog, struct str text)
{
	static const struct str offered = STR_CONST(REMARK_OFFERS);
	static const struct str key = STR_CONST(REMARK_KEY);

	if (str_starts_with(text, offered))
		note_offers(dialog, str_from(text, offered.len));
	else if (str_starts_with(text, key))
		note_key(dialog, str_from(text, key.len));
	else if (str_starts_with(text, STR(REMARK_UNASKED)))
		dialog->is_unasked = true;
	else if (str_starts_with(text, STR(REMARK_LOGGED)))
		dialog->is_logged_in = true;
	else
		note_certificate(dialog, text);
}
