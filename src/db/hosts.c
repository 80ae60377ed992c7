/*
 * Which of the hosts is connected to.
 *
 * A host that takes writes is preferred, so that a client reads at once what it
 * wrote. For reads any host that serves will do, and a better one is looked for
 * now and then. A host that failed is tried last for a while, but is never left
 * out. Must not send statements.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/hosts.h"
#include "base/time.h"
#include "db/deadline.h"
#include "db/internal.h"

/* All in microseconds. After a search that found nothing, statements are
 * refused at once: dead hosts cost one search and not one a request. */
#define SEARCH_PAUSE 100000
/* Between two searches by reads for a host that takes writes. */
#define LOOK_PAUSE 5000000
/* How long a host that failed is tried last. */
#define REST 10000000
/* How long a host may take to say whether it takes writes. */
#define JUDGE_MAX 1000000

unsigned
db_count_hosts(const struct db_settings *settings)
{
	unsigned n = 1;

	for (const char *p = settings->hosts; *p != '\0'; p++)
		n += *p == ',';
	return n;
}

static void
rest(struct db *db, unsigned host)
{
	db->hosts[host].rests_until = time_monotonic() + REST;
}

void
db_leave_host(struct db *db)
{
	rest(db, db->session.host);
	db->next_host = (db->session.host + 1) % db->n_hosts;
}

void
db_share_news(struct db *db, struct db_host_news *news)
{
	db->news = news;
}

static struct db_host_news *
news_of(const struct db *db, unsigned host)
{
	return db->news == NULL || host >= DB_NEWS_MAX ? NULL : &db->news[host];
}

static void
note_answer(const struct db *db, unsigned host)
{
	struct db_host_news *news = news_of(db, host);

	if (news != NULL)
		atomic_store_explicit(
		    &news->answered, time_monotonic(), memory_order_relaxed);
}

void
db_note_answer(struct db *db)
{
	note_answer(db, db->session.host);
}

/* Whether no worker got an answer of the host in the second half of a wait of
 * so many microseconds; tells the others. */
static bool
is_silent(const struct db *db, unsigned host, uint64_t us)
{
	struct db_host_news *news = news_of(db, host);
	uint64_t now = time_monotonic();

	if (news == NULL)
		return true;
	if (atomic_load(&news->answered) + us / 2 > now)
		return false;
	atomic_store(&news->silent, now);
	return true;
}

void
db_note_silence(struct db *db, uint64_t us, unsigned limit_ms)
{
	uint64_t most = (uint64_t)limit_ms * 1000;

	if (us >= (db->allowed < most ? db->allowed : most) / 2 &&
	    is_silent(db, db->session.host, us))
		db_leave_host(db);
}

/* When a worker of the pool noted last that the host is silent. */
static uint64_t
silent_at(const struct db *db, unsigned host)
{
	const struct db_host_news *news = news_of(db, host);

	return news == NULL ? 0 : atomic_load(&news->silent);
}

static bool
does_rest(const struct db *db, unsigned host)
{
	uint64_t now = time_monotonic(), silent = silent_at(db, host);

	return now < db->hosts[host].rests_until ||
	       (silent > 0 && now < silent + REST);
}

/* How much of so many microseconds one of n attempts may take. */
static uint64_t
share(const struct db *db, uint64_t us, unsigned n)
{
	uint64_t most = (uint64_t)db->settings->connect_timeout_ms * 1000;

	return us / n < most ? us / n : most;
}

static bool
open_host(struct db *db, unsigned number, uint64_t us, struct session *ret)
{
	struct str rest_of_list = str_of(db->settings->hosts), entry;
	struct host_port host;

	if (db->settings->hosts[0] == '\0')
		return session_open(db, NULL, 0, us, ret);
	for (unsigned i = 0; i <= number; i++)
		host_next(&rest_of_list, &entry);
	return host_parse(entry, &host) &&
	       session_open(db, host.host, host.port, us, ret);
}

/* Whether the present search tries a host in this round; hosts that rest have a
 * round of their own. */
static bool
is_turn_of(const struct db *db, unsigned number, bool resting)
{
	const struct host_state *host = &db->hosts[number];
	bool rests = does_rest(db, number);
	bool in_use = db->session.mysql != NULL && db->session.host == number;

	return host->tried != db->searches && rests == resting && !in_use;
}

/* A host that did not answer rests only if the request had enough time left to
 * tell that from a slow one. */
static bool
try_host(struct db *db, unsigned number, unsigned n, struct session *ret)
{
	uint64_t us = share(db, db_left(db), n), begun = time_monotonic();

	db->hosts[number].tried = db->searches;
	if (open_host(db, number, us, ret)) {
		ret->host = number;
		ret->made = time_monotonic();
		note_answer(db, number);
		return true;
	}
	if (time_monotonic() - begun < us ||
	    (us >= share(db, db->allowed, db->n_hosts) / 2 &&
		is_silent(db, number, us)))
		rest(db, number);
	else
		db->cut_short = true;
	return false;
}

/* Tries the hosts that rest, or those that do not, until one takes writes; the
 * first one that serves at all is kept for reads. */
static void
try_hosts(struct db *db, bool resting, unsigned *tried, struct session *found)
{
	for (unsigned i = 0; i < db->n_hosts && !found->writable; i++) {
		unsigned number = (db->next_host + i) % db->n_hosts;
		struct session one;

		if (!is_turn_of(db, number, resting))
			continue;
		if (!try_host(db, number, db->n_hosts - (*tried)++, &one))
			continue;
		if (found->mysql != NULL && !one.writable)
			session_close(&one);
		else {
			session_close(found);
			*found = one;
		}
	}
}

/* Replaces the connection by the one that was found. */
static void
use(struct db *db, const struct session *found)
{
	db_disconnect(db);
	db->session = *found;
	db->next_host = found->host;
	db->counters.connects++;
	if (db->broken)
		db->counters.reconnects++;
	db->broken = false;
	db->not_before = 0;
}

static void
search(struct db *db, bool writes)
{
	struct session found = { .fd = -1 };
	unsigned tried = 0;

	db->searches++;
	db->cut_short = false;
	try_hosts(db, false, &tried, &found);
	if (writes ? !found.writable
		   : found.mysql == NULL && db->session.mysql == NULL)
		try_hosts(db, true, &tried, &found);
	if (found.mysql != NULL &&
	    (found.writable || db->session.mysql == NULL))
		use(db, &found);
	else
		session_close(&found);
	db->look_again = time_monotonic() + LOOK_PAUSE;
}

/* Whether the host in use, which took no writes, does now. */
static bool
takes_writes_now(struct db *db)
{
	uint64_t us = db_left(db);
	bool good, late;

	if (us > JUDGE_MAX)
		us = JUDGE_MAX;
	deadline_set(db->session.fd, time_monotonic() + us);
	good = session_judge(&db->session);
	late = deadline_clear();
	if (!late && good)
		return db->session.writable;
	if (late)
		db_note_silence(db, us, JUDGE_MAX / 1000);
	else
		db_leave_host(db);
	db_disconnect(db);
	return false;
}

/* Whether the present connection is used: it is good, or no better one can be
 * found now. */
static bool
will_do(const struct db *db, bool writes)
{
	uint64_t now = time_monotonic();

	return db->session.mysql != NULL &&
	       (db->session.writable || db->n_hosts == 1 ||
		   now < db->not_before || (!writes && now < db->look_again));
}

/* Closes a connection that was made before another worker found that its host
 * does not answer. */
static void
drop_silent(struct db *db)
{
	const struct session *session = &db->session;

	if (session->mysql == NULL || db->n_hosts == 1 ||
	    silent_at(db, session->host) < session->made)
		return;
	db_leave_host(db);
	db_disconnect(db);
}

enum error
db_connect(struct db *db, bool writes, struct problem *reterr)
{
	drop_silent(db);
	if (will_do(db, writes))
		return OK;
	if (time_monotonic() < db->not_before)
		return problem_log(reterr, ERROR_UNAVAILABLE,
		    "database: %s (tried a moment ago)", db->refusal);
	if (db->session.mysql != NULL && takes_writes_now(db))
		return OK;
	snprintf(
	    db->refusal, sizeof(db->refusal), "no host is configured rightly");
	search(db, writes);
	if (db->session.mysql != NULL && db->session.writable)
		return OK;
	if (!db->cut_short)
		db->not_before = time_monotonic() + SEARCH_PAUSE;
	if (db->session.mysql != NULL)
		return OK;
	db->broken = true;
	return problem_log(
	    reterr, ERROR_UNAVAILABLE, "database: %s", db->refusal);
}

void
db_disconnect(struct db *db)
{
	if (db->session.mysql == NULL)
		return;
	deadline_set(db->session.fd, time_monotonic() + SESSION_CLOSE_MAX);
	prepared_drop_all(db);
	session_close(&db->session);
}
