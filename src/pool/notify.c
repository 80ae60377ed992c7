/*
 * What the service manager hears of the pool: sd_notify(3), or nothing in a
 * build without libsystemd.
 */
#include <config.h>

#include "pool/notify.h"

#include <stdarg.h>
#include <stdio.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

void
notify_send(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
#ifdef HAVE_SYSTEMD
	sd_notify(0, text);
#endif
}

uint64_t
notify_watchdog(void)
{
	uint64_t interval = 0;

#ifdef HAVE_SYSTEMD
	if (sd_watchdog_enabled(0, &interval) <= 0)
		return 0;
#endif
	return interval;
}
