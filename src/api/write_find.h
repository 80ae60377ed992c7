/*
 * What a write reads from the database before it decides: the connector,
 * locked, the rows that its body refers to, what its checks ask for.
 */
#ifndef API_WRITE_FIND_H
#define API_WRITE_FIND_H

#include "api/transaction.h"
#include "api/write_check.h"

/*
 * Locks the connector of the route until the end of the transaction and reads
 * its row (sql_lock()). ERROR_NOT_FOUND; ERROR_PRECONDITION when If-Match does
 * not name its version. Another member of a cluster may know better than both:
 * then run.behind is set.
 */
enum error write_lock(struct transaction *, const struct value **ret_row);

/* The variables of a locked connector, and what the call's body refers to. row:
 * what write_lock() gave; NULL: the connector is a new one. */
enum error write_find_facts(
    struct call *, const struct value *row, struct write_facts *ret);

/* The variables alone, to remove them. */
enum error write_find_stored(
    struct call *, const struct value *row, struct write_facts *ret);

/* Answers to what write_check_body() asks. *ret is zeroed by the caller. */
enum error write_find_answers(
    struct call *, const struct write_questions *, struct write_answers *ret);

#endif
