/*
 * What the files of this folder share. A function that judges one value returns
 * what is wrong with it in words, or an empty text; check.c says where.
 */
#ifndef CONFIG_INTERNAL_H
#define CONFIG_INTERNAL_H

#include <stdbool.h>

#include "base/listen.h"
#include "base/str.h"
#include "config/check.h"
#include "config/settings.h"

struct look {
	struct config *config;
	enum config_use use;
	struct problem *faults;
};

#define NO_FAULT ((struct str){ NULL, 0 })

/* files.c: single files and folders. */

struct str files_certificates(const struct look *, const char *path);
struct str files_folder(const struct look *, const char *path);
struct str files_keyring(const struct look *, const char *path);
struct str files_log(const struct look *, const char *path);
struct str files_pid(const struct look *, const char *path);
/* Of a socket that is to be made. */
struct str files_socket(const struct look *, const char *path);
/* One spelling for all of a file's paths, whether it is there or not. */
const char *files_normal(struct arena *, const char *path);
/* Whether it is /dev/null or the like, which any number may share. */
bool files_is_device(const char *path);

/* lanes.c: listeners, workers, and files that settings share. */

void lanes_check(const struct look *);

/* pairs.c: settings that contradict each other. */

void pairs_check(const struct look *);

#endif
