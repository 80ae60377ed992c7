/*
 * `migrate`: runs the numbered SQL files that were not run yet.
 *
 * Two that run at once are serialised by a row that one of them holds locked on
 * a connection of its own. On clusters that do not replicate that lock the
 * result is right all the same: statements can be run again, and
 * schema_migrations has a primary key. Must not run anything that is not in a
 * file.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "ctl/list.h"
#include "ctl/migrate_split.h"
#include "ctl/progress.h"
#include "ctl/when.h"

#define MAX_FILES      1000
#define MAX_FILE_BYTES (4 * 1024 * 1024)
#define VERSION_DIGITS 4
#define LOCK_WAIT      1205 /* and a time limit of the client's own */
#define LOCK_WAIT_TEXT "SET innodb_lock_wait_timeout = 10"
#define CREATE_TABLE                                                         \
	"CREATE TABLE IF NOT EXISTS schema_migrations ("                     \
	"version INT NOT NULL, name VARCHAR(255) NOT NULL, "                 \
	"checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, " \
	"applied_at DATETIME(6) NOT NULL, PRIMARY KEY (version)) "           \
	"ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "                             \
	"COLLATE=utf8mb4_unicode_520_ci"
#define CREATE_LOCK                                                     \
	"CREATE TABLE IF NOT EXISTS schema_lock (id TINYINT NOT NULL, " \
	"PRIMARY KEY (id)) ENGINE=InnoDB"

struct migration {
	int64_t version;
	struct str name; /* of the file */
	struct str text;
	struct str checksum;
	bool is_applied;
};

struct migrations {
	size_t count;
	struct migration *items; /* by version */
};

static bool
is_migration(const char *name)
{
	const struct str s = str_of(name);

	return s.len > VERSION_DIGITS + 1 &&
	       str_is_digits((struct str){ name, VERSION_DIGITS }) &&
	       name[VERSION_DIGITS] == '-' && str_ends_with(s, STR(".sql"));
}

static int
select_entry(const struct dirent *entry)
{
	return is_migration(entry->d_name);
}

static enum error
read_open_file(struct arena *arena, int fd, struct str *ret, const char *name,
    struct problem *reterr)
{
	char *bytes;
	struct stat st;
	size_t len = 0;
	ssize_t n = 1;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > MAX_FILE_BYTES)
		return problem_log(reterr, ERROR_INTERNAL,
		    "%s: is no file of at most %d bytes", name, MAX_FILE_BYTES);
	bytes = arena_alloc(arena, (size_t)st.st_size + 1);
	while (n > 0 && len < (size_t)st.st_size) {
		n = read(fd, bytes + len, (size_t)st.st_size - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "%s: %s", name, strerror(errno));
	*ret = (struct str){ bytes, len };
	return OK;
}

static enum error
read_migration(struct arena *arena, const char *folder, const char *name,
    struct migration *ret, struct problem *reterr)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name).ptr;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t version = 0;
	enum error error;

	if (fd < 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "%s: %s", path, strerror(errno));
	error = read_open_file(arena, fd, &ret->text, path, reterr);
	close(fd);
	TRY(error);
	str_to_u64((struct str){ name, VERSION_DIGITS }, &version);
	ret->version = (int64_t)version;
	ret->name = arena_copy(arena, str_of(name));
	ret->checksum = secret_sha256_hex(arena, ret->text);
	return OK;
}

static enum error
read_entries(struct arena *arena, const char *folder, struct dirent **entries,
    size_t n, struct migrations *ret, struct problem *reterr)
{
	if (n > MAX_FILES)
		return problem_log(
		    reterr, ERROR_INTERNAL, "%s: holds too many files", folder);
	ret->items = ARENA_NEW(arena, struct migration, n);
	for (size_t i = 0; i < n; i++) {
		TRY(read_migration(
		    arena, folder, entries[i]->d_name, &ret->items[i], reterr));
		if (i > 0 && ret->items[i].version == ret->items[i - 1].version)
			return problem_log(reterr, ERROR_INTERNAL,
			    "%s and %s have the same number",
			    ret->items[i - 1].name.ptr, ret->items[i].name.ptr);
	}
	ret->count = n;
	return OK;
}

/* All files of the folder, by number. */
static enum error
read_folder(struct arena *arena, const char *folder, struct migrations *ret,
    struct problem *reterr)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, select_entry, alphasort);
	enum error error;

	if (n < 0)
		return problem_log(reterr, ERROR_INTERNAL,
		    "migrations folder %s: %s", folder, strerror(errno));
	error = read_entries(arena, folder, entries, (size_t)n, ret, reterr);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	TRY(error);
	if (ret->count == 0)
		return problem_log(reterr, ERROR_INTERNAL,
		    "migrations folder %s: holds no NNNN-name.sql", folder);
	return OK;
}

static struct migration *
find_version(struct migrations *m, int64_t version)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->items[i].version == version)
			return &m->items[i];
	return NULL;
}

/* Notes in the list of files that a row of schema_migrations has one as
 * applied. */
static enum error
note_applied(
    struct migrations *m, const struct value *row, struct problem *reterr)
{
	struct migration *found = find_version(m, row[0].integer);

	if (found == NULL)
		return problem_log(reterr, ERROR_INTERNAL,
		    "%.*s was applied, but its file is missing: the database "
		    "is of a later version than this program, or of another",
		    STR_FMT(row[1].text));
	if (!str_equal(found->checksum, row[2].text))
		return problem_log(reterr, ERROR_INTERNAL,
		    "%s was changed after it was applied (checksum %.*s then, "
		    "%.*s now): put the file back, and make a new one for the "
		    "change",
		    found->name.ptr, STR_FMT(row[2].text),
		    STR_FMT(found->checksum));
	found->is_applied = true;
	return OK;
}

/* Compares the files with what the database says was applied. */
static enum error
compare(struct db *db, struct arena *arena, struct migrations *m,
    struct problem *reterr)
{
	struct rows rows = { 0 };
	enum error error;

	error = db_run(db, arena,
	    &(struct statement){
		.text = STR("SELECT version, name, checksum "
			    "FROM schema_migrations ORDER BY version") },
	    &rows, reterr);
	if (error != OK && db_errno(db) == DB_NO_SUCH_TABLE)
		return OK;
	TRY(error);
	for (size_t i = 0; i < rows.count; i++)
		TRY(note_applied(m, rows_cell(&rows, i, 0), reterr));
	return OK;
}

/* Holds the lock row on a connection that stays in a transaction. */
static enum error
take_lock(struct db *lock, struct arena *arena, struct problem *reterr)
{
	const struct statement select = {
		.text =
		    STR("SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE")
	};
	struct rows rows = { 0 };
	enum error error;
	bool has_said = false;

	TRY(db_execute(lock, STR(CREATE_LOCK), reterr));
	TRY(db_execute(
	    lock, STR("INSERT IGNORE INTO schema_lock VALUES (1)"), reterr));
	TRY(db_execute(lock, STR(LOCK_WAIT_TEXT), reterr));
	for (;;) {
		TRY(db_begin(lock, reterr));
		error = db_run(lock, arena, &select, &rows, reterr);
		if (error == OK || db_errno(lock) != LOCK_WAIT)
			return error;
		db_rollback(lock);
		if (!has_said)
			ctl_say("another migrate is running; waiting for it");
		has_said = true;
	}
}

static unsigned
line_of(struct str text, const char *place)
{
	unsigned line = 1;

	for (const char *p = text.ptr; p < place; p++)
		line += *p == '\n';
	return line;
}

static enum error
run_statements(struct db *db, const struct migration *m, struct problem *reterr)
{
	struct str rest = m->text;
	struct str text = { NULL, 0 };
	enum split split;

	while ((split = migrate_split(&rest, &text)) == SPLIT_STATEMENT) {
		enum error error = db_execute(db, text, reterr);

		if (error != OK)
			return problem_log(reterr, error, "%s, line %u: %.*s",
			    m->name.ptr, line_of(m->text, text.ptr),
			    STR_FMT(reterr->log));
	}
	if (split == SPLIT_UNCLOSED)
		return problem_log(reterr, ERROR_INTERNAL,
		    "%s, line %u: a quote or a comment is not closed",
		    m->name.ptr, line_of(m->text, text.ptr));
	return OK;
}

static enum error
apply(struct db *db, struct arena *arena, const struct migration *m,
    struct problem *reterr)
{
	char now[WHEN_SIZE];

	TRY(run_statements(db, m, reterr));
	when_now(now);
	return db_run(db, arena,
	    STATEMENT("INSERT INTO schema_migrations "
		      "(version, name, checksum, applied_at) "
		      "VALUES (?, ?, ?, ?)",
		value_int(m->version), value_text(m->name),
		value_text(m->checksum), value_text(str_of(now))),
	    NULL, reterr);
}

static enum error
apply_pending(struct ctl *ctl, struct migrations *m, struct problem *reterr)
{
	size_t n = 0, n_types;

	TRY(db_execute(ctl->db, STR(CREATE_TABLE), reterr));
	TRY(compare(ctl->db, ctl->arena, m, reterr));
	for (size_t i = 0; i < m->count; i++) {
		if (m->items[i].is_applied)
			continue;
		progress_step(
		    "%zu of %zu: %s", i + 1, m->count, m->items[i].name.ptr);
		TRY(apply(ctl->db, ctl->arena, &m->items[i], reterr));
		progress_end();
		ctl_print("applied %s\n", m->items[i].name.ptr);
		n++;
	}
	TRY(types_provide(ctl, &n_types, reterr));
	if (n_types > 0)
		ctl_print("added %zu authentication types\n", n_types);
	if (n + n_types == 0)
		ctl_print("nothing to do: %zu applied\n", m->count);
	return OK;
}

static const struct list_column status_columns[] = {
	{ "state", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "file", NULL, LIST_TEXT, LIST_ALWAYS },
};

static enum error
print_status(struct ctl *ctl, struct migrations *m, struct problem *reterr)
{
	struct list list;

	TRY(compare(ctl->db, ctl->arena, m, reterr));
	list_open(&list, ctl, status_columns, N_ELEMENTS(status_columns));
	list.is_headless = true;
	for (size_t i = 0; i < m->count; i++) {
		const struct migration *item = &m->items[i];
		const struct value cells[] = {
			value_text(
			    str_of(item->is_applied ? "applied" : "pending")),
			value_text(item->name),
		};

		list_add(&list, cells);
		if (!item->is_applied)
			ctl->has_failed = true;
	}
	list_close(&list, OK);
	return OK;
}

enum error
migrate_count_pending(struct ctl *ctl, size_t *ret, struct problem *reterr)
{
	struct migrations m = { 0 };
	size_t n = 0;

	TRY(ctl_database(ctl, reterr));
	TRY(read_folder(ctl->arena, ctl->config.migrations, &m, reterr));
	TRY(compare(ctl->db, ctl->arena, &m, reterr));
	for (size_t i = 0; i < m.count; i++)
		n += !m.items[i].is_applied;
	*ret = n;
	return OK;
}

enum error
migrate_command(struct ctl *ctl, struct problem *reterr)
{
	struct migrations m = { 0 };
	struct db *lock;
	enum error error;

	if (ctl_option(ctl, "json") != NULL &&
	    ctl_option(ctl, "status") == NULL)
		return ctl_usage(reterr, "--json goes with --status only");
	TRY(ctl_database(ctl, reterr));
	TRY(read_folder(ctl->arena, ctl->config.migrations, &m, reterr));
	if (ctl_option(ctl, "status") != NULL)
		return print_status(ctl, &m, reterr);
	lock = db_new(&ctl->patient);
	error = take_lock(lock, ctl->arena, reterr);
	if (error != OK)
		ctl->other_errno = db_errno(lock);
	else
		error = apply_pending(ctl, &m, reterr);
	db_rollback(lock);
	db_free(lock);
	return error;
}
