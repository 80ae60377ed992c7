/*
 * What a write or a test finds of a connector's configuration: its variables,
 * the implementation it uses and the defaults there.
 */
#ifndef API_FIND_VARIABLES_H
#define API_FIND_VARIABLES_H

#include "api/call.h"
#include "variables/target.h"

/*
 * The variables of the company's connector, and those of an implementation
 * whose system is company_id's (0: everybody's). A row that is another
 * company's counts as not there, and the log tells of it.
 */
enum error find_variables(
    struct call *, int64_t connector_id, struct variables *ret);
enum error find_defaults(struct call *, int64_t implementation_id,
    int64_t company_id, struct variables *ret);

/* An implementation with its variables, from the worker's cache if it has it;
 * ret->id is 0 when there is none that the company may see. */
enum error find_implementation(
    struct call *, int64_t id, struct implementation *ret);

#endif
