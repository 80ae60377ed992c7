/*
 * How a transaction goes on after one of its runs: whether its answer counts,
 * another run follows, or the database has to be asked what became of COMMIT.
 * Pure: api/transaction.c runs, asks and answers.
 */
#ifndef API_OUTCOME_H
#define API_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "http/response.h"

/* What is known of one run when it is over. */
struct run_end {
	enum error error;    /* of its steps; OK: they were done */
	enum error commit;   /* of COMMIT; OK also when there was none */
	bool key_taken;      /* an Idempotency-Key keeps what the steps say */
	bool replayed;       /* the answer is one that such a key kept */
	bool behind;         /* another member of a cluster may know more */
	bool retry;          /* the database: another run may do better */
	bool commit_unknown; /* COMMIT got no answer: it may be done */
};

enum outcome {
	OUTCOME_ANSWER, /* what the run says is the answer */
	OUTCOME_AGAIN,  /* another run, if there is time for one */
	OUTCOME_ASK,    /* whether this run or an earlier one is done */
	/* After asking only: */
	OUTCOME_KEPT,   /* a run is done: its answer, which was kept */
	OUTCOME_UNKNOWN /* it cannot be told: the client has to look */
};

/* Whether the steps are to be committed: they were done, or what is wrong with
 * the input is kept as the answer to an Idempotency-Key. */
bool outcome_commits(const struct run_end *);

/* What the run says, its steps or else COMMIT. */
enum error outcome_error(const struct run_end *);

/*
 * What follows a run. unsure: COMMIT of this run or of an earlier one got no
 * answer. Then the database is asked as soon as a run may have met what an
 * earlier one did: it was refused for good, or found an answer under its own
 * Idempotency-Key. A run that will be followed by another need not ask.
 */
enum outcome outcome_of_run(const struct run_end *, bool unsure);

/* What follows OUTCOME_ASK: asked is the error of asking; when that is OK, done
 * is whether a run was committed. */
enum outcome outcome_when_asked(
    const struct run_end *, enum error asked, bool done);

/* The answer of a run whose COMMIT got none; of several a list, newest first.
 */
struct kept_answer {
	const struct kept_answer *earlier;
	int64_t connector_id; /* in the audit row of the run; 0: it left none */
	enum error error;     /* OK, or that of an answer which a key keeps */
	struct problem problem;
	struct response response;
	struct str body;
};

/* The answer of the run that was done, whose audit row names the connector:
 * each run of a store makes a connector of its own. */
const struct kept_answer *outcome_kept(
    const struct kept_answer *newest, int64_t connector_id);

#endif
