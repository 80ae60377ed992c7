/*
 * How far a command is, on one line of the terminal that is standard error; no
 * line where standard error is none. A line may appear and go within a moment:
 * how long a step takes is not known before.
 */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include "ctl/ctl.h"

/* Shows at once what is being done, in words: "reads the tables". */
void progress_step(struct ctl *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Shows now and then that done of all are done (all may grow; 0: nobody knows
 * how many there are). */
void progress_share(struct ctl *, size_t done, size_t all, const char *what);

/* The same without an end that is known. */
void progress_count(struct ctl *, size_t done, const char *what);

/* Takes the line away. Before anything else is printed on the terminal. */
void progress_end(struct ctl *);

#endif
