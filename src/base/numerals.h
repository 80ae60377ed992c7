/*
 * Numbers in JSON text, as they are written. Builds no tree.
 *
 * A parser turns a number into one of the machine's, which has not the digits
 * of "98765432109876543210", "0.10" or "-0". Where a number is meant as a text,
 * it is put into quotes before the parser sees it.
 */
#ifndef BASE_NUMERALS_H
#define BASE_NUMERALS_H

#include "base/buf.h"
#include "base/str.h"

/*
 * Appends json, with quotes around each number. At most three times as many
 * bytes. False if outside its strings there is a number or a word that RFC
 * 8259 (3, 6) does not know, or a number for a name, or if there are more than
 * max_values values (a tree of them costs hundreds of bytes each). Whether the
 * rest is JSON is for the parser to say: nothing is made well-formed that was
 * not.
 */
bool numerals_quote(struct buf *ret, struct str json, size_t max_values);

#endif
