/*
 * The row of a setting, between settings*.c (reading), settings_table.c (the
 * rows) and src/config (what values have to do with the machine and with each
 * other). For files of this folder.
 */
#ifndef CONFIG_SETTINGS_TABLE_H
#define CONFIG_SETTINGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "config/settings.h"

enum setting_type {
	SETTING_TEXT,   /* const char *, of min to max bytes if max is set */
	SETTING_HOSTS,  /* const char *, hosts by commas, or empty */
	SETTING_LISTEN, /* const char *, see base/listen.h */
	SETTING_NUMBER, /* unsigned */
	SETTING_SIZE,   /* size_t, bytes; with K or M */
	SETTING_TIME,   /* unsigned, milliseconds; with ms, s, m or h */
	SETTING_SWITCH, /* bool */
	SETTING_MODE,   /* unsigned, octal */
	SETTING_CHOICE, /* const char *, one of a few */
	SETTING_LIST,   /* struct config_list, by commas or spaces */
	SETTING__MAX
};

/* What a text names, to be looked for where it is used. */
enum setting_names {
	NAMES_NOTHING,
	NAMES_USER,
	NAMES_GROUP,
	NAMES_LISTENER,
	NAMES_FILE,         /* that is looked at only where it is used */
	NAMES_NETWORKS,     /* a list of them */
	NAMES_KEYRING,      /* read by the process that starts the service */
	NAMES_CERTIFICATES, /* read by the service */
	NAMES_LOG,          /* written by the service */
	NAMES_PID_FILE,     /* written by the process that starts the service */
	NAMES_FOLDER, /* used by connectorsctl; the default may be missing */
	NAMES__MAX
};

struct setting {
	const char *section;
	const char *name;
	enum setting_type type;
	size_t offset; /* in struct config */
	const char *fallback;
	uint64_t min, max; /* of numbers, in the stored unit */
	enum setting_names names;
	const char *const *one_of; /* of a choice, NULL-terminated */
	bool fixed;                /* changes with a restart only */
	const char *doc;
};

extern const struct setting settings[];
extern const size_t n_settings;

/* NULL: there is none such. */
const struct setting *setting_find(struct str section, struct str name);

/* "pool.user"; the setting must exist. */
const struct setting *setting_named(const char *dotted);

/* The present value of a text or a choice, of a number or a time, of a list. */
const char *setting_text(const struct setting *, const struct config *);
unsigned setting_number(const struct setting *, const struct config *);
const struct config_list *setting_list(
    const struct setting *, const struct config *);

/* Says what may stand there: "a number from 1 to 256". */
void setting_allowed(const struct setting *, struct buf *);

/* Writes the present value as it may stand in a file. */
void setting_show(const struct setting *, const struct config *, struct buf *);

/* Sets the member from text; a list grows by it. False: not allowed. */
bool setting_set(const struct setting *, struct config *, struct str text);

/* Whether both configurations hold the same. */
bool setting_equal(
    const struct setting *, const struct config *, const struct config *);

/* settings.c. Sets every member that has a row; needs the arena only. */
void settings_apply_defaults(struct config *);

/* settings_fault.c. A line about what stands at a place: any text, a setting
 * that does not exist, a value that is not allowed. */
void fault_line(struct config *, struct problem *, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fault_unknown(struct config *, struct problem *, struct str where,
    struct str section, struct str name);
void fault_value(struct config *, struct problem *, struct str where,
    const struct setting *, struct str value);

/* settings_file.c. Reads the file, or not if there is none at the default
 * path. */
void settings_read_file(
    const char *path, struct config *, struct problem *faults);

/* The origin of a setting. */
struct config_origin *setting_origin(
    const struct setting *, const struct config *);

#endif
