/*
 * The curtains of a process.
 */
#include <config.h>

#include "base/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

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
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#if defined(HAVE_ASAN) || defined(__SANITIZE_ADDRESS__)
	prctl(PR_SET_DUMPABLE, 1);
#endif
}
