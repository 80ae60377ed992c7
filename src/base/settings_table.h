/*
 * The row of a setting, between settings.c (files, secrets), settings_table.c
 * (the rows) and settings_value.c (text to value). Nobody else includes it.
 */
#ifndef BASE_SETTINGS_TABLE_H
#define BASE_SETTINGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/settings.h"

enum setting_type {
	SETTING_TEXT,   /* const char * */
	SETTING_NUMBER, /* unsigned */
	SETTING_SIZE,   /* size_t, bytes; with K or M */
	SETTING_TIME,   /* unsigned, milliseconds; with ms, s, m or h */
	SETTING_SWITCH, /* bool */
	SETTING_MODE,   /* unsigned, octal */
	SETTING_CHOICE, /* const char *, one of a few */
	SETTING_LIST,   /* struct config_list, by commas or spaces */
	SETTING__MAX
};

struct setting {
	const char *section;
	const char *name;
	enum setting_type type;
	size_t offset; /* in struct config */
	const char *fallback;
	uint64_t min, max;         /* of numbers, in the stored unit */
	const char *const *one_of; /* of a choice, NULL-terminated */
	bool fixed;                /* changes with a restart only */
	const char *doc;
};

extern const struct setting settings[];
extern const size_t n_settings;

/* NULL: there is none such. */
const struct setting *setting_find(struct str section, struct str name);

/* Says what may stand there: "a number from 1 to 256". */
void setting_allowed(const struct setting *, struct buf *);

/* Sets the member from text; a list grows by it. False: not allowed. */
bool setting_set(const struct setting *, struct config *, struct str text);

/* Whether both configurations hold the same. */
bool setting_equal(
    const struct setting *, const struct config *, const struct config *);

#endif
