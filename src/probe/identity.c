/*
 * Client certificates made ready for TLS.
 */
#include <config.h>

#include "probe/identity.h"

#include "secret/certificate.h"

enum error
identity_open(struct run *run, struct str *ret)
{
	const struct probe_target *target = run->target;
	struct problem problem = { .arena = run->arena };
	struct certificate certificate;

	if (target->certificate.len > 0 && run->identity.len == 0) {
		struct str content = arena_printf(run->arena, "%.*s\n%.*s",
		    STR_FMT(target->certificate), STR_FMT(target->private_key));

		if (certificate_read(run->arena, content, target->passphrase,
			&certificate, &problem) != OK)
			return run_fail_with(run,
			    REASON_CLIENT_CERTIFICATE_INVALID,
			    "The connector's certificate %.*s.",
			    STR_FMT(problem.message));
		run->identity = certificate.pem;
	}
	*ret = run->identity;
	return OK;
}
