/*
 * Parts of answers in a cache of answers. The name of one is its shape and the
 * key of its row, with the row's version where it depends on that; its version
 * is that of the catalogue alone, and its company the one that may get it, 0
 * for all. How many rows it shows stands in the place of an ETag.
 *
 * Why one that is kept for all shows and hides nothing of a company: version,
 * rows and owners are read in this order, by statements of one request, and the
 * statement of the owners reads the version again. Each import raises it in its
 * transaction, and it never goes down; so where it is the same, no import was
 * committed in between, and the rows that were read are those whose owners are
 * known. Where it is not, nothing is kept.
 */
#include <config.h>

#include "api/fragments.h"

#include "engine/shape.h"
#include "engine/sql_owners.h"

/* Whether the include is below one whose text is kept, as a part of it. */
static bool
is_in_fragment(const struct include *include)
{
	for (const struct include *i = include->parent; i->relation != NULL;
	     i = i->parent)
		if (i->relation->catalogue || i->relation->own_changes != NULL)
			return true;
	return false;
}

bool
fragments_are_kept(const struct reader *reader, const struct include *include)
{
	const struct relation *relation = include->relation;

	if (!answer_cache_is_on(reader->fragments) || is_in_fragment(include))
		return false;
	return relation->catalogue ||
	       (relation->own_changes != NULL &&
		   include->parent->relation == NULL && reader->keeps_own);
}

static struct str
name_of(struct arena *arena, const struct fragments *fragments,
    const struct fragment *f)
{
	return arena_printf(arena, "%.*s %lld %lld", STR_FMT(fragments->shape),
	    (long long)f->key, (long long)f->version);
}

/* Of the catalogue one that is kept for the company goes before one for all:
 * when both are there, one of them is of another version. */
static void
find(struct arena *arena, const struct reader *reader,
    const struct fragments *fragments, struct fragment *f)
{
	struct answer_cache *cache = reader->fragments;
	struct str name = name_of(arena, fragments, f);
	int64_t company_id = reader->version->company_id;
	struct data_version version;
	struct cached_answer kept;
	uint64_t rows = 0;

	if (f->version == 0 && !answer_cache_may_have(cache, company_id, name))
		company_id = 0;
	version = data_version_common(company_id, reader->version);
	if (!answer_cache_get(cache, arena, &version, name, &kept))
		return;
	str_to_u64(kept.etag, &rows);
	f->stored = kept.stored;
	f->size = kept.size;
	f->rows = (int64_t)rows;
}

struct fragments *
fragments_find(struct arena *arena, const struct reader *reader,
    const struct query *query, const struct include *include,
    const struct fragment_key *keys, size_t n)
{
	struct fragments *fragments = ARENA_NEW(arena, struct fragments, 1);

	*fragments = (struct fragments){
		.shape = query_shape(arena, query, include),
		.all = ARENA_NEW(arena, struct fragment, n),
		.n = n,
		.unpack = answer_cache_unpack,
	};
	for (size_t i = 0; i < n; i++) {
		fragments->all[i].key = keys[i].key;
		fragments->all[i].version = keys[i].version;
		find(arena, reader, fragments, &fragments->all[i]);
	}
	return fragments;
}

int64_t *
fragments_missing(
    struct arena *arena, const struct fragments *fragments, size_t *ret_n)
{
	int64_t *keys = ARENA_NEW(arena, int64_t, fragments->n);
	size_t n = 0;

	for (size_t i = 0; i < fragments->n; i++)
		if (fragments->all[i].stored.ptr == NULL)
			keys[n++] = fragments->all[i].key;
	*ret_n = n;
	return keys;
}

static void
judge(const struct reader *reader, struct fragments *fragments,
    const struct value *cells)
{
	for (size_t i = 0; i < fragments->n; i++) {
		struct fragment *f = &fragments->all[i];

		if (f->key != cells[OWNER_CELL_KEY].integer)
			continue;
		f->keep =
		    cells[OWNER_CELL_COMMON].integer == reader->version->common;
		f->company_id = cells[OWNER_CELL_OWNED].integer != 0
				    ? reader->version->company_id
				    : 0;
	}
}

/* Of rows that are this company's own. */
static void
judge_own(const struct reader *reader, struct fragments *fragments)
{
	for (size_t i = 0; i < fragments->n; i++) {
		struct fragment *f = &fragments->all[i];

		f->keep = f->stored.ptr == NULL;
		f->company_id = reader->version->company_id;
	}
}

/* More keys than one statement takes are on no page; nothing would be kept of
 * them, and the answer be the same. */
enum error
fragments_judge(struct arena *arena, const struct reader *reader,
    const struct include *include, struct fragments *fragments,
    struct problem *reterr)
{
	struct statement statement;
	struct rows rows;
	size_t n;
	int64_t *keys;

	if (include->relation->own_changes != NULL) {
		judge_own(reader, fragments);
		return OK;
	}
	keys = fragments_missing(arena, fragments, &n);
	if (n == 0 || n > SQL_KEYS_MAX)
		return OK;
	statement = sql_owners(
	    arena, include->parent->resource, include->relation, keys, n);
	TRY(db_run(reader->db, arena, &statement, &rows, reterr));
	for (size_t i = 0; i < rows.count; i++)
		judge(reader, fragments, rows_cell(&rows, i, 0));
	return OK;
}

static void
keep(struct arena *arena, struct answer_cache *cache,
    const struct data_version *now, const struct result *result,
    struct str body)
{
	const struct fragments *fragments = result->fragments;

	for (size_t i = 0; i < fragments->n; i++) {
		const struct fragment *f = &fragments->all[i];
		struct data_version version =
		    data_version_common(f->company_id, now);
		struct str text = { body.ptr + f->span.at, f->span.len };

		if (!f->keep || f->span.len == 0)
			continue;
		answer_cache_put(cache, &version, name_of(arena, fragments, f),
		    text,
		    arena_printf(arena, "%lld",
			(long long)result_count(result, f->key)));
	}
}

void
fragments_keep(struct arena *arena, struct answer_cache *cache,
    const struct data_version *now, const struct result *roots,
    const struct buf *body)
{
	if (body->overflow)
		return;
	for (const struct result *r = roots->children; r != NULL; r = r->next) {
		if (r->fragments != NULL)
			keep(arena, cache, now, r, buf_str(body));
		else
			fragments_keep(arena, cache, now, r, body);
	}
}
