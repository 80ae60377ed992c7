/*
 * Which statuses of an answer pass, and what the others mean. Pure.
 */
#ifndef PROBE_HTTP_STATUS_H
#define PROBE_HTTP_STATUS_H

#include "base/str.h"
#include "probe/reason.h"

#define STATUS_DEFAULT       "200-299"
#define HTTP_STATUS_MAX_SPEC 255 /* bytes of an expected_status */

/* Whether spec is a list such as "204" or "200-299,304"; empty: the default. */
bool http_status_is_spec(struct str spec);

/* Whether a (valid) spec names the status. */
bool http_status_is_expected(struct str spec, int status);

/* Why a status that is not expected fails. */
enum reason http_status_reason(int status);

#endif
