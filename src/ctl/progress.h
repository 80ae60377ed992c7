/*
 * How far a command is, on one line of the terminal that is standard error; no
 * line where standard error is none. A line may appear and go within a moment:
 * how long a step takes is not known before.
 */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stddef.h>

/* Shows at once what is being done, in words: "reads the tables". */
void progress_step(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Shows now and then that done of all are done (all may grow; 0: nobody knows
 * how many there are). */
void progress_share(size_t done, size_t all, const char *what);

/* The same without an end that is known. */
void progress_count(size_t done, const char *what);

/* Takes the line away. Before anything else is printed on the terminal:
 * ctl_print() and ctl_say() do it themselves. */
void progress_end(void);

/* The same if standard output is a terminal, too. */
void progress_yield(void);

#endif
