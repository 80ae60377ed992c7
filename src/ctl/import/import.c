/*
 * `import`: one file, one transaction.
 *
 * The file is mapped and never read as a whole; a first pass finds where each
 * table's array stands, then the tables are taken in the order of resources[],
 * in which each follows those it refers to.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/import/import.h"
#include "ctl/import/lines.h"
#include "ctl/import/scan.h"
#include "ctl/list.h"
#include "ctl/progress.h"
#include "schema/tables.h"

#define TRIES      5
#define COPY_BYTES 65536

static void
reset_table(struct import_table *table)
{
	memset(table->counts, 0, sizeof(table->counts));
	import_map_done(&table->seen);
	import_map_done(&table->refused);
	/* Nothing is known about the rows of what is not an array. */
	table->has_unknown = table->is_broken;
}

/* A transaction that is run again starts from here. */
static void
import_reset(struct import *import)
{
	import_map_done(&import->made);
	import_map_done(&import->added);
	import_map_done(&import->touched);
	import_map_done(&import->apps);
	import_map_done(&import->link_by_connector);
	import_map_done(&import->link_by_certificate);
	for (size_t i = 0; i < IMPORT_OWNERS; i++)
		import_map_done(&import->owners[i]);
	free(import->links);
	import->links = NULL;
	import->n_links = 0;
	free(import->claims);
	import->claims = NULL;
	import->n_claims = 0;
	import->is_contested = false;
	for (size_t i = 0; i < n_resources; i++)
		reset_table(&import->tables[i]);
	when_now(import->now);
}

static bool
is_imported(const struct resource *resource)
{
	return !resource->internal;
}

/* Notes where a table's array stands. */
static void
note_table(struct import *import, struct str name, struct str value,
    struct problem *reterr)
{
	const char *wrong = NULL;
	size_t i = 0;

	while (i < n_resources && !str_equal_text(name, resources[i]->name))
		i++;
	if (i == n_resources)
		wrong = "there is no such table";
	else if (!is_imported(resources[i]))
		wrong = "is not imported";
	else if (import->tables[i].array.ptr != NULL)
		wrong = "comes twice";
	else if (value.ptr[0] != '[')
		wrong = "must be an array of rows";
	if (wrong == NULL)
		import->tables[i].array = value;
	else if (i < n_resources)
		import->tables[i].is_broken = true;
	if (name.len > IMPORT_NAME_MAX)
		name.len = IMPORT_NAME_MAX;
	if (wrong != NULL && reterr->n_texts < IMPORT_MAX_FAULTS)
		(void)problem_add(reterr, name, str_of(wrong));
}

static enum error
find_tables(struct import *import, struct str text, struct problem *reterr)
{
	enum import_scan_result result;
	struct str name, value;
	struct import_scan scan;

	if (!import_scan_open(&scan, text, '{'))
		return problem_set(
		    reterr, ERROR_INVALID, "the file must be one JSON object");
	while ((result = import_scan_member(&scan, &name, &value)) ==
	       IMPORT_SCAN_FOUND)
		note_table(import, name, value, reterr);
	if (result == IMPORT_SCAN_END && import_scan_is_last(&scan))
		return OK;
	return problem_set(reterr, ERROR_INVALID,
	    "the file is no JSON at byte %zu (line %zu)",
	    (size_t)(scan.p - text.ptr), import_line(text, scan.p));
}

static void
show_progress(struct import *import, const char *place)
{
	size_t done = import->bytes_done, all = 0;

	for (size_t i = 0; i < n_resources; i++) {
		const struct str array = import->tables[i].array;

		all += array.len;
		if (array.ptr != NULL && place >= array.ptr &&
		    place <= array.ptr + array.len)
			done += (size_t)(place - array.ptr);
	}
	progress_share(done, all, import->table_name);
}

static enum error
run_tables(struct import *import, struct problem *reterr)
{
	import->bytes_done = 0;
	for (size_t i = 0; i < n_resources; i++) {
		struct import_table *table = &import->tables[i];

		if (table->array.ptr == NULL)
			continue;
		import->table_name = resources[i]->name;
		TRY(import_table(
		    import, resources[i], table, show_progress, reterr));
		import->bytes_done += table->array.len;
	}
	return import_finish(import, reterr);
}

static enum error
run_once(struct import *import, struct problem *reterr)
{
	enum error error;

	import_reset(import);
	TRY(db_begin(import->db, reterr));
	error = run_tables(import, reterr);
	if (error == ERROR_INVALID && reterr->n_texts >= IMPORT_MAX_FAULTS)
		error = problem_set(reterr, ERROR_INVALID,
		    "there may be more: the first %d errors are told",
		    IMPORT_MAX_FAULTS);
	if (error == OK && !import->is_dry)
		return db_commit(import->db, reterr);
	db_rollback(import->db);
	return error;
}

/* Whether to run once more: another import may have stored the same rows
 * meanwhile. */
static bool
is_worth_another(struct import *import, enum error error, bool is_first)
{
	if (error == ERROR_INVALID)
		return import->is_contested && is_first;
	return error != OK && db_should_retry(import->db);
}

/* Runs the import again after a deadlock or a lost connection. That is right
 * even if the outcome of COMMIT is unknown: a second import changes nothing. */
static enum error
run(struct import *import, struct problem *reterr)
{
	const struct problem before = *reterr; /* of the file as a whole */
	enum error error = OK;

	for (unsigned i = 0; i < TRIES; i++) {
		*reterr = before;
		if (before.last_field != NULL)
			before.last_field->next = NULL;
		error = run_once(import, reterr);
		if (!is_worth_another(import, error, i == 0))
			break;
	}
	return error;
}

static const struct list_column columns[] = {
	{ "table", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "inserted", NULL, LIST_INT, LIST_ALWAYS },
	{ "updated", NULL, LIST_INT, LIST_ALWAYS },
	{ "unchanged", NULL, LIST_INT, LIST_ALWAYS },
};

static void
print_counts(const struct import *import)
{
	struct list_column shown[N_ELEMENTS(columns)];
	struct list list;
	size_t changed = 0;

	memcpy(shown, columns, sizeof(columns));
	if (import->is_dry)
		shown[0].title = "table (nothing is imported)";
	list_open(&list, import->ctl, shown, N_ELEMENTS(shown));
	for (size_t i = 0; i < n_resources; i++) {
		const struct import_table *table = &import->tables[i];
		const size_t *counts = table->counts;
		const struct value cells[] = {
			value_text(str_of(resources[i]->name)),
			value_int((int64_t)counts[IMPORT_INSERTED]),
			value_int((int64_t)counts[IMPORT_UPDATED]),
			value_int((int64_t)counts[IMPORT_UNCHANGED]),
		};

		if (table->array.ptr == NULL)
			continue;
		list_add(&list, cells);
		changed += counts[IMPORT_INSERTED] + counts[IMPORT_UPDATED];
	}
	list_close(&list, OK);
	/* Programs see it in the numbers. */
	if (changed == 0 && list.is_aligned && !list.is_json)
		ctl_print("nothing changed\n");
}

static enum error
import_text(struct ctl *ctl, struct str text, struct problem *reterr)
{
	struct import import = {
		.ctl = ctl,
		.tables =
		    ARENA_NEW(ctl->arena, struct import_table, n_resources),
		.is_dry = ctl_option(ctl, "dry-run") != NULL,
	};
	enum error error;

	TRY(find_tables(&import, text, reterr));
	TRY(ctl_database(ctl, reterr));
	import.db = ctl->db;
	import.reader = import_reader_new();
	error = run(&import, reterr);
	progress_end();
	if (error == OK)
		print_counts(&import);
	import_reset(&import);
	import_reader_free(import.reader);
	return error;
}

static enum error
fail(struct problem *reterr, const char *path)
{
	return problem_log(
	    reterr, ERROR_INTERNAL, "%s: %s", path, strerror(errno));
}

/* Standard input may be a pipe, which cannot be mapped. */
static int
copy_input(void)
{
	static char bytes[COPY_BYTES];
	FILE *file = tmpfile();
	ssize_t n = 1;
	int fd;

	if (file == NULL)
		return -1;
	while (n > 0) {
		n = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (n > 0 && fwrite(bytes, 1, (size_t)n, file) != (size_t)n)
			n = -1;
	}
	explicit_bzero(bytes, sizeof(bytes));
	fd = n < 0 || fflush(file) != 0 ? -1 : dup(fileno(file));
	fclose(file);
	return fd;
}

static enum error
import_mapped(struct ctl *ctl, int fd, const char *path, struct problem *reterr)
{
	struct stat st;
	enum error error;
	void *bytes;

	if (fstat(fd, &st) != 0)
		return fail(reterr, path);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return problem_set(reterr, ERROR_INVALID,
		    "%s: is empty or no regular file", path);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return fail(reterr, path);
	error =
	    import_text(ctl, (struct str){ bytes, (size_t)st.st_size }, reterr);
	if (error == ERROR_INVALID)
		import_add_lines(
		    (struct str){ bytes, (size_t)st.st_size }, reterr);
	munmap(bytes, (size_t)st.st_size);
	return error;
}

enum error
import_command(struct ctl *ctl, struct problem *reterr)
{
	const char *path = ctl->args[0];
	const bool is_input = strcmp(path, "-") == 0;
	int fd = is_input ? copy_input() : open(path, O_RDONLY | O_CLOEXEC);
	enum error error;

	if (is_input)
		path = "standard input";
	if (fd < 0)
		return fail(reterr, path);
	error = import_mapped(ctl, fd, path, reterr);
	close(fd);
	return error == OK ? defaults_warn(ctl, reterr) : error;
}
