/*
 * Finding the pieces of a large JSON text without reading it into memory:
 * members of an object, items of an array, each as the bytes it stands in.
 *
 * Checks what stands between the pieces (brackets, commas, colons, blanks),
 * never what is inside them: the caller parses each piece. Pure.
 */
#ifndef CTL_IMPORT_SCAN_H
#define CTL_IMPORT_SCAN_H

#include <stdbool.h>

#include "base/str.h"

/* A place inside one object or array. */
struct import_scan {
	const char *p;
	const char *end;
	bool has_begun; /* a piece was read: the next needs a comma */
	char closing;   /* bracket that ends it */
};

enum import_scan_result {
	IMPORT_SCAN_FOUND,
	IMPORT_SCAN_END,  /* the closing bracket was read */
	IMPORT_SCAN_WRONG /* p stands where the text is no JSON */
};

/*
 * Opens the object ('{') or array ('[') that text begins with, after blanks
 * and a byte order mark. False if it begins with anything else.
 */
bool import_scan_open(struct import_scan *ret, struct str text, char bracket);

/* The next item of an array. */
enum import_scan_result import_scan_item(
    struct import_scan *, struct str *ret_value);

/* The next member of an object; its name as it is written between the quotes,
 * escapes and all. */
enum import_scan_result import_scan_member(
    struct import_scan *, struct str *ret_name, struct str *ret_value);

/* After IMPORT_SCAN_END: whether only blanks follow. */
bool import_scan_is_last(struct import_scan *);

#endif
