/*
 * Client certificates made ready for TLS.
 */
#include <config.h>

#include "probe/identity.h"

#include "secret/certificate.h"

enum error
identity_open(struct attempt *attempt, struct str *ret)
{
	const struct probe_target *target = attempt->target;
	struct problem problem = { .arena = attempt->arena };
	struct certificate certificate;

	if (target->certificate.len > 0 && attempt->identity.len == 0) {
		struct str content = arena_printf(attempt->arena, "%.*s\n%.*s",
		    STR_FMT(target->certificate), STR_FMT(target->private_key));

		if (certificate_read(attempt->arena, content,
			target->passphrase, &certificate, &problem) != OK)
			return attempt_fail_with(attempt,
			    REASON_CLIENT_CERTIFICATE_INVALID,
			    "The connector's certificate %.*s.",
			    STR_FMT(problem.message));
		attempt->identity = certificate.pem;
	}
	*ret = attempt->identity;
	return OK;
}
