/*
 * Hiding the memory of a process, and limiting it.
 */
#include <config.h>

#include "base/process.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#if defined(HAVE_ASAN) || defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

void
process_hide(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

void
process_show_to_sanitizer(void)
{
	if (IS_SANITIZED)
		prctl(PR_SET_DUMPABLE, 1);
}

/* Bytes that count against RLIMIT_DATA (and the stack's, which do not); 0 if
 * the system does not tell. */
static size_t
data_size(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (file == NULL)
		return 0;
	/* size resident shared text lib data: see proc(5) */
	if (fscanf(file, "%*u %*u %*u %*u %*u %lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

void
process_limit_memory(size_t more)
{
	size_t size = data_size();
	struct rlimit limit = { size + more, size + more };

	if (!IS_SANITIZED && size > 0)
		setrlimit(RLIMIT_DATA, &limit);
}
