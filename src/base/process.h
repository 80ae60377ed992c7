/*
 * Whether others may look into this process.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/* No core, no debugger, no look at /proc/PID/mem or environ: secrets pass
 * through this memory. Children inherit it. */
void process_hide(void);

/* Undoes it where a leak checker has to look around at the exit, like a
 * debugger: in a build with AddressSanitizer, and nowhere else. */
void process_show_to_sanitizer(void);

#endif
