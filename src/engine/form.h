/*
 * What texts of a form look like: one description for bodies of requests and
 * for imports. Forms that the test of a connector judges (templates, statuses,
 * ...) are not here but in probe/lint.h. Pure.
 */
#ifndef ENGINE_FORM_H
#define ENGINE_FORM_H

#include <stdbool.h>

#include "base/str.h"
#include "schema/schema.h"

struct form {
	/* Well-formed UTF-8 without NUL, not empty. */
	bool (*is)(struct str text);
	const char *must; /* an import's words: "must be ..." */
	const char *says; /* of a body: "field ..." */
};

/* NULL: any text has this form, or the test of a connector judges it. */
const struct form *form_find(enum column_form);

#endif
