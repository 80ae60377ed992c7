/*
 * What can be said about the settings of an authentication implementation
 * before there are values: whether a test could ever use them.
 *
 * A test takes what is stored, and its result says what is wrong; an import
 * asks here first. These are the test's own tables and readers, and nothing is
 * refused that would work with some values. Pure.
 *
 * Each function returns NULL, or what is wrong: a text that goes on behind the
 * name of the column ("must be ..."), static or in the arena.
 */
#ifndef PROBE_LINT_H
#define PROBE_LINT_H

#include "base/arena.h"
#include "base/str.h"

typedef const char *lint(struct arena *, struct str text);

/* Each opening {{ begins a reference. */
lint lint_template;

/* A template of an http or https URL; it may begin with a reference. */
lint lint_url;

/* A JSON object of templates; of headers also: names and texts that can stand
 * in a header. */
lint lint_headers;
lint lint_query;

/* "204" or "200-299,304". */
lint lint_statuses;

/* "access_token" or "data.token". */
lint lint_member_path;

/* The key of an authentication type. */
lint lint_authentication_type;

#endif
