/*
 * What an administrator asks the pool: is it alive, is it ready, what has it
 * done, what is it doing.
 *
 * Served by a lane of its own, so it answers when every other worker is busy.
 * Whoever may reach it is the web server's business.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "base/arena.h"
#include "config/settings.h"
#include "http/request.h"
#include "http/response.h"
#include "stats/scoreboard.h"

struct db;
struct keyring;

struct admin {
	struct arena *arena;           /* the request's */
	struct db *db;                 /* with time limits of its own */
	const struct keyring *keyring; /* NULL: none is configured */
	const struct config *config;
	struct scoreboard *shared;
	int pid; /* of the pool's parent */
};

/* GET /live, /ready, /metrics, /status; anything else is a 404 or a 405. */
void admin_serve(
    const struct admin *, const struct request *, struct response *ret);

#endif
