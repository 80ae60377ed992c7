/*
 * Raising the version of a company's data, by whoever changes them: then what
 * was kept of an older version is not used again. Must be the only place that
 * writes data_versions, but for the row that /ready tries a write with.
 */
#ifndef API_DATA_VERSION_H
#define API_DATA_VERSION_H

#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"

/*
 * Raises the version of a company's data (0: of what all share), and the number
 * of its connectors by as many as were added (negative: deleted), inside the
 * caller's transaction. Writes of one company wait for each other from there
 * on. Errors are those of db_run().
 */
enum error data_version_raise(struct db *, struct arena *, int64_t company_id,
    int64_t added, struct problem *reterr);

#endif
