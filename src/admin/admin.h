/*
 * The pages of the admin lane: whether the pool is alive, whether it is ready,
 * what it has done, what it is doing.
 *
 * The lane has workers of its own, so it answers while all others are busy. It
 * checks no API key: the web server decides which clients may reach it.
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
	struct scoreboard *scoreboard;
	int pid; /* of the pool's parent */
	/* Held now by the caches of all lanes: answers, and parts of them. */
	uint64_t answer_bytes, fragment_bytes;
};

/* GET / (which pages there are), /live, /ready, /metrics, /status; anything
 * else is a 404 or a 405. */
void admin_serve(
    const struct admin *, const struct request *, struct response *ret);

#endif
