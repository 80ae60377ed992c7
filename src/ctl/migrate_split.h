/*
 * Splitting an SQL file into its statements. Pure.
 */
#ifndef CTL_MIGRATE_SPLIT_H
#define CTL_MIGRATE_SPLIT_H

#include <stdbool.h>

#include "base/str.h"

enum split {
	SPLIT_STATEMENT, /* *ret is the next one, without its `;` */
	SPLIT_END,
	SPLIT_UNCLOSED /* a quote or a comment is not closed */
};

/*
 * Cuts the next statement off *rest. Blanks and comments before a statement
 * are dropped, those inside are kept. Quotes ('', "", ``), `-- ` and `#`
 * comments and the C kind may hold a `;`. Of SPLIT_UNCLOSED, *ret begins where
 * the quote or comment does.
 */
enum split migrate_split(struct str *rest, struct str *ret);

#endif
