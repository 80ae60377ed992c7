/*
 * Lists of names out of a query parameter, and the text that refuses them.
 */
#include <config.h>

#include "engine/query_names.h"

#include <string.h>

#include "base/buf.h"
#include "http/uri.h"

void
names_add(struct arena *arena, struct names *names, struct str name)
{
	struct str *items;

	if (names->n == names->capacity) {
		names->capacity = names->capacity == 0 ? 8 : names->n * 2;
		items = ARENA_NEW(arena, struct str, names->capacity);
		if (names->n > 0)
			memcpy(items, names->items, names->n * sizeof(*items));
		names->items = items;
	}
	names->items[names->n++] = name;
}

/* "0" counts as nothing, as it does where the reference filters its list. */
static void
add_unless_empty(struct arena *arena, struct names *names, struct str name)
{
	if (name.len > 0 && !str_equal(name, STR("0")))
		names_add(arena, names, name);
}

static enum error
check_utf8(struct str text, const char *what, struct problem *reterr)
{
	if (str_is_utf8(text))
		return OK;
	return problem_set(reterr, ERROR_BAD_REQUEST,
	    "The %s parameter is not valid UTF-8.", what);
}

static enum error
read_list(struct arena *arena, const struct param *param, const char *what,
    struct names *names, struct problem *reterr)
{
	for (const struct param *p = param->children; p != NULL; p = p->next) {
		if (p->is_list)
			return problem_set(reterr, ERROR_BAD_REQUEST,
			    "The %s parameter must be a text or a plain list.",
			    what);
		TRY(check_utf8(p->value, what, reterr));
		add_unless_empty(arena, names, p->value);
	}
	return OK;
}

enum error
names_read(struct arena *arena, const struct param *param, const char *what,
    struct names *ret, struct problem *reterr)
{
	struct str rest, part;

	*ret = (struct names){ 0 };
	if (param == NULL)
		return OK;
	if (param->is_list)
		return read_list(arena, param, what, ret, reterr);
	TRY(check_utf8(param->value, what, reterr));
	rest = param->value;
	while (str_next_part(&rest, ',', &part))
		add_unless_empty(arena, ret, part);
	return OK;
}

static void
add_joined(struct buf *b, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (i > 0)
			buf_add_text(b, ", ");
		buf_add_str(b, names->items[i]);
	}
}

enum error
names_refuse(const char *what, const char *verb, const struct names *unknown,
    const struct names *allowed, struct problem *reterr)
{
	struct buf b;

	/* The names came in one request, whose size is limited. */
	buf_init(&b, SIZE_MAX / 2);
	buf_printf(&b, "Requested %s(s) `", what);
	add_joined(&b, unknown);
	buf_printf(&b, "` %s not allowed. ", verb);
	if (allowed->n == 0) {
		buf_printf(&b, "There are no allowed %ss.", what);
	} else {
		buf_printf(&b, "Allowed %s(s) are `", what);
		add_joined(&b, allowed);
		buf_add_text(&b, "`.");
	}
	reterr->message = arena_copy(reterr->arena, buf_str(&b));
	buf_done(&b);
	return ERROR_BAD_REQUEST;
}
