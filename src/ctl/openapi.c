/*
 * connectorsctl openapi: prints the document of the API.
 */
#include <config.h>

#include <string.h>

#include "openapi/markdown.h"
#include "openapi/openapi.h"

#include "ctl/ctl.h"

#define DOCUMENT_MAX (8u << 20)

static enum error
print_markdown(struct str document, struct problem *reterr)
{
	struct buf page;
	enum error error = OK;

	buf_init(&page, DOCUMENT_MAX);
	if (markdown_write(document, &page) && !page.overflow)
		ctl_print("%.*s", STR_FMT(buf_str(&page)));
	else
		error = problem_log(reterr, ERROR_INTERNAL,
		    "the document cannot be read again");
	buf_done(&page);
	return error;
}

enum error
openapi_command(struct ctl *ctl, struct problem *reterr)
{
	const char *format = ctl_option(ctl, "format");
	struct buf document;
	enum error error = OK;

	if (format == NULL)
		format = "json";
	if (strcmp(format, "json") != 0 && strcmp(format, "markdown") != 0)
		return ctl_usage(reterr,
		    "--format: \"%s\" is neither json nor markdown", format);
	buf_init(&document, DOCUMENT_MAX);
	openapi_write(ctl->arena, &document);
	if (strcmp(format, "json") == 0)
		ctl_print("%.*s\n", STR_FMT(buf_str(&document)));
	else
		error = print_markdown(buf_str(&document), reterr);
	buf_done(&document);
	return error;
}
