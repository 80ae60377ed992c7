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

static const struct {
	const char *path;
	void (*write)(const struct admin *, struct response *);
} pages[] = {
	{ "/live", page_live },
	{ "/ready", admin_ready },
	{ "/metrics", page_metrics },
	{ "/status", admin_status },
};

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
