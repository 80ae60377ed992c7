/*
 * The floor: the least C that answers the same from the same tables. libfcgi,
 * prepared statements, JSON made by hand, as few round trips as were found to
 * pay. It checks nothing but the API key, and has no cache.
 *
 *	GET  /floor/connectors/ID
 *	GET  /floor/connectors?page=N[&include=two|all]
 *	POST /floor/connectors
 *	GET  /floor/systems?page=N	with all includes
 */
#include <config.h>

#include "floor.h"

#include <fcgiapp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor_sql.h"
#include "prefork.h"

#define VALID_KEY                                                          \
	"k.key_hash=? AND k.revoked_at IS NULL AND (k.expires_at IS NULL " \
	"OR k.expires_at>UTC_TIMESTAMP(6))"
#define MARKS "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

struct param
floor_number(long long number)
{
	return (struct param){ .number = number };
}

struct param
floor_text(const char *text)
{
	return (struct param){ .text = text, .len = strlen(text) };
}

struct param
floor_hash(const char *hash)
{
	return (struct param){ .text = hash, .len = 64 };
}

void
floor_ids(const struct rows *rows, size_t column, struct param *ret)
{
	for (size_t i = 0; i < PER_PAGE; i++) {
		const struct cell *cell =
		    &rows->cells[i * rows->width + column];

		ret[i] = floor_number(
		    i < rows->count ? strtoll(cell->ptr, NULL, 10) : 0);
	}
}

bool
floor_same(const struct cell *a, const struct cell *b)
{
	return a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0;
}

size_t
floor_find(const struct rows *rows, const struct cell *id, size_t from)
{
	while (from < rows->count &&
	       !floor_same(&rows->cells[from * rows->width], id))
		from++;
	return from;
}

int
floor_show(const char *hash, long long id, struct out *o)
{
	static struct query query = {
		"SELECT " SQL_CONNECTOR " FROM api_keys k LEFT JOIN connectors "
		"c ON c.id=? AND c.company_id=k.company_id WHERE " VALID_KEY,
		NULL
	};
	struct param params[] = { floor_number(id), floor_hash(hash) };
	struct rows rows = floor_run(&query, params, 2);

	if (rows.count == 0)
		return 401;
	if (rows.cells[0].ptr == NULL)
		return 404;
	out_text(o, "{\"data\":{");
	out_fields(o, json_connector, rows.cells);
	out_text(o, "}}");
	return 200;
}

static void
put_link(struct out *o, const char *name, long page, bool there)
{
	out_text(o, name);
	if (!there) {
		out_text(o, "null");
		return;
	}
	out_text(o, "\"/floor/connectors?page=");
	out_number(o, page);
	out_text(o, "\"");
}

void
floor_page(struct out *o, long page, const struct cell *total)
{
	long rows = strtol(total->ptr, NULL, 10);
	long last = (rows + PER_PAGE - 1) / PER_PAGE;

	out_text(o, "],\"links\":{");
	put_link(o, "\"first\":", 1, true);
	put_link(o, ",\"last\":", last, true);
	put_link(o, ",\"prev\":", page - 1, page > 1);
	put_link(o, ",\"next\":", page + 1, page < last);
	out_text(o, "},\"meta\":{\"current_page\":");
	out_number(o, page);
	out_text(o, ",\"from\":");
	out_number(o, (page - 1) * PER_PAGE + 1);
	out_text(o, ",\"last_page\":");
	out_number(o, last);
	out_text(o, ",\"per_page\":");
	out_number(o, PER_PAGE);
	out_text(o, ",\"to\":");
	out_number(o, page < last ? page * PER_PAGE : rows);
	out_text(o, ",\"total\":");
	out_number(o, rows);
	out_text(o, "}}");
}

void
floor_variables(struct out *o, const struct rows *variables,
    const struct cell *id, size_t *at)
{
	bool first = true;

	out_text(o, "\"variables\":[");
	*at = floor_find(variables, id, *at);
	for (; *at < variables->count; ++*at) {
		const struct cell *cells =
		    &variables->cells[*at * variables->width];

		if (!floor_same(&cells[0], id))
			break;
		out_text(o, first ? "{" : ",{");
		first = false;
		cells = out_fields(o, json_variable, cells + 1);
		out_text(o, ",\"pivot\":{");
		out_fields(o, json_link, cells);
		out_text(o, "}}");
	}
	out_text(o, "]");
}

static void
put_rows(struct out *o, const struct rows *page, const struct rows *variables)
{
	size_t at = 0;

	for (size_t i = 0; i < page->count; i++) {
		const struct cell *cells = &page->cells[i * page->width];
		const struct cell *id = cells;

		out_text(o, i == 0 ? "{" : ",{");
		cells = out_fields(o, json_connector, cells);
		if (variables != NULL) {
			out_text(o, ",");
			floor_variables(o, variables, id, &at);
			out_text(o, ",\"authentication_implementation\":{");
			cells = out_fields(o, json_implementation, cells);
			out_text(o, ",\"system\":{");
			out_fields(o, json_system, cells);
			out_text(o, "}}");
		}
		out_text(o, "}");
	}
}

int
floor_list(const char *hash, long page, bool includes, struct out *o)
{
	static struct query key = {
		"SELECT k.company_id FROM api_keys k WHERE " VALID_KEY, NULL
	};
	static struct query count = {
		"SELECT COUNT(*) FROM connectors WHERE company_id=?", NULL
	};
	static struct query plain = {
		"SELECT " SQL_CONNECTOR
		" FROM (SELECT id FROM connectors WHERE company_id=? ORDER BY "
		"id LIMIT ? OFFSET ?) p JOIN connectors c ON c.id=p.id ORDER "
		"BY c.id",
		NULL
	};
	static struct query joined = {
		"SELECT STRAIGHT_JOIN " SQL_CONNECTOR "," SQL_IMPLEMENTATION
		"," SQL_SYSTEM
		" FROM connectors c JOIN authentication_implementations i ON "
		"i.id=c.authentication_implementation_id JOIN systems s ON "
		"s.id=i.system_id WHERE c.company_id=? ORDER BY c.id "
		"LIMIT ? OFFSET ?",
		NULL
	};
	static struct query variables = {
		"SELECT l.model_id," SQL_VARIABLE "," SQL_LINK
		" FROM model_variables l JOIN variables v ON "
		"v.id=l.variable_id WHERE l.model_type='connector' AND "
		"l.model_id IN " MARKS " ORDER BY l.model_id,v.id",
		NULL
	};
	struct param params[PER_PAGE] = { floor_hash(hash) };
	struct rows rows = floor_run(&key, params, 1), total, of_page;

	if (rows.count == 0)
		return 401;
	params[0] = floor_number(strtoll(rows.cells[0].ptr, NULL, 10));
	params[1] = floor_number(PER_PAGE);
	params[2] = floor_number((page - 1) * PER_PAGE);
	total = floor_run(&count, params, 1);
	rows = floor_run(includes ? &joined : &plain, params, 3);
	out_text(o, "{\"data\":[");
	if (includes) {
		floor_ids(&rows, 0, params);
		of_page = floor_run(&variables, params, PER_PAGE);
	}
	put_rows(o, &rows, includes ? &of_page : NULL);
	floor_page(o, page, &total.cells[0]);
	return 200;
}

static void
hash_key(const char *authorization, char ret[65])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[32];

	if (strncmp(authorization, "Bearer ", 7) == 0)
		authorization += 7;
	EVP_Digest(authorization, strlen(authorization), hash, NULL,
	    EVP_sha256(), NULL);
	for (size_t i = 0; i < sizeof(hash); i++) {
		ret[2 * i] = digits[hash[i] >> 4];
		ret[2 * i + 1] = digits[hash[i] & 15];
	}
	ret[64] = '\0';
}

static const char *
param(const FCGX_Request *request, const char *name)
{
	const char *value = FCGX_GetParam(name, request->envp);

	return value == NULL ? "" : value;
}

static int
store(FCGX_Request *request, const char *hash, struct out *o)
{
	static char body[64 << 10];
	int len = FCGX_GetStr(body, (int)sizeof(body) - 1, request->in);

	body[len] = '\0';
	return floor_store(hash, body, o);
}

static int
answer(FCGX_Request *request, struct out *o)
{
	const char *uri = param(request, "REQUEST_URI");
	const char *query = param(request, "QUERY_STRING");
	const char *page = strstr(query, "page=");

	/* Not per_page, which is what it always is. */
	while (page != NULL && page > query && page[-1] == '_')
		page = strstr(page + 1, "page=");
	long number = page == NULL ? 1 : strtol(page + 5, NULL, 10);
	char hash[65];

	hash_key(param(request, "HTTP_AUTHORIZATION"), hash);
	if (strcmp(param(request, "REQUEST_METHOD"), "POST") == 0)
		return store(request, hash, o);
	if (strncmp(uri, "/floor/systems", sizeof("/floor/systems") - 1) == 0)
		return floor_systems(hash, number, o);
	if (uri[sizeof("/floor/connectors") - 1] == '/')
		return floor_show(hash,
		    strtoll(uri + sizeof("/floor/connectors"), NULL, 10), o);
	if (strstr(query, "include=all") != NULL)
		return floor_list_all(hash, number, o);
	return floor_list(
	    hash, number, strstr(query, "include=two") != NULL, o);
}

int
main(int argc, char **argv)
{
	struct out o = { NULL, 0, 0 };
	FCGX_Request request;
	int listener = prefork(argc, argv), status;

	floor_connect();
	FCGX_InitRequest(&request, listener, 0);
	while (FCGX_Accept_r(&request) >= 0) {
		floor_forget();
		o.len = 0;
		status = answer(&request, &o);
		if (status >= 300)
			out_text(&o, "{\"message\":\"error\"}");
		FCGX_FPrintF(request.out,
		    "Status: %d\r\nContent-Type: application/json\r\n"
		    "Content-Length: %d\r\n\r\n",
		    status, (int)o.len);
		FCGX_PutStr(o.ptr, (int)o.len, request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
}
