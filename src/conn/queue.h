/*
 * Where the requests of one worker come from: the lane's epoll, whose list of
 * what is ready is the queue of all requests, on new connections and on kept
 * ones, for all workers of the lane.
 *
 * A worker has nothing of its own but the connection that it serves, so when it
 * leaves or dies there is nothing to pass on. Reads nothing.
 */
#ifndef CONN_QUEUE_H
#define CONN_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct copies;
struct queue;

struct queue_settings {
	struct copies *copies; /* inherited; owner and mailbox are set */
	pid_t parent;          /* who closes what takes too long */
	int watch;             /* one more descriptor to wake for */
	unsigned keep_max;     /* connections that are kept at once */
	size_t params_max;     /* bytes */
	size_t send_buffer;    /* bytes; see fcgi_send_ahead() */
	/* ms for which a request is left to the lane's other workers; 0: it is
	 * served as soon as it is here. */
	unsigned hold;
	/* With that: since when what is here at the start waits, monotonic
	 * microseconds. */
	uint64_t held_since;
	/* Counters, which go up by one with each: */
	atomic_uint_fast64_t *dropped; /* its request did not become whole */
	atomic_uint_fast64_t *reused;  /* a request on a kept connection */
	atomic_uint_fast64_t *handed;  /* passed on by one that refuses */
};

/* A connection with a request. */
struct queue_request {
	int fd;          /* blocking; the queue's */
	bool too_long;   /* more parameters than params_max */
	bool whole;      /* nothing of the request is still to come */
	uint64_t ticket; /* conn_ticket(); 0: nobody can have looked at it */
};

enum queue_event {
	QUEUE_REQUEST, /* a request is to be served */
	QUEUE_WATCHED, /* the watched descriptor can be read */
	QUEUE_DONE     /* after leaving or stopping: nothing is left */
};

struct queue *queue_new(const struct queue_settings *);
void queue_free(struct queue *);

/* Waits for the next event; ret is set with QUEUE_REQUEST, and then
 * queue_done() comes next. */
enum queue_event queue_next(struct queue *, struct queue_request *ret);

/* The end of the answer is about to be sent: to be called before. last: the web
 * server asks nothing more on this connection, whatever it said first. */
void queue_answer(struct queue *, bool last);

/* Ends the request. The connection is closed, unless it is good for another one
 * and its peer wants that. */
void queue_done(struct queue *, bool good);

/* Takes no more requests: others do. */
void queue_leave(struct queue *);

/* The lane stops: requests that are here are still served; with backlog also
 * those that wait in the listener at this moment. The parent closes kept
 * connections on which none comes. */
void queue_stop(struct queue *, bool backlog);

#endif
