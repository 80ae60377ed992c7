/*
 * How far a login and a listing over FTP or SSH came, worked out from the
 * commands and replies that libcurl shows.
 *
 * Keeps positions, reply codes and yes-or-no answers only. No text is kept:
 * commands hold the password, and replies of the remote side must not be shown.
 */
#ifndef PROBE_DIALOG_H
#define PROBE_DIALOG_H

#include "base/str.h"
#include "probe/reason.h"

/* Which FTP command was the last one, in the order of a test. */
enum dialog_place {
	DIALOG_GREETING,   /* no command was sent yet */
	DIALOG_TLS,        /* AUTH */
	DIALOG_USER,       /* USER */
	DIALOG_PASSWORD,   /* PASS */
	DIALOG_PROTECTION, /* PBSZ, PROT: logged in from here on */
	DIALOG_ENTRY,      /* PWD, SYST: the folder after the login */
	DIALOG_ROOT,       /* CWD */
	DIALOG_DATA,       /* EPSV, PASV, TYPE: a connection for the names */
	DIALOG_LISTING,    /* NLST */
	DIALOG__MAX
};

/* What an SSH server, or the library of this side, made of a private key. */
enum dialog_key {
	DIALOG_KEY_UNTRIED,
	DIALOG_KEY_REFUSED, /* the server does not take it */
	DIALOG_KEY_UNREAD,  /* this side cannot read it, or sign with it */
	DIALOG_KEY_LOST /* the connection broke before there was an answer */
};

/* Ways to log in that an SSH server offers: bits. */
#define DIALOG_OFFERS_KEY      1u
#define DIALOG_OFFERS_PASSWORD 2u /* or asks questions */

/* All zero is the beginning. */
struct dialog {
	enum dialog_place place;
	int reply;         /* code of the last whole FTP reply to the command
			      of place; 0: none came yet */
	unsigned words;    /* what that reply mentions; see dialog.c */
	bool is_over;      /* QUIT was sent: what follows is ignored */
	bool is_logged_in; /* FTP: the login was answered with 2xx */
	bool is_unasked;   /* the server accepted the login before it
			    * asked for the password or the key */
	bool is_untrusted; /* FTP: this side does not accept a
			    * certificate, of the login or of the data */
	bool is_misnamed;  /* ... because it is for another name */
	bool has_offers;   /* SSH: the server said which ways it offers */
	unsigned offers;
	enum dialog_key key;
};

/* Notes an FTP command that was sent; line need not be whole. */
void dialog_command(struct dialog *, struct str line);

/* Notes one line of an FTP reply. */
void dialog_reply(struct dialog *, struct str line);

/* Notes a remark of libcurl's about SSH or TLS. */
void dialog_remark(struct dialog *, struct str text);

/*
 * What the last FTP reply means; false if the table has no row for it. *ret is
 * REASON__MAX if nothing failed: the root was entered and the server says that
 * it is empty. has_tls: the request goes over TLS, so the reply cannot mean
 * that TLS is required.
 */
bool dialog_meaning(const struct dialog *, bool has_tls, enum reason *ret);

/* Whether FTP has begun to list names, and not ended yet. */
bool dialog_is_listing(const struct dialog *);

/* The step at which a silence or a break at this place is reported. */
enum probe_step dialog_step(const struct dialog *);

#endif
