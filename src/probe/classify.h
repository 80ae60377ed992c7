/*
 * What a failed request means: from libcurl's codes to reasons and steps.
 */
#ifndef PROBE_CLASSIFY_H
#define PROBE_CLASSIFY_H

#include "probe/reason.h"

struct fetch_answer;
struct fetch_request;

/* Whether the request failed, and if so why and at which step. */
bool classify(const struct fetch_request *, const struct fetch_answer *,
    enum reason *ret_reason, enum probe_step *ret_step);

#endif
