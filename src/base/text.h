/*
 * Trimming the texts of clients, before anything reads them: an empty one
 * counts as none. Allocates nothing.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/str.h"

/*
 * The text without what is blank or invisible at its ends: ASCII white space,
 * NUL, and the Unicode spaces, joiners, fillers and tags that no eye can see.
 * Of bytes that are not UTF-8 only ASCII blanks are cut. Points into the text;
 * {NULL, 0} if nothing is left, so that "" and absent read the same.
 */
struct str text_trim(struct str text);

#endif
