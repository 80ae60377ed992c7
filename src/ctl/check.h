/*
 * What the files of `check` share: one run over all parts.
 */
#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include "base/listen.h"
#include "ctl/list.h"

/* A part says what it found (lines), and what to do when it fails. */
struct check {
	struct ctl *ctl;
	struct list list; /* of the report, where it is JSON */
	struct str text;
	struct str advice;
	bool is_skipped; /* it could not be looked at; not a fault */
	bool is_pending; /* there are pending migrations */
	const char
	    *service; /* where the service is asked; NULL: admin.listen */
};

/* check_service.c */
enum error check_service(struct check *, struct problem *reterr);
enum error check_sockets(struct check *, struct problem *reterr);

/* A further line of a text. */
void check_add(struct check *, struct str *text, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "connectors at /run/mysqld/mysqld.sock, account root" */
struct str check_database_name(struct check *, struct str name,
    struct str hosts, struct str socket, struct str user);

#endif
