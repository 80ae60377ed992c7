/*
 * Links and meta of a list, with the reference's window of page numbers.
 */
#include <config.h>

#include "engine/page.h"

#include "base/json.h"
#include "http/uri.h"

#define LINK_MAX (1u << 20)

/* The window: pages shown at each side of the present one, at both ends. */
#define ON_EACH_SIDE 3
#define SHORT_LIST   (2 * ON_EACH_SIDE + 8) /* fewer pages: all are shown */
#define EDGE         (ON_EACH_SIDE + 4) /* this near an end: no dots there */
#define EDGE_PAGES   (EDGE + ON_EACH_SIDE)

int64_t
page_last(const struct page *page)
{
	int64_t last = (page->total + page->per_page - 1) / page->per_page;

	return last < 1 ? 1 : last;
}

/* What all links share: the address and the other parameters. */
struct linker {
	struct buf *b;
	struct str prefix; /* up to and with "page=" */
};

static struct linker
linker_open(struct arena *arena, struct buf *b, const struct page *page)
{
	struct linker linker = { .b = b };
	struct buf text;

	buf_init(&text, LINK_MAX);
	buf_add_str(&text, page->url);
	buf_add_char(&text, '?');
	uri_add_query(&text, page->params, "page");
	buf_add_text(&text, "page=");
	linker.prefix = arena_copy(arena, buf_str(&text));
	buf_done(&text);
	return linker;
}

/* The link of a page; number 0 is no page: null. */
static void
put_link(const struct linker *linker, int64_t number)
{
	struct buf *b = linker->b;

	if (number == 0) {
		json_null(b);
		return;
	}
	/* The prefix is percent-encoded but for scheme and host. */
	json_string(b, linker->prefix);
	buf_truncate(b, b->len - 1);
	buf_add_int(b, number);
	buf_add_char(b, '"');
}

static void
put_item(
    const struct linker *linker, struct str label, int64_t number, bool active)
{
	struct buf *b = linker->b;

	json_object_open(b);
	json_key(b, "url");
	put_link(linker, number);
	json_key(b, "label");
	json_string(b, label);
	json_key(b, "page");
	if (number == 0)
		json_null(b);
	else
		json_int(b, number);
	json_key(b, "active");
	json_bool(b, active);
	json_object_close(b);
}

static void
put_dots(struct buf *b)
{
	json_object_open(b);
	json_key(b, "url");
	json_null(b);
	json_key(b, "label");
	json_string(b, STR("..."));
	json_key(b, "active");
	json_bool(b, false);
	json_object_close(b);
}

static void
put_range(struct arena *arena, const struct linker *linker,
    const struct page *page, int64_t from, int64_t to)
{
	for (int64_t n = from; n <= to; n++)
		put_item(linker, arena_printf(arena, "%lld", (long long)n), n,
		    n == page->number);
}

static void
put_window(
    struct arena *arena, const struct linker *linker, const struct page *page)
{
	int64_t last = page_last(page), at = page->number;

	if (last < SHORT_LIST) {
		put_range(arena, linker, page, 1, last);
	} else if (at <= EDGE) {
		put_range(arena, linker, page, 1, EDGE_PAGES);
		put_dots(linker->b);
		put_range(arena, linker, page, last - 1, last);
	} else if (at > last - EDGE) {
		put_range(arena, linker, page, 1, 2);
		put_dots(linker->b);
		put_range(arena, linker, page, last - EDGE_PAGES + 1, last);
	} else {
		put_range(arena, linker, page, 1, 2);
		put_dots(linker->b);
		put_range(
		    arena, linker, page, at - ON_EACH_SIDE, at + ON_EACH_SIDE);
		put_dots(linker->b);
		put_range(arena, linker, page, last - 1, last);
	}
}

static int64_t
page_before(const struct page *page)
{
	return page->number > 1 ? page->number - 1 : 0;
}

static int64_t
page_after(const struct page *page)
{
	return page->number < page_last(page) ? page->number + 1 : 0;
}

static void
put_links(const struct linker *linker, const struct page *page)
{
	struct buf *b = linker->b;

	json_key(b, "links");
	json_object_open(b);
	json_key(b, "first");
	put_link(linker, 1);
	json_key(b, "last");
	put_link(linker, page_last(page));
	json_key(b, "prev");
	put_link(linker, page_before(page));
	json_key(b, "next");
	put_link(linker, page_after(page));
	json_object_close(b);
}

static void
put_position(
    struct buf *b, const char *key, const struct page *page, int64_t row)
{
	json_key(b, key);
	if (page->rows == 0)
		json_null(b);
	else
		json_int(b, (page->number - 1) * page->per_page + row);
}

static void
put_meta(
    struct arena *arena, const struct linker *linker, const struct page *page)
{
	struct buf *b = linker->b;

	json_key(b, "meta");
	json_object_open(b);
	json_key(b, "current_page");
	json_int(b, page->number);
	put_position(b, "from", page, 1);
	json_key(b, "last_page");
	json_int(b, page_last(page));
	json_key(b, "links");
	json_array_open(b);
	put_item(linker, STR("&laquo; Previous"), page_before(page), false);
	put_window(arena, linker, page);
	put_item(linker, STR("Next &raquo;"), page_after(page), false);
	json_array_close(b);
	json_key(b, "path");
	json_string(b, page->url);
	json_key(b, "per_page");
	json_int(b, page->per_page);
	put_position(b, "to", page, page->rows);
	json_key(b, "total");
	json_int(b, page->total);
	json_object_close(b);
}

void
page_encode(struct arena *arena, struct buf *b, const struct page *page)
{
	struct linker linker = linker_open(arena, b, page);

	put_links(&linker, page);
	put_meta(arena, &linker, page);
}
