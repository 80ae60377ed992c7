/*
 * connectorsctl openapi: prints the document of the API.
 */
#include <config.h>

#include "openapi/openapi.h"

#include "ctl/ctl.h"

#define DOCUMENT_MAX (8u << 20)

enum error
openapi_command(struct ctl *ctl, struct problem *reterr)
{
	struct buf document;

	(void)reterr;
	buf_init(&document, DOCUMENT_MAX);
	openapi_write(ctl->arena, &document);
	ctl_print("%.*s\n", STR_FMT(buf_str(&document)));
	buf_done(&document);
	return OK;
}
