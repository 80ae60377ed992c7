/*
 * The versions of data that an answer depends on beside the request, and
 * raising that of a company: each change of its data does, so that what was
 * kept of an older version is not used again. Must be the only place that
 * writes data_versions, but for the row that /ready tries a write with.
 */
#ifndef API_DATA_VERSION_H
#define API_DATA_VERSION_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct db;

/* Versions only go up. */
struct data_version {
	int64_t company_id;
	int64_t company; /* version of its data */
	int64_t common;  /* version of what all companies share */
};

/* Of what depends on the data that all share alone and is the company's (0:
 * everybody's). */
struct data_version data_version_common(
    int64_t company_id, const struct data_version *now);

/*
 * Raises the version of a company's data (0: of what all share), and the number
 * of its connectors by as many as were added (negative: deleted), inside the
 * caller's transaction. Writes of one company wait for each other from there
 * on. Errors are those of db_run().
 */
enum error data_version_raise(struct db *, struct arena *, int64_t company_id,
    int64_t added, struct problem *reterr);

#endif
