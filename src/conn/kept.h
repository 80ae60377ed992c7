/*
 * Places whose connections are kept, for places.c; see there.
 */
#ifndef CONN_KEPT_H
#define CONN_KEPT_H

#include "conn/places.h"

/* Most that are kept at once. */
size_t kept_max(const struct places *);

/* There was an event; first: its turn is before all others. */
void kept_notice(struct places *, struct place *, bool first);

/* Looks at one about which there was an event, unless a neighbour was there. It
 * is ready afterwards, or free, or waits on. If a neighbour is there now it is
 * passed over, and true returned; last: there is nothing else to do, so he is
 * told instead. */
bool kept_settle(struct places *, struct place *, bool last);

/* A copy of a connection, of which we may have one already. */
void kept_take_in(struct places *, int fd, struct claim_name);

/* Looks at it and drops what took too long; at idle_end also our copies of what
 * others serve. */
void kept_check(
    struct places *, struct place *, uint64_t now, uint64_t idle_end);

#endif
