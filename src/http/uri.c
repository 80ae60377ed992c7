/*
 * Request targets, by the rules of PHP's parse_str() and http_build_query()
 * as far as clients rely on them.
 */
#include <config.h>

#include "http/uri.h"

#include "base/percent.h"
#include "base/text.h"

struct str
uri_without_end_slashes(struct str path)
{
	while (path.len > 0 && path.ptr[path.len - 1] == '/')
		path.len--;
	return path;
}

bool
uri_segments(struct arena *arena, struct str path, size_t max,
    struct str *ret_segments, size_t *ret_n)
{
	struct str rest, part;
	size_t n = 0;

	if (path.len == 0 || path.ptr[0] != '/')
		return false;
	path = uri_without_end_slashes(path);
	rest = path.len == 0 ? (struct str){ NULL, 0 } : str_from(path, 1);
	while (str_next_part(&rest, '/', &part)) {
		if (part.len == 0 || n == max)
			return false;
		part = percent_decode(arena, part, false);
		if (str_find(part, '/') < part.len)
			return false;
		ret_segments[n++] = part;
	}
	*ret_n = n;
	return true;
}

/* A name taken apart: the first key is the name, {NULL, 0} stands for "[]". */
struct keys {
	struct str key[1 + URI_MAX_DEPTH];
	size_t n;
};

/* The text in the brackets; a single blank in them is nothing, as for PHP. */
static struct str
bracket_key(struct str inside)
{
	if (inside.len == 0)
		return (struct str){ NULL, 0 };
	if (inside.len == 1 && str_is_one_of(inside.ptr[0], STR_SPACES))
		return (struct str){ NULL, 0 };
	return inside;
}

/* Returns false for a name that is empty or has too many brackets. */
static bool
split_name(struct str name, struct keys *ret)
{
	size_t end;

	name.len = str_find(name, '\0');
	name = str_trim_start(name, " ");
	end = str_find(name, '[');
	if (end == 0)
		return false;
	if (str_find(str_from(name, end), ']') == name.len - end)
		end = name.len;
	ret->key[0] = (struct str){ name.ptr, end };
	ret->n = 1;
	for (name = str_from(name, end); name.len > 0 && name.ptr[0] == '[';) {
		name = str_from(name, 1);
		end = str_find(name, ']');
		if (end == name.len)
			break;
		if (ret->n == N_ELEMENTS(ret->key))
			return false;
		ret->key[ret->n++] = bracket_key((struct str){ name.ptr, end });
		name = str_from(name, end + 1);
	}
	return true;
}

/* One more than the highest number among the names; false past the last. */
static bool
next_index(const struct param *p, int64_t *ret)
{
	int64_t next = 0;

	for (; p != NULL; p = p->next) {
		int64_t index;

		if (!str_to_id(p->name, &index))
			index = str_equal(p->name, STR("0")) ? 0 : -1;
		if (index == INT64_MAX)
			return false;
		if (index >= next)
			next = index + 1;
	}
	*ret = next;
	return true;
}

/* The parameter of that name, made if need be; NULL if no number is free. */
static struct param *
find_or_add(struct arena *arena, struct param **list, struct str name)
{
	struct param *added;
	int64_t index;

	if (name.ptr == NULL) {
		if (!next_index(*list, &index))
			return NULL;
		name = arena_printf(arena, "%lld", (long long)index);
	}
	for (; *list != NULL; list = &(*list)->next)
		if (str_equal((*list)->name, name))
			return *list;
	added = ARENA_NEW(arena, struct param, 1);
	added->name = name;
	*list = added;
	return added;
}

static void
add_param(struct arena *arena, struct param **list, const struct keys *keys,
    struct str value)
{
	struct param *p = NULL;

	for (size_t i = 0; i < keys->n; i++) {
		p = find_or_add(arena, list, keys->key[i]);
		if (p == NULL)
			return;
		p->is_list = i + 1 < keys->n;
		if (p->is_list)
			p->value = (struct str){ NULL, 0 };
		else
			p->children = NULL;
		list = &p->children;
	}
	if (p != NULL)
		p->value = value;
}

struct param *
uri_query(struct arena *arena, struct str query)
{
	struct param *list = NULL;
	struct str part;
	size_t n = 0;

	while (n < URI_MAX_PARAMS && str_next_part(&query, '&', &part)) {
		size_t end = str_find(part, '=');
		struct str name =
		    percent_decode(arena, (struct str){ part.ptr, end }, true);
		struct str value =
		    percent_decode(arena, str_from(part, end + 1), true);
		struct keys keys;

		if (part.len == 0)
			continue;
		n++;
		if (split_name(name, &keys))
			add_param(arena, &list, &keys, text_trim(value));
	}
	return list;
}

const struct param *
uri_param(const struct param *list, const char *name)
{
	while (list != NULL && !str_equal_text(list->name, name))
		list = list->next;
	return list;
}

/* The names from the top of the tree down, kept on the stack. */
struct path {
	const struct path *up;
	struct str name;
};

static void
add_name(struct buf *b, const struct path *path)
{
	if (path->up == NULL) {
		percent_encode(b, path->name);
		return;
	}
	add_name(b, path->up);
	buf_add_text(b, "%5B");
	percent_encode(b, path->name);
	buf_add_text(b, "%5D");
}

static void
add_param_text(struct buf *b, const struct param *p, const struct path *up)
{
	struct path path = { up, p->name };

	for (const struct param *c = p->children; c != NULL; c = c->next)
		add_param_text(b, c, &path);
	if (p->is_list || p->value.ptr == NULL)
		return;
	add_name(b, &path);
	buf_add_char(b, '=');
	percent_encode(b, p->value);
	buf_add_char(b, '&');
}

void
uri_add_query(struct buf *b, const struct param *list, const char *without)
{
	for (; list != NULL; list = list->next)
		if (!str_equal_text(list->name, without))
			add_param_text(b, list, NULL);
}
