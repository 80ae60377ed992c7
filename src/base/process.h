/*
 * Whether others may look into this process, and how large it may grow.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stddef.h>

/* No core dump, no debugger, no reading of /proc/PID/mem or environ: secrets
 * pass through this memory. Children inherit it. */
void process_hide(void);

/* Undoes it where a leak checker has to look around at the exit, like a
 * debugger: in a build with AddressSanitizer, and nowhere else. */
void process_show_to_sanitizer(void);

/* Lets the process take this many bytes more than it has now: what asks for
 * further ones gets none. Does nothing in a build with AddressSanitizer, which
 * takes more than all there is. */
void process_limit_memory(size_t more);

#endif
