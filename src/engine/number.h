/*
 * Numbers as the reference reads them out of text: what counts as an integer,
 * what as numeric. Pure.
 */
#ifndef ENGINE_NUMBER_H
#define ENGINE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* "12", "-12", "+12", "-0", with blanks around; no leading zeros, within 64
 * bits. */
bool number_is_integer(struct str text, int64_t *ret);

/* Integers, decimals and exponents ("1.5", ".5", "1e3"), with blanks around. */
bool number_is_numeric(struct str text, double *ret);

#endif
