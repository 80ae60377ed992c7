/*
 * Parts of answers, kept by the workers as finished JSON, so that after a
 * change of one connector a list reads the rows of that one alone.
 *
 * What hangs on a row of the catalogue (a relation with `catalogue` in the
 * tables) changes only with the version of the data that all companies share,
 * which comes with the API key, and is kept under that version. What a row of a
 * company has (a relation with `own_changes`) changes with the row's version,
 * too, but for those of its changes that column counts, and is kept under both,
 * for the company. Both columns are read before the rows that are kept under
 * them, so these are of that version or newer; if they are newer, then no later
 * request finds the row with the older version.
 *
 * Whose a part of the catalogue is, the data decide. Rows of the catalogue may
 * belong to one company, and others do not see them. A part is kept for all
 * companies only if nothing that can hang on its row belongs to any company;
 * any other is kept for the company that it was made for, be it because it
 * shows such a row or because it hides one.
 */
#ifndef API_FRAGMENTS_H
#define API_FRAGMENTS_H

#include "api/answer_cache.h"
#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"
#include "engine/query.h"
#include "engine/result.h"

/* What a request reads with. */
struct reader {
	struct db *db;
	/* Where parts are kept, and the version that came with the key of the
	 * request. */
	struct answer_cache *fragments;
	const struct data_version *version;
	/* Whether anything is kept under the versions of rows: not where a
	 * transaction may have changed what is read and may still be rolled
	 * back. */
	bool keeps_own;
};

/* Whether texts of this include are kept, and not as a part of another's. */
bool fragments_are_kept(const struct reader *, const struct include *);

/* What rows are asked for by: a key, and the version of the row that has it
 * where the texts depend on that, else 0. */
struct fragment_key {
	int64_t key;
	int64_t version;
};

/*
 * The texts of an include for n keys, ascending, each once: those that are kept
 * and places for the others. All of it is in the arena.
 */
struct fragments *fragments_find(struct arena *, const struct reader *,
    const struct query *, const struct include *, const struct fragment_key *,
    size_t n);

/* The keys of those that are not kept, ascending; they have to be read. */
int64_t *fragments_missing(
    struct arena *, const struct fragments *, size_t *ret_n);

/*
 * To be called when the missing ones and all below them have been read: decides
 * which of them may be kept, and for whom. Errors are those of db_run().
 */
enum error fragments_judge(struct arena *, const struct reader *,
    const struct include *, struct fragments *, struct problem *reterr);

/* Keeps the texts that were encoded into the body of an answer, which must be
 * as the encoder left it. */
void fragments_keep(struct arena *, struct answer_cache *,
    const struct data_version *, const struct result *roots,
    const struct buf *body);

#endif
