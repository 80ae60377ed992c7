/*
 * Checks of texts as an import makes them. Knows no column by its name.
 */
#include <config.h>

#include "ctl/field.h"

#include "base/text.h"
#include "engine/form.h"

enum error
field_text(const struct resource *resource, const char *column,
    const char *what, const char *text, struct str *ret, struct problem *reterr)
{
	const struct column *c = schema_column(resource, str_of(column));
	const struct form *form = form_find(c->form);

	if (text == NULL)
		return ctl_usage(reterr, "%s is required", what);
	*ret = str_of(text);
	if (!str_is_utf8(*ret))
		return ctl_usage(reterr, "%s: is no UTF-8", what);
	if (text_trim(*ret).len == 0)
		return ctl_usage(reterr, "%s: must not be empty", what);
	if (str_utf8_length(*ret) > (size_t)c->max)
		return ctl_usage(reterr,
		    "%s: must not be longer than %lld characters", what,
		    (long long)c->max);
	if (form != NULL && !form->is(*ret))
		return ctl_usage(reterr, "%s: %s", what, form->must);
	return OK;
}
