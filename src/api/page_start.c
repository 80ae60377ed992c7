/*
 * Lies among the parts of answers, whose versions leave out that of the
 * company's data; here it is in the name.
 */
#include <config.h>

#include "api/page_start.h"

#include <string.h>

/* From this offset on: before it counting off costs no more than asking. */
#define FIRST_OFFSET 100
/* Ids that the next page may take, as a multiple of those of this one. */
#define NEXT_SPAN 4

static bool
is_kept(const struct reader *reader, const struct query *query,
    const struct sql_root *root, int64_t offset)
{
	return offset >= FIRST_OFFSET && sql_can_start(query, root) &&
	       answer_cache_is_on(reader->fragments);
}

static struct data_version
version_of(const struct reader *reader)
{
	return data_version_common(
	    reader->version->company_id, reader->version);
}

static struct str
name_of(struct arena *arena, const struct reader *reader,
    const struct query *query, int64_t offset)
{
	return arena_printf(arena, "start of %s %lld+%lld of %lld",
	    query->resource->name, (long long)offset,
	    (long long)query->per_page, (long long)reader->version->company);
}

struct sql_start
page_start_find(struct arena *arena, const struct reader *reader,
    const struct query *query, const struct sql_root *root)
{
	struct data_version version = version_of(reader);
	int64_t offset = query_offset(query);
	struct sql_start start = { 0 };
	struct cached_answer kept;

	if (is_kept(reader, query, root, offset) &&
	    answer_cache_get(reader->fragments, arena, &version,
		name_of(arena, reader, query, offset), &kept) &&
	    kept.stored.len == sizeof(start))
		memcpy(&start, kept.stored.ptr, sizeof(start));
	return start;
}

static void
keep(struct arena *arena, const struct reader *reader,
    const struct query *query, const struct sql_root *root, int64_t offset,
    struct sql_start start)
{
	struct data_version version = version_of(reader);

	if (is_kept(reader, query, root, offset))
		answer_cache_put(reader->fragments, &version,
		    name_of(arena, reader, query, offset),
		    (struct str){ (const char *)&start, sizeof(start) },
		    STR(""));
}

/* The next page is known by where it begins; how far it goes is a guess. */
void
page_start_keep(struct arena *arena, const struct reader *reader,
    const struct query *query, const struct sql_root *root,
    const struct rows *rows)
{
	size_t id = sql_position(query->resource, "id");
	int64_t offset = query_offset(query), n = (int64_t)rows->count;
	struct sql_start start;

	if (n == 0)
		return;
	start.first = rows_cell(rows, 0, id)->integer;
	start.last = rows_cell(rows, rows->count - 1, id)->integer;
	keep(arena, reader, query, root, offset, start);
	if (n < query->per_page)
		return;
	keep(arena, reader, query, root, offset + n,
	    (struct sql_start){ start.last + 1,
		start.last + NEXT_SPAN * (start.last - start.first + 1) });
}
