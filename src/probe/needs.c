/*
 * What an authentication type asks for. Pure; reads templates and the table of
 * types, no values.
 */
#include <config.h>

#include "probe/needs.h"

#include "probe/auth.h"
#include "probe/json_reader.h"
#include "probe/template.h"

_Static_assert(NEEDS_MAX >= AUTH_MAX_VARIABLES, "room for all of a type");

static bool
refers_to(const struct probe_target *target, struct str key)
{
	const struct str templates[] = { target->headers, target->query,
		target->url, target->test_url, target->body };

	for (size_t i = 0; i < N_ELEMENTS(templates); i++)
		if (template_refers_to(templates[i], key))
			return true;
	return false;
}

static bool
sets_authorization(struct arena *a, const struct probe_target *target)
{
	struct json_reader_member *members;
	size_t n;

	if (!json_reader_members(a, target->headers, &members, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (str_equal_nocase(members[i].name, STR("Authorization")))
			return true;
	return false;
}

static bool
asks_for(struct arena *a, const struct auth_type *type,
    const struct auth_variable *variable, const struct probe_target *target)
{
	if ((variable->uses & AUTH_FOUND) != 0)
		return false;
	if (type->scheme != SCHEME_TOKEN || type->grant_type != NULL)
		return true;
	return refers_to(target, str_of(variable->key)) ||
	       !(auth_is_templated(target) || sets_authorization(a, target));
}

size_t
needs_of(struct arena *a, const struct probe_target *target,
    struct need ret[NEEDS_MAX])
{
	const struct auth_type *type = auth_find(target->type);
	size_t n = 0;

	if (type == NULL)
		return 0;
	for (const struct auth_variable *v = type->variables; v->key != NULL;
	     v++) {
		const struct auth_key *about = auth_key(v);

		if (!asks_for(a, type, v, target))
			continue;
		ret[n++] = (struct need){ .key = v->key,
			.label = about->label,
			.fallback = about->fallback,
			.secret = about->secret,
			.required =
			    (v->uses & (AUTH_NEEDED | AUTH_WANTED)) != 0,
			.advanced = about->advanced };
	}
	return n;
}
