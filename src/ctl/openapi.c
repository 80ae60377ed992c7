/*
 * connectorsctl openapi: prints the document of the API.
 */
#include <config.h>

#include "openapi/openapi.h"

#include "ctl/ctl.h"
#include "probe/probe.h"

#define DOCUMENT_MAX (8u << 20)

static const char *
step_name(size_t index)
{
	return index <= PROBE_DONE ? probe_step_name((enum probe_step)index)
				   : NULL;
}

enum error
openapi_command(struct ctl *ctl, struct problem *reterr)
{
	static const struct openapi_words words = { PACKAGE_VERSION,
		probe_reason_name, step_name };
	struct buf document;

	(void)ctl;
	(void)reterr;
	buf_init(&document, DOCUMENT_MAX);
	openapi_write(&document, &words);
	ctl_print("%.*s\n", STR_FMT(buf_str(&document)));
	buf_done(&document);
	return OK;
}
