/*
 * Making the shared memory of a pool, and writing and reading slots.
 */
#include <config.h>

#include "stats/scoreboard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "http/request.h"

struct scoreboard *
scoreboard_new(void)
{
	struct scoreboard *scoreboard = mmap(NULL, sizeof(*scoreboard),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (scoreboard == MAP_FAILED)
		abort();
	scoreboard->started = time_monotonic();
	time_text(scoreboard->started_text);
	return scoreboard;
}

void
scoreboard_free(struct scoreboard *scoreboard)
{
	munmap(scoreboard, sizeof(*scoreboard));
}

void
slot_set_state(struct slot *slot, enum slot_state state)
{
	atomic_store(&slot->since, time_monotonic());
	atomic_store(&slot->state, state);
}

static void
put_text(char *out, size_t size, struct str text)
{
	size_t len = text.len < size - 1 ? text.len : size - 1;

	if (len > 0)
		memcpy(out, text.ptr, len);
	out[len] = '\0';
}

void
slot_begin(struct slot *slot, const struct request *request)
{
	put_text(slot->method, sizeof(slot->method), request->method_text);
	put_text(slot->path, sizeof(slot->path), request->path);
	put_text(slot->request_id, sizeof(slot->request_id), request->id);
	slot_set_state(slot, SLOT_BUSY);
}

void
slot_copy_text(char *out, size_t size, const char *text)
{
	size_t len = 0;

	while (len + 1 < size && text[len] != '\0') {
		bool printable = text[len] >= ' ' && text[len] <= '~';

		out[len] = printable ? text[len] : '?';
		len++;
	}
	out[len] = '\0';
}
