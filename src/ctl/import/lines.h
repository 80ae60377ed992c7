/*
 * The lines of the file in which the faults of an import stand, for people who
 * have it in an editor.
 */
#ifndef CTL_IMPORT_LINES_H
#define CTL_IMPORT_LINES_H

#include "base/error.h"

/* The line, from 1, in which a place of the text stands. */
size_t import_line(struct str text, const char *place);

/* Adds " (line N)" to the messages of all fields that are paths into the text,
 * a file that was read: the line of the column if the row has it, else of the
 * row. Nothing is added where all stands in one line. */
void import_add_lines(struct str text, struct problem *);

#endif
