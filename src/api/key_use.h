/*
 * Stores when API keys were used (api_keys.last_used_at), each once a minute.
 *
 * No client waits for it: it is done when the answer has been sent, a key whose
 * row another session has locked is left alone, and after a failure there is a
 * rest. A key whose use cannot be stored (a read-only database) is good all the
 * same.
 */
#ifndef API_KEY_USE_H
#define API_KEY_USE_H

#include <stdint.h>

struct arena;
struct db;

/* Of one worker. Zeroed: nothing is to be stored. */
struct key_uses {
	int64_t wanted;  /* the key to store next; 0: none */
	int64_t resting; /* the key that is left alone; 0: all are */
	uint64_t until;  /* time_monotonic(); until then */
};

/* The key is used, and that has not been stored for a minute. */
void key_use_note(struct key_uses *, int64_t key_id);

/* Stores what key_use_note() asked for; waits a second at most. Changes the
 * limit of db_limit(). */
void key_use_store(struct key_uses *, struct arena *, struct db *);

#endif
