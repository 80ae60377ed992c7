/*
 * What the checks of a write need of the catalogue, kept by one worker: the
 * implementations that connectors were lately written with.
 *
 * All of it is of one version of what companies share, the one that came with
 * the API key of a request (struct data_version); under another version
 * nothing is kept. So a check from here sees nothing older than the key check
 * of its request did. Bounded in bytes. Knows no SQL and no HTTP.
 */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hooks/target.h"

struct catalogue;

struct catalogue_counters {
	uint64_t hits;
	uint64_t misses;
};

/* A catalogue of at most max bytes; 0: it keeps nothing. */
struct catalogue *catalogue_new(size_t max);
void catalogue_free(struct catalogue *); /* NULL is accepted */

/*
 * Before the first look of a request: what is of another version than the
 * request's goes, and all goes when there was no more room. Nothing else takes
 * away what catalogue_find() gave.
 */
void catalogue_begin(struct catalogue *, int64_t version);

/* The next catalogue_begin() takes all away: something of it is not as it is
 * kept, though the version is the same. */
void catalogue_doubt(struct catalogue *);

/*
 * An implementation that a company may see, by id; NULL if it is not kept.
 * Valid until the next catalogue_begin(). catalogue_has() counts neither as a
 * hit nor as a miss.
 */
const struct implementation *catalogue_find(
    struct catalogue *, int64_t company_id, int64_t id);
bool catalogue_has(const struct catalogue *, int64_t company_id, int64_t id);

/* Keeps a copy of an implementation, once and if there is room. owner_id is the
 * company whose system it is of; 0: all may see it. */
void catalogue_put(
    struct catalogue *, int64_t owner_id, const struct implementation *);

struct catalogue_counters catalogue_counters(const struct catalogue *);

#endif
