/*
 * A result as the API shows it.
 */
#include <config.h>

#include "base/json.h"
#include "probe/probe.h"

static const char *const step_names[] = {
	[PROBE_CONFIGURATION] = "configuration",
	[PROBE_GUARD] = "guard",
	[PROBE_DNS] = "dns",
	[PROBE_CONNECT] = "connect",
	[PROBE_TLS] = "tls",
	[PROBE_AUTHENTICATION] = "authentication",
	[PROBE_REQUEST] = "request",
	[PROBE_RESPONSE] = "response",
	[PROBE_DONE] = "done",
};
_Static_assert(N_ELEMENTS(step_names) == PROBE_STEP__MAX, "one name a step");

const char *
probe_step_name(enum probe_step step)
{
	return step_names[step];
}

static void
add_text(struct buf *b, const char *name, struct str value)
{
	json_key(b, name);
	if (value.len == 0)
		json_null(b);
	else
		json_string(b, value);
}

static void
add_number(struct buf *b, const char *name, int64_t value)
{
	json_key(b, name);
	if (value == 0)
		json_null(b);
	else
		json_int(b, value);
}

static void
add_target(struct buf *b, const struct probe_result *result)
{
	json_key(b, "target");
	json_object_open(b);
	add_text(b, "scheme", result->target.scheme);
	add_text(b, "host", result->target.host);
	add_number(b, "port", result->target.port);
	add_text(b, "path", result->target.path);
	json_object_close(b);
}

int64_t
probe_milliseconds(uint64_t us)
{
	return us == 0 ? 1 : (int64_t)((us + 999) / 1000);
}

static void
add_steps(struct buf *b, const struct probe_result *result)
{
	json_key(b, "steps");
	json_array_open(b);
	for (size_t i = 0; i < PROBE_DONE; i++) {
		enum probe_outcome outcome = result->steps[i].outcome;

		json_object_open(b);
		json_key(b, "step");
		json_string(b, str_of(step_names[i]));
		json_key(b, "ok");
		if (outcome == PROBE_NOT_REACHED)
			json_null(b);
		else
			json_bool(b, outcome == PROBE_PASSED);
		json_key(b, "duration_ms");
		json_int(
		    b, outcome == PROBE_NOT_REACHED
			   ? 0
			   : probe_milliseconds(result->steps[i].duration_us));
		json_object_close(b);
	}
	json_array_close(b);
}

void
probe_result_json(struct buf *b, const struct probe_result *result)
{
	json_object_open(b);
	json_key(b, "ok");
	json_bool(b, result->ok);
	add_text(b, "stage", str_of(step_names[result->stage]));
	add_text(b, "reason", str_of(result->reason));
	add_text(b, "detail", result->detail);
	add_target(b, result);
	add_text(b, "address", result->address);
	add_number(b, "http_status", result->http_status);
	json_key(b, "duration_ms");
	json_int(b, result->duration_ms);
	add_steps(b, result);
	json_object_close(b);
}
