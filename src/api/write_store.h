/*
 * Runs the plan of a write: SQL only, nothing is decided here any more.
 */
#ifndef API_WRITE_STORE_H
#define API_WRITE_STORE_H

#include "api/call.h"
#include "api/write_plan.h"

/*
 * Stores what the plan says, inside the caller's transaction; raises the
 * version of a connector that changes. The id of a new connector and those of
 * new variables are then in the plan, and, if it returns them, their rows.
 */
enum error write_store(struct call *, struct write_plan *);

/* In api/write_variables.c: the part of it that is about variables. */
enum error write_variables(struct call *, struct write_plan *);

#endif
