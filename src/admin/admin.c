/*
 * The admin lane: a table of pages. Must not wait for anything but the
 * database, and for that only where the page is about it.
 */
#include <config.h>

#include "admin/admin.h"

#include "admin/pages.h"
#include "base/json.h"
#include "stats/metrics.h"

static void
page_live(const struct admin *admin, struct response *ret)
{
	(void)admin;
	json_object_open(ret->body);
	json_member_text(ret->body, "status", "alive");
	json_object_close(ret->body);
}

static void
page_metrics(const struct admin *admin, struct response *ret)
{
	response_header(ret, "Content-Type",
	    STR("text/plain; version=0.0.4; charset=utf-8"));
	metrics_write(ret->body, &admin->scoreboard->metrics);
	admin_gauges(admin, ret->body);
}

static void page_index(const struct admin *, struct response *);

static const struct {
	const char *path;
	void (*write)(const struct admin *, struct response *);
	const char *doc; /* NULL: the index itself */
} pages[] = {
	{ "/", page_index, NULL },
	{ "/live", page_live, "200 while the pool runs" },
	{ "/ready", admin_ready,
	    "200 if requests can be served, else why not" },
	{ "/metrics", page_metrics, "counters and gauges for Prometheus" },
	{ "/status", admin_status,
	    "what the pool runs with and its workers do" },
};

/* The names are relative: the web server decides where the pages stand. */
static void
page_index(const struct admin *admin, struct response *ret)
{
	(void)admin;
	json_object_open(ret->body);
	for (size_t i = 0; i < N_ELEMENTS(pages); i++)
		if (pages[i].doc != NULL)
			json_member_text(
			    ret->body, pages[i].path + 1, pages[i].doc);
	json_object_close(ret->body);
}

static enum error
write_page(const struct admin *admin, const struct request *request,
    struct response *ret, struct problem *reterr)
{
	for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
		if (!str_equal_text(request->path, pages[i].path))
			continue;
		ret->route = pages[i].path;
		if (request->method != METHOD_GET &&
		    request->method != METHOD_HEAD) {
			reterr->allow = "GET, HEAD";
			return ERROR_METHOD;
		}
		pages[i].write(admin, ret);
		return OK;
	}
	return ERROR_NOT_FOUND;
}

void
admin_serve(const struct admin *admin, const struct request *request,
    struct response *ret)
{
	struct problem problem = { .arena = admin->arena };
	enum error error;

	ret->status = 200;
	error = write_page(admin, request, ret, &problem);
	if (error != OK)
		response_error(
		    ret, error, &problem, admin->config->serve.retry_after);
}
