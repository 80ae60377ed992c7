/*
 * What a failed request means: from libcurl's codes and OpenSSL's to reasons
 * and steps.
 */
#ifndef PROBE_CLASSIFY_H
#define PROBE_CLASSIFY_H

#include "probe/reason.h"

struct fetch_answer;
struct fetch_request;

/* Whether the request failed, and if so why and at which step. */
bool classify(const struct fetch_request *, const struct fetch_answer *,
    enum reason *ret_reason, enum probe_step *ret_step);

/* What it means that a certificate did not verify, by X509_V_ERR_... */
enum reason classify_certificate(long verify_result);

/* What a fixed text of OpenSSL's says about TLS; false if nothing.
 * has_certificate: a client certificate was there to be sent. */
bool classify_tls(const char *text, bool has_certificate, enum reason *ret);

#endif
