/*
 * One connection by itself, for tests: reads statements from standard input,
 * one a line, runs each as a prepared one, and prints what became of it.
 *
 *   db_cli SOCKET USER DATABASE
 *
 * One line a statement: its error (of enum error), the server's number, the
 * number of rows, the number of connections made so far, the log's text.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "db/db.h"

#define LINE_MAX_BYTES 65536
#define TIMEOUT_MS     20000

static void
run(struct db *db, struct str text)
{
	struct arena *arena = arena_new(65536);
	struct problem problem = { .arena = arena };
	struct statement statement = { .text = text };
	struct rows rows = { 0 };
	enum error error = db_run(db, arena, &statement, &rows, &problem);

	printf("%d\t%u\t%zu\t%llu\t%.*s\n", (int)error, db_errno(db),
	    rows.count, (unsigned long long)db_counters(db).connects,
	    STR_FMT(problem.log));
	fflush(stdout);
	arena_free(arena);
}

int
main(int argc, char **argv)
{
	static char line[LINE_MAX_BYTES];
	struct db_settings settings = {
		.hosts = "",
		.user = "",
		.password = "",
		.tls_mode = "disabled",
		.tls_ca = "",
		.connect_timeout_ms = TIMEOUT_MS,
		.read_timeout_ms = TIMEOUT_MS,
		.statement_cache = 8,
	};
	struct db *db;

	if (argc != 4) {
		fputs("usage: db_cli SOCKET USER DATABASE\n", stderr);
		return 2;
	}
	settings.socket = argv[1];
	settings.user = argv[2];
	settings.database = argv[3];
	db = db_new(&settings);
	while (fgets(line, sizeof(line), stdin) != NULL)
		run(db, (struct str){ line, strcspn(line, "\n") });
	db_free(db);
	return 0;
}
