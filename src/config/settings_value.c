/*
 * From the text of a setting to its value, by its type.
 */
#include <config.h>

#include <string.h>

#include "base/hosts.h"
#include "base/listen.h"
#include "config/settings_table.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* Largest first: what setting_allowed() prints. */
static const struct unit time_units[] = {
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

static const struct unit size_units[] = {
	{ "M", 1 << 20 },
	{ "K", 1 << 10 },
	{ "", 1 },
};

static const struct {
	const char *name;
	bool value;
} switches[] = {
	{ "yes", true },
	{ "no", false },
	{ "on", true },
	{ "off", false },
	{ "true", true },
	{ "false", false },
	{ "1", true },
	{ "0", false },
};

static void *
member_of(const struct setting *s, struct config *config)
{
	return (char *)config + s->offset;
}

static const void *
const_member_of(const struct setting *s, const struct config *config)
{
	return (const char *)config + s->offset;
}

static bool
in_range(const struct setting *s, uint64_t value)
{
	return value >= s->min && value <= s->max;
}

/* Digits and a unit; 0 needs none. */
static bool
parse_amount(
    struct str text, const struct unit *units, size_t n_units, uint64_t *ret)
{
	size_t digits = 0;
	struct str unit;

	while (digits < text.len && text.ptr[digits] >= '0' &&
	       text.ptr[digits] <= '9')
		digits++;
	unit = str_from(text, digits);
	if (!str_to_u64((struct str){ text.ptr, digits }, ret))
		return false;
	if (*ret == 0 && unit.len == 0)
		return true;
	for (size_t i = 0; i < n_units; i++) {
		if (!str_equal_text(unit, units[i].name))
			continue;
		if (*ret > UINT64_MAX / units[i].factor)
			return false;
		*ret *= units[i].factor;
		return true;
	}
	return false;
}

static bool
parse_octal(struct str text, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '7' || value > 07777)
			return false;
		value = value * 8 + (unsigned)(text.ptr[i] - '0');
	}
	*ret = value;
	return text.len > 0;
}

static bool
set_text(const struct setting *s, struct config *config, struct str text)
{
	const char **member = member_of(s, config);

	if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
		return false;
	if (s->max > 0 && !in_range(s, text.len))
		return false;
	*member = arena_copy(config->arena, text).ptr;
	return true;
}

static bool
set_hosts(const struct setting *s, struct config *config, struct str text)
{
	return (text.len == 0 || host_list_is_good(text)) &&
	       set_text(s, config, text);
}

static bool
set_listen(const struct setting *s, struct config *config, struct str text)
{
	struct listen_place place;

	return listen_parse(arena_copy(config->arena, text).ptr, &place) &&
	       set_text(s, config, text);
}

static bool
set_unsigned(const struct setting *s, struct config *config, uint64_t value)
{
	unsigned *member = member_of(s, config);

	if (!in_range(s, value))
		return false;
	*member = (unsigned)value;
	return true;
}

static bool
set_number(const struct setting *s, struct config *config, struct str text)
{
	uint64_t value;

	return str_to_u64(text, &value) && set_unsigned(s, config, value);
}

static bool
set_time(const struct setting *s, struct config *config, struct str text)
{
	uint64_t value;

	return parse_amount(text, time_units, N_ELEMENTS(time_units), &value) &&
	       set_unsigned(s, config, value);
}

static bool
set_mode(const struct setting *s, struct config *config, struct str text)
{
	uint64_t value;

	return parse_octal(text, &value) && set_unsigned(s, config, value);
}

static bool
set_size(const struct setting *s, struct config *config, struct str text)
{
	size_t *member = member_of(s, config);
	uint64_t value;

	if (!parse_amount(text, size_units, N_ELEMENTS(size_units), &value) ||
	    !in_range(s, value))
		return false;
	*member = (size_t)value;
	return true;
}

static bool
set_switch(const struct setting *s, struct config *config, struct str text)
{
	bool *member = member_of(s, config);

	for (size_t i = 0; i < N_ELEMENTS(switches); i++) {
		if (!str_equal_text(text, switches[i].name))
			continue;
		*member = switches[i].value;
		return true;
	}
	return false;
}

static bool
set_choice(const struct setting *s, struct config *config, struct str text)
{
	const char **member = member_of(s, config);

	for (const char *const *one = s->one_of; *one != NULL; one++) {
		if (!str_equal_text(text, *one))
			continue;
		*member = *one;
		return true;
	}
	return false;
}

static void
list_add(struct config *config, struct config_list *list, struct str item)
{
	const char **items =
	    ARENA_NEW(config->arena, const char *, list->n + 1);
	unsigned *lines = ARENA_NEW(config->arena, unsigned, list->n + 1);

	if (list->n > 0) {
		memcpy(items, list->items, list->n * sizeof(items[0]));
		memcpy(lines, list->lines, list->n * sizeof(lines[0]));
	}
	items[list->n] = arena_copy(config->arena, item).ptr;
	list->items = items;
	list->lines = lines;
	list->n++;
}

static bool
is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\t';
}

static bool
set_list(const struct setting *s, struct config *config, struct str text)
{
	struct config_list *list = member_of(s, config);
	size_t from = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && !is_separator(text.ptr[i]))
			continue;
		if (i > from)
			list_add(config, list,
			    (struct str){ text.ptr + from, i - from });
		from = i + 1;
	}
	return true;
}

static bool (*const setters[])(
    const struct setting *, struct config *, struct str) = {
	[SETTING_TEXT] = set_text,
	[SETTING_HOSTS] = set_hosts,
	[SETTING_LISTEN] = set_listen,
	[SETTING_NUMBER] = set_number,
	[SETTING_SIZE] = set_size,
	[SETTING_TIME] = set_time,
	[SETTING_SWITCH] = set_switch,
	[SETTING_MODE] = set_mode,
	[SETTING_CHOICE] = set_choice,
	[SETTING_LIST] = set_list,
};
_Static_assert(N_ELEMENTS(setters) == SETTING__MAX, "one setter a type");

bool
setting_set(const struct setting *s, struct config *config, struct str text)
{
	return setters[s->type](s, config, text);
}

/* A bound in the largest unit that divides it. */
static void
add_amount(
    struct buf *b, uint64_t value, const struct unit *units, size_t n_units)
{
	size_t i = 0;

	if (value == 0) {
		buf_add_char(b, '0');
		return;
	}
	while (i + 1 < n_units && value % units[i].factor != 0)
		i++;
	buf_printf(b, "%llu%s", (unsigned long long)(value / units[i].factor),
	    units[i].name);
}

static void
add_bounds(const struct setting *s, struct buf *b, const char *what,
    const struct unit *units, size_t n_units)
{
	buf_printf(b, "%s from ", what);
	add_amount(b, s->min, units, n_units);
	buf_add_text(b, " to ");
	add_amount(b, s->max, units, n_units);
}

static void
add_choices(const struct setting *s, struct buf *b)
{
	buf_add_text(b, "one of ");
	for (const char *const *one = s->one_of; *one != NULL; one++)
		buf_printf(b, "%s%s", one == s->one_of ? "" : ", ", *one);
}

static void
add_length(const struct setting *s, struct buf *b)
{
	buf_add_text(b, "a text");
	if (s->max > 0)
		buf_printf(b, " of %llu to %llu bytes",
		    (unsigned long long)s->min, (unsigned long long)s->max);
}

void
setting_allowed(const struct setting *s, struct buf *b)
{
	static const struct unit plain = { "", 1 };

	switch (s->type) {
	case SETTING_NUMBER:
		add_bounds(s, b, "a number", &plain, 1);
		return;
	case SETTING_SIZE:
		add_bounds(s, b, "a size in bytes, K or M", size_units,
		    N_ELEMENTS(size_units));
		return;
	case SETTING_TIME:
		add_bounds(s, b, "a time in ms, s, m or h", time_units,
		    N_ELEMENTS(time_units));
		return;
	case SETTING_SWITCH:
		buf_add_text(b, "yes or no");
		return;
	case SETTING_MODE:
		buf_printf(b, "an octal mode from %llo to %llo",
		    (unsigned long long)s->min, (unsigned long long)s->max);
		return;
	case SETTING_CHOICE:
		add_choices(s, b);
		return;
	case SETTING_LIST:
		buf_add_text(b, "a list, by commas or spaces");
		return;
	case SETTING_HOSTS:
		buf_add_text(b, "host, host:port or [v6]:port, more of them by "
				"commas, ports from 1 to 65535; or nothing");
		return;
	case SETTING_LISTEN:
		buf_add_text(b, "unix:/path, host:port, [v6]:port, *:port, "
				"fd:0, systemd:name, or nothing");
		return;
	case SETTING_TEXT:
	case SETTING__MAX:
		add_length(s, b);
		return;
	}
}

typedef void show(const void *member, struct buf *);

static void
show_number(const void *member, struct buf *b)
{
	buf_printf(b, "%u", *(const unsigned *)member);
}

static void
show_mode(const void *member, struct buf *b)
{
	buf_printf(b, "%04o", *(const unsigned *)member);
}

static void
show_time(const void *member, struct buf *b)
{
	add_amount(
	    b, *(const unsigned *)member, time_units, N_ELEMENTS(time_units));
}

static void
show_size(const void *member, struct buf *b)
{
	add_amount(
	    b, *(const size_t *)member, size_units, N_ELEMENTS(size_units));
}

static void
show_switch(const void *member, struct buf *b)
{
	buf_add_text(b, *(const bool *)member ? "yes" : "no");
}

static void
show_list(const void *member, struct buf *b)
{
	const struct config_list *list = member;

	for (size_t i = 0; i < list->n; i++)
		buf_printf(b, "%s%s", i == 0 ? "" : ", ", list->items[i]);
}

/* Of all types but those that hold a text. */
static show *const shows[SETTING__MAX] = {
	[SETTING_NUMBER] = show_number,
	[SETTING_SIZE] = show_size,
	[SETTING_TIME] = show_time,
	[SETTING_SWITCH] = show_switch,
	[SETTING_MODE] = show_mode,
	[SETTING_LIST] = show_list,
};

void
setting_show(
    const struct setting *s, const struct config *config, struct buf *b)
{
	if (shows[s->type] == NULL)
		buf_add_text(b, setting_text(s, config));
	else
		shows[s->type](const_member_of(s, config), b);
}

static bool
equal_texts(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right) == 0;
}

static bool
equal_lists(const void *a, const void *b)
{
	const struct config_list *left = a;
	const struct config_list *right = b;

	if (left->n != right->n)
		return false;
	for (size_t i = 0; i < left->n; i++)
		if (strcmp(left->items[i], right->items[i]) != 0)
			return false;
	return true;
}

bool
setting_equal(
    const struct setting *s, const struct config *a, const struct config *b)
{
	const void *left = const_member_of(s, a);
	const void *right = const_member_of(s, b);

	switch (s->type) {
	case SETTING_TEXT:
	case SETTING_HOSTS:
	case SETTING_LISTEN:
	case SETTING_CHOICE:
		return equal_texts(left, right);
	case SETTING_LIST:
		return equal_lists(left, right);
	case SETTING_SIZE:
		return memcmp(left, right, sizeof(size_t)) == 0;
	case SETTING_SWITCH:
		return memcmp(left, right, sizeof(bool)) == 0;
	case SETTING_NUMBER:
	case SETTING_TIME:
	case SETTING_MODE:
	case SETTING__MAX:
		return memcmp(left, right, sizeof(unsigned)) == 0;
	}
	return false;
}

const char *
setting_text(const struct setting *s, const struct config *config)
{
	const char *const *member = const_member_of(s, config);

	return *member;
}

unsigned
setting_number(const struct setting *s, const struct config *config)
{
	const unsigned *member = const_member_of(s, config);

	return *member;
}

const struct config_list *
setting_list(const struct setting *s, const struct config *config)
{
	return const_member_of(s, config);
}
