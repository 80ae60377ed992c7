/*
 * SOAP answers: Envelope, in it Body, in it Fault or not; by namespace.
 */
#include <config.h>

#include "probe/soap.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SOAP_1 "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP_2 "http://www.w3.org/2003/05/soap-envelope"

#define DEPTH_MAX 200

struct reading {
	XML_Parser parser;
	unsigned depth;   /* of open elements */
	bool is_envelope; /* the root is one */
	bool in_body;     /* inside the Body */
	bool has_body;
	bool has_fault;
};

static void
free_parser(XML_Parser *parser)
{
	XML_ParserFree(*parser);
}

/* Names come as "namespace name". */
static bool
is_soap(const char *name, const char *local)
{
	const char *space = strrchr(name, ' ');
	size_t len = space == NULL ? 0 : (size_t)(space - name);
	struct str uri = { name, len };

	return space != NULL && strcmp(space + 1, local) == 0 &&
	       (str_equal(uri, STR(SOAP_1)) || str_equal(uri, STR(SOAP_2)));
}

static void
on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *reading = data;

	(void)attributes;
	if (reading->depth == 0)
		reading->is_envelope = is_soap(name, "Envelope");
	else if (reading->depth == 1 && is_soap(name, "Body"))
		reading->in_body = reading->has_body = true;
	else if (reading->depth == 2 && reading->in_body &&
		 is_soap(name, "Fault"))
		reading->has_fault = true;
	if (++reading->depth > DEPTH_MAX)
		(void)XML_StopParser(reading->parser, XML_FALSE);
}

static void
on_end(void *data, const XML_Char *name)
{
	struct reading *reading = data;

	(void)name;
	if (--reading->depth == 1)
		reading->in_body = false;
}

static void
on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
    const XML_Char *public_id, int has_internal_subset)
{
	struct reading *reading = data;

	(void)name, (void)system_id, (void)public_id;
	(void)has_internal_subset;
	(void)XML_StopParser(reading->parser, XML_FALSE);
}

enum soap_answer
soap_read(struct str xml)
{
	__attribute__((cleanup(free_parser))) XML_Parser parser =
	    XML_ParserCreateNS("UTF-8", ' ');
	struct reading reading = { .parser = parser };

	if (parser == NULL)
		abort();
	if (xml.len == 0 || xml.len > INT_MAX)
		return SOAP_NONE;
	XML_SetUserData(parser, &reading);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	if (XML_Parse(parser, xml.ptr, (int)xml.len, XML_TRUE) !=
		XML_STATUS_OK ||
	    !reading.is_envelope || !reading.has_body)
		return SOAP_NONE;
	return reading.has_fault ? SOAP_FAULT : SOAP_BODY;
}

bool
soap_is_version_2(struct str xml)
{
	struct str namespace = STR(SOAP_2);

	return memmem(xml.ptr, xml.len, namespace.ptr, namespace.len) != NULL;
}
