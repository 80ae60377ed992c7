/*
 * Opening a descriptor for signals.
 */
#include <config.h>

#include "pool/signals.h"

#include <signal.h>
#include <sys/signalfd.h>

int
signals_open(int how, const int *numbers, size_t n)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < n; i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(how, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}
