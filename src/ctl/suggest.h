/*
 * The known word that somebody meant who mistyped it.
 */
#ifndef CTL_SUGGEST_H
#define CTL_SUGGEST_H

#include <stddef.h>

#include "base/str.h"

/* The nearest word so far; begin with the typed one and the rest zero. */
struct suggestion {
	struct str typed;
	struct str word; /* empty: none is near */
	size_t distance; /* of it */
};

/* Looks whether a word is nearer than what was found before: at most a third
 * of its letters are wrong, missing, too many or exchanged with their
 * neighbour. The word must outlive the suggestion. */
void suggest(struct suggestion *, struct str word);

#endif
