/*
 * What an inbox does while its worker is busy, from signal handlers: a request
 * that lasts long or ends in a crash keeps nobody else waiting, and neither
 * does a worker without time when another sits down.
 */
#include <config.h>

#include <errno.h>
#include <signal.h>

#include "base/log.h"
#include "conn/inbox_internal.h"

/* A request that lasts longer, in ms, keeps nobody else waiting. Between this
 * and twice as long. */
#define SERVING_LONG 20

/* The process's own, for the signals. */
static struct inbox *the_inbox;

void
inbox_with_others(
    struct inbox *inbox, bool (*act)(struct places *, struct place *))
{
	struct places *places = &inbox->places;

	for (size_t i = 0; i < places->top; i++) {
		struct place *p = &places->all[i];

		if (p->fd >= 0 && p != inbox->serving && !act(places, p))
			return;
	}
}

void
inbox_rescue(void)
{
	if (the_inbox == NULL)
		return;
	inbox_with_others(the_inbox, places_hand_over);
	if (the_inbox->serving != NULL)
		places_abandon(&the_inbox->places, the_inbox->serving);
}

static void
arm(struct inbox *inbox)
{
	struct itimerspec when = { .it_value.tv_nsec = SERVING_LONG * 1000000 };

	inbox->armed_at = atomic_load(&inbox->served);
	atomic_store(&inbox->armed, true);
	timer_settime(inbox->timer, 0, &when, NULL);
}

void
inbox_arm(struct inbox *inbox)
{
	if ((inbox->places.used > 1 || log_holds()) &&
	    !atomic_load(&inbox->armed))
		arm(inbox);
}

/* The timer went off: is it the same request as when it was armed? */
static void
on_timer(int number)
{
	int kept = errno;
	struct inbox *inbox = the_inbox;

	(void)number;
	log_flush();
	if (inbox == NULL)
		return;
	atomic_store(&inbox->armed, false);
	if (atomic_load(&inbox->open)) {
		if (inbox->armed_at == atomic_load(&inbox->served))
			inbox_with_others(inbox, places_help);
		else
			arm(inbox);
	}
	errno = kept;
}

/* Who has time gives copies after his next answer; who has not does it now. */
static void
on_newcomer(int number)
{
	int kept = errno;

	(void)number;
	if (the_inbox != NULL && atomic_load(&the_inbox->open))
		inbox_with_others(the_inbox, places_help);
	errno = kept;
}

/* None of the two interrupts the other. */
static bool
set_handlers(void)
{
	struct sigaction action = { .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGRTMIN);
	sigaddset(&action.sa_mask, INBOX_NEWCOMER);
	action.sa_handler = on_timer;
	if (sigaction(SIGRTMIN, &action, NULL) != 0)
		return false;
	action.sa_handler = on_newcomer;
	return sigaction(INBOX_NEWCOMER, &action, NULL) == 0;
}

bool
inbox_catch_signals(struct inbox *inbox)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN };

	if (!set_handlers() ||
	    timer_create(CLOCK_MONOTONIC, &event, &inbox->timer) != 0)
		return false;
	the_inbox = inbox;
	return true;
}

void
inbox_leave_signals(const struct inbox *inbox)
{
	if (the_inbox == inbox)
		timer_delete(inbox->timer);
	the_inbox = NULL;
}
