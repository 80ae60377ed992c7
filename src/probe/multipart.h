/*
 * The root part of a body with attachments (multipart/related: RFC 2387; SOAP
 * with attachments and MTOM are such). Pure.
 */
#ifndef PROBE_MULTIPART_H
#define PROBE_MULTIPART_H

#include "base/arena.h"
#include "base/str.h"

struct part {
	struct str content_type; /* empty: it says none */
	struct str bytes;        /* without its Content-Transfer-Encoding */
};

/*
 * Finds the part whose Content-ID is start (with or without <>), or the first
 * one if start is empty. Lines may end without CR; the last delimiter may be
 * missing. False if there is no such part, or if its bytes are not what its
 * Content-Transfer-Encoding says. What is found is in body or in the arena.
 */
bool multipart_root(struct arena *, struct str body, struct str boundary,
    struct str start, struct part *ret);

#endif
