/*
 * A handler for signals of a fault. Does nothing that is not safe in one.
 */
#include <config.h>

#include "pool/crash.h"

#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

/* The worker whose lines are held back: a child that it forks has a copy of
 * them. */
static pid_t owner;

static void
on_fault(int number)
{
	if (getpid() == owner)
		log_flush();
	raise(number);
}

/* The handler runs on a stack of its own: the usual one may be what overflowed.
 * A handler that is installed already (a sanitizer's) stays. */
void
crash_prepare(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL,
		SIGABRT };
	static char bytes[64 << 10];
	stack_t stack = { .ss_sp = bytes, .ss_size = sizeof(bytes) };
	struct sigaction ours = { .sa_handler = on_fault,
		.sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK) };
	struct sigaction present;

	owner = getpid();
	sigemptyset(&ours.sa_mask);
	if (sigaltstack(&stack, NULL) != 0)
		return;
	for (size_t i = 0; i < N_ELEMENTS(faults); i++)
		if (sigaction(faults[i], NULL, &present) == 0 &&
		    present.sa_handler == SIG_DFL)
			sigaction(faults[i], &ours, NULL);
}
