/*
 * Lies among the parts of answers, whose versions leave out that of the
 * company's data; here it is in the name.
 */
#include <config.h>

#include "api/page_start.h"

/* From this offset on: before it counting off costs no more than asking. */
#define FIRST_OFFSET 100

static int64_t
offset_of(const struct query *query)
{
	return (query->page - 1) * query->per_page;
}

static bool
is_kept(const struct reader *reader, const struct query *query, int64_t offset)
{
	return offset >= FIRST_OFFSET && sql_is_by_id(query) &&
	       answer_cache_is_on(reader->fragments);
}

static struct data_version
version_of(const struct reader *reader)
{
	return (struct data_version){ .company_id = reader->version->company_id,
		.common = reader->version->common };
}

static struct str
name_of(struct arena *arena, const struct reader *reader, struct str list,
    int64_t offset)
{
	return arena_printf(arena, "start %lld of %lld of %.*s",
	    (long long)offset, (long long)reader->version->company,
	    STR_FMT(list));
}

struct sql_start
page_start_find(struct arena *arena, const struct reader *reader,
    const struct query *query, struct str list)
{
	struct data_version version = version_of(reader);
	int64_t offset = offset_of(query);
	struct cached_answer kept;
	uint64_t id = 0;

	if (!is_kept(reader, query, offset) ||
	    !answer_cache_get(reader->fragments, arena, &version,
		name_of(arena, reader, list, offset), &kept) ||
	    !str_to_u64(kept.stored, &id))
		return (struct sql_start){ 0 };
	return (struct sql_start){ offset, (int64_t)id };
}

static void
keep(struct arena *arena, const struct reader *reader,
    const struct query *query, struct str list, struct sql_start start)
{
	struct data_version version = version_of(reader);

	if (is_kept(reader, query, start.offset))
		answer_cache_put(reader->fragments, arena, &version,
		    name_of(arena, reader, list, start.offset),
		    arena_printf(arena, "%lld", (long long)start.id), STR(""));
}

void
page_start_keep(struct arena *arena, const struct reader *reader,
    const struct query *query, struct str list, const struct rows *roots)
{
	size_t id = sql_position(query->resource, "id");
	int64_t offset = offset_of(query), n = (int64_t)roots->count;

	if (n == 0)
		return;
	keep(arena, reader, query, list,
	    (struct sql_start){ offset, rows_cell(roots, 0, id)->integer });
	if (n == query->per_page)
		keep(arena, reader, query, list,
		    (struct sql_start){ offset + n,
			rows_cell(roots, roots->count - 1, id)->integer + 1 });
}
