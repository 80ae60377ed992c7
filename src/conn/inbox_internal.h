/*
 * What inbox.c and inbox_signals.c share. Included by these two only.
 */
#ifndef CONN_INBOX_INTERNAL_H
#define CONN_INBOX_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "conn/inbox.h"
#include "conn/places.h"

struct inbox {
	struct inbox_settings settings;
	struct places places;
	struct place *serving; /* given out; NULL: none */
	bool accepting;        /* the listener is watched */
	bool leaving;          /* the hand-over is not watched any more */
	bool stopping;
	uint64_t stopped;    /* when; monotonic microseconds */
	uint64_t complained; /* when the last lack of descriptors was logged */
	timer_t timer;
	/* Shared with the timer's signal. */
	atomic_bool open; /* the places may be handed on by it */
	atomic_bool armed;
	atomic_uint served; /* requests given out, and */
	unsigned armed_at;  /* how many when the timer was armed */
};

/* Does it with all but what is being served, until it says false: the
 * neighbours have too many already. */
void inbox_with_others(
    struct inbox *, bool (*act)(struct places *, struct place *));

/* From now on the signals act on this one; false: errno says why not. */
bool inbox_catch_signals(struct inbox *);

/* Not any more, if they did. */
void inbox_leave_signals(const struct inbox *);

/* Sees to it that nobody waits for us when the request lasts long, and that the
 * lines of the log do not. */
void inbox_arm(struct inbox *);

#endif
