/*
 * A connection to a request, a response to a connection. The only file that
 * includes fcgiapp.h.
 *
 * What is not all there is never served: a parameter or a part of the body
 * that is missing, a length that does not agree, an end that was not sent.
 */
#ifndef CONN_FCGI_H
#define CONN_FCGI_H

#include "config/settings.h"
#include "conn/queue.h"
#include "http/request.h"
#include "http/response.h"

struct fcgi;

/* Prepares the library; once in a process. Uses SIGALRM and ITIMER_REAL for
 * its deadlines; the signal may come at any time. limits must outlive it. */
struct fcgi *fcgi_new(const struct fcgi_limits *limits);
void fcgi_free(struct fcgi *);

/*
 * Reads the request of a connection, which stays the caller's. ret's texts
 * stand in arena, its body lasts until fcgi_done().
 * OK: to be answered. Another error with reterr->message: to be answered so.
 * ERROR_INTERNAL with reterr->log: not to be answered, and the connection is
 * good for nothing more; the library may have closed it.
 */
enum error fcgi_read(struct fcgi *, const struct queue_request *,
    struct arena *, struct request *ret, struct problem *reterr);

/* Sends the answer but for its end; false: the web server did not take it. Adds
 * Content-Type, Content-Length, Cache-Control and X-Request-Id. */
bool fcgi_write(struct fcgi *, const struct request *, const struct response *);

/* Sends the end, without which no web server goes on, and has to be called
 * after the other whatever that returned; false as above. */
bool fcgi_end(struct fcgi *);

/* Ends the request: wipes and frees. */
void fcgi_done(struct fcgi *);

#endif
