/*
 * All cells are fetched as text into fixed room and copied into one pool.
 */
#include <config.h>

#include "floor_db.h"

#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_BYTES 512
#define MAX_WIDTH  96
#define MAX_PARAMS 128
#define POOL_BYTES (4u << 20)
#define POOL_CELLS (64u << 10)

struct prepared {
	MYSQL_STMT *statement;
	unsigned width;
	MYSQL_BIND binds[MAX_WIDTH];
	unsigned long lengths[MAX_WIDTH];
	my_bool nulls[MAX_WIDTH];
	char bytes[MAX_WIDTH][CELL_BYTES];
};

static MYSQL *connection;
static char pool[POOL_BYTES];
static struct cell cells[POOL_CELLS];
static size_t pool_used, cells_used;

static void
give_up(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

void
floor_connect(void)
{
	connection = mysql_init(NULL);
	mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(connection, NULL, getenv("BENCH_USER"),
		getenv("BENCH_PASSWORD"), getenv("BENCH_DATABASE"), 0,
		getenv("BENCH_SOCKET"), 0) == NULL)
		give_up("connect", mysql_error(connection));
	floor_command("SET time_zone = '+00:00'");
}

void
floor_command(const char *text)
{
	if (mysql_real_query(connection, text, strlen(text)) != 0)
		give_up(text, mysql_error(connection));
}

static void
bind_result(struct prepared *p)
{
	p->width = mysql_stmt_field_count(p->statement);
	if (p->width > MAX_WIDTH)
		give_up("prepare", "too many columns");
	for (unsigned i = 0; i < p->width; i++) {
		p->binds[i].buffer_type = MYSQL_TYPE_STRING;
		p->binds[i].buffer = p->bytes[i];
		p->binds[i].buffer_length = CELL_BYTES;
		p->binds[i].length = &p->lengths[i];
		p->binds[i].is_null = &p->nulls[i];
	}
	if (p->width > 0)
		mysql_stmt_bind_result(p->statement, p->binds);
}

static void
prepare(struct query *q)
{
	struct prepared *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	p->statement = mysql_stmt_init(connection);
	if (mysql_stmt_prepare(p->statement, q->text, strlen(q->text)) != 0)
		give_up(q->text, mysql_stmt_error(p->statement));
	bind_result(p);
	q->prepared = p;
}

static void
execute(struct query *q, const struct param *params, size_t n)
{
	MYSQL_STMT *statement = q->prepared->statement;
	MYSQL_BIND binds[MAX_PARAMS] = { 0 };
	unsigned long lengths[MAX_PARAMS];

	if (n > MAX_PARAMS || mysql_stmt_param_count(statement) != n)
		give_up(q->text, "wrong number of parameters");
	for (size_t i = 0; i < n; i++) {
		binds[i].buffer_type = MYSQL_TYPE_LONGLONG;
		binds[i].buffer = (void *)(size_t)&params[i].number;
		if (params[i].null) {
			binds[i].buffer_type = MYSQL_TYPE_NULL;
			continue;
		}
		if (params[i].text == NULL)
			continue;
		lengths[i] = params[i].len;
		binds[i].buffer_type = MYSQL_TYPE_STRING;
		binds[i].buffer = (void *)(size_t)params[i].text;
		binds[i].buffer_length = lengths[i];
		binds[i].length = &lengths[i];
	}
	if (mysql_stmt_bind_param(statement, binds) != 0 ||
	    mysql_stmt_execute(statement) != 0)
		give_up(q->text, mysql_stmt_error(statement));
}

static void
keep_row(const struct prepared *p)
{
	for (unsigned i = 0; i < p->width; i++) {
		struct cell *cell = &cells[cells_used++];

		cell->ptr = NULL;
		if (p->nulls[i])
			continue;
		cell->len = p->lengths[i];
		if (cell->len >= CELL_BYTES ||
		    pool_used + cell->len > POOL_BYTES)
			give_up("fetch", "a value is too long");
		cell->ptr =
		    memcpy(pool + pool_used, p->bytes[i], cell->len + 1);
		pool_used += cell->len;
		pool[pool_used++] = '\0';
	}
}

struct rows
floor_run(struct query *q, const struct param *params, size_t n)
{
	struct rows rows = { 0 };

	if (q->prepared == NULL)
		prepare(q);
	execute(q, params, n);
	rows.width = q->prepared->width;
	rows.cells = cells + cells_used;
	if (rows.width == 0)
		return rows;
	while (mysql_stmt_fetch(q->prepared->statement) == 0) {
		if (cells_used + rows.width > POOL_CELLS)
			give_up("fetch", "too many rows");
		keep_row(q->prepared);
		rows.count++;
	}
	mysql_stmt_free_result(q->prepared->statement);
	return rows;
}

void
floor_forget(void)
{
	pool_used = 0;
	cells_used = 0;
}

long long
floor_insert_id(const struct query *q)
{
	return (long long)mysql_stmt_insert_id(q->prepared->statement);
}
