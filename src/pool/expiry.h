/*
 * When certificates of connectors expire, for the measures: looked at once a
 * minute by the worker that has the turn of tidy.h, so that reading the
 * measures waits for no database.
 */
#ifndef POOL_EXPIRY_H
#define POOL_EXPIRY_H

#include "base/arena.h"
#include "base/error.h"
#include "stats/scoreboard.h"

struct db;

/* Looks at the certificates that connectors use, of all companies, and notes
 * it; does nothing if that was done within the last minute. After an error
 * what was noted before stays. */
enum error expiry_look(
    struct arena *, struct db *, struct expiry *, struct problem *reterr);

#endif
