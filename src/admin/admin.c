/*
 * The admin lane: a table of pages. Must not wait for anything but the
 * database, and for that only where the page is about it.
 */
#include <config.h>

#include "admin/admin.h"

#include "admin/pages.h"
#include "base/error.h"
#include "base/json.h"
#include "stats/metrics.h"

void
admin_put_text(struct buf *b, const char *key, const char *text)
{
	json_key(b, key);
	json_string(b, str_of(text));
}

void
admin_put_int(struct buf *b, const char *key, uint64_t value)
{
	json_key(b, key);
	json_int(b, (int64_t)value);
}

static void
page_live(const struct admin *admin, struct response *ret)
{
	(void)admin;
	json_object_open(ret->body);
	admin_put_text(ret->body, "status", "alive");
	json_object_close(ret->body);
}

static void
page_metrics(const struct admin *admin, struct response *ret)
{
	response_header(ret, "Content-Type",
	    STR("text/plain; version=0.0.4; charset=utf-8"));
	metrics_write(ret->body, &admin->shared->metrics);
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

static void
refuse(struct response *ret, enum error error)
{
	ret->status = error_status(error);
	json_object_open(ret->body);
	admin_put_text(ret->body, "message", error_message(error));
	json_object_close(ret->body);
}

void
admin_serve(const struct admin *admin, const struct request *request,
    struct response *ret)
{
	ret->status = 200;
	for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
		if (!str_equal_text(request->path, pages[i].path))
			continue;
		ret->route = pages[i].path;
		if (request->method == METHOD_GET ||
		    request->method == METHOD_HEAD) {
			pages[i].write(admin, ret);
			return;
		}
		response_header(ret, "Allow", STR("GET, HEAD"));
		refuse(ret, ERROR_METHOD);
		return;
	}
	refuse(ret, ERROR_NOT_FOUND);
}
