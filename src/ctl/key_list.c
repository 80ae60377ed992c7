/*
 * `key list`, `key find`: whose keys there are. Must never print a key.
 */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "api/authenticate.h"
#include "ctl/listing.h"

#define INPUT_MAX 4096 /* bytes; a key is much shorter */

static const struct list_column columns[] = {
	{ "id", NULL, LIST_INT, LIST_ALWAYS },
	{ "company_id", "company", LIST_INT, LIST_ALWAYS },
	{ "user_id", "user", LIST_INT, LIST_ALWAYS },
	{ "abilities", NULL, LIST_TEXT, LIST_IN_TEXT },
	{ "can_read", NULL, LIST_BOOL, LIST_IN_JSON },
	{ "can_write", NULL, LIST_BOOL, LIST_IN_JSON },
	{ "can_test", NULL, LIST_BOOL, LIST_IN_JSON },
	{ "state", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "expires_at", "expires", LIST_TIME, LIST_ALWAYS },
	{ "revoked_at", "revoked", LIST_TIME, LIST_ALWAYS },
	{ "last_used_at", "last used", LIST_TIME, LIST_ALWAYS },
	{ "created_at", NULL, LIST_TIME, LIST_IN_JSON },
	{ "name", NULL, LIST_TEXT, LIST_ALWAYS },
};

/* As authenticate.c judges a key. */
#define SELECT_KEYS                                                       \
	"SELECT id, company_id, user_id, CONCAT(IF(can_read, 'r', '-'), " \
	"IF(can_write, 'w', '-'), IF(can_test, 't', '-')), can_read, "    \
	"can_write, can_test, IF(revoked_at IS NOT NULL, 'revoked', "     \
	"IF(expires_at <= UTC_TIMESTAMP(6), 'expired', 'valid')), "       \
	"expires_at, revoked_at, last_used_at, created_at, name "         \
	"FROM api_keys WHERE "

static const struct listing listing = {
	.columns = columns,
	.n_columns = N_ELEMENTS(columns),
	.select = SELECT_KEYS "id > ?",
	.order = "id",
	.filters = { { "company", " AND company_id = ?", EXISTS_COMPANY,
	    "company" } },
};

enum error
key_list_command(struct ctl *ctl, struct problem *reterr)
{
	return listing_print(ctl, &listing, reterr);
}

/* Reads up to the end, on a terminal up to the end of the line. */
static enum error
read_input(char *bytes, size_t *len, bool is_terminal, struct problem *reterr)
{
	ssize_t n = 1;

	while (n > 0 && *len < INPUT_MAX &&
	       !(is_terminal && memchr(bytes, '\n', *len) != NULL)) {
		n = read(STDIN_FILENO, bytes + *len, INPUT_MAX - *len);
		if (n > 0)
			*len += (size_t)n;
	}
	if (n < 0)
		return problem_log(reterr, ERROR_INTERNAL, "standard input: %s",
		    strerror(errno));
	return OK;
}

/* The terminal as it was, for a signal that ends the program meanwhile. */
static struct termios shown;

static void
show_again(int signal_number)
{
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* False: standard input is no terminal. */
static bool
hide_typing(void)
{
	static const int ending[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct termios hidden;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return false;
	for (size_t i = 0; i < N_ELEMENTS(ending); i++)
		if (signal(ending[i], show_again) == SIG_IGN)
			signal(ending[i], SIG_IGN);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	return true;
}

/* What is typed is not shown. */
static enum error
read_key(struct ctl *ctl, struct str *ret, struct problem *reterr)
{
	char *bytes = arena_alloc(ctl->arena, INPUT_MAX);
	const bool is_terminal = hide_typing();
	size_t len = 0;
	enum error error;

	if (is_terminal)
		fputs("API key (it is not shown): ", stderr);
	error = read_input(bytes, &len, is_terminal, reterr);
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	*ret = str_trim((struct str){ bytes, len }, STR_SPACES);
	return error;
}

static enum error
print_found(struct ctl *ctl, const struct rows *rows)
{
	struct list list;

	list_open(&list, ctl, columns, N_ELEMENTS(columns));
	list_add(&list, rows_cell(rows, 0, 0));
	list_close(&list, OK);
	return OK;
}

enum error
key_find_command(struct ctl *ctl, struct problem *reterr)
{
	struct rows rows = { 0 };
	struct str key, hash;

	TRY(read_key(ctl, &key, reterr));
	if (principal_hash(ctl->arena, key, &hash) != OK)
		return problem_set(reterr, ERROR_INVALID,
		    "standard input must hold one API key: what is there has "
		    "not the form of one");
	TRY(ctl_database(ctl, reterr));
	TRY(db_run(ctl->db, ctl->arena,
	    STATEMENT(SELECT_KEYS "key_hash = ?", value_text(hash)), &rows,
	    reterr));
	if (rows.count == 0)
		return problem_set(reterr, ERROR_NOT_FOUND,
		    "nobody has this key: it was not made in this database");
	return print_found(ctl, &rows);
}
