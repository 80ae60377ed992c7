/*
 * What a SOAP endpoint answered. Pure. The only file that knows expat.
 */
#ifndef PROBE_SOAP_H
#define PROBE_SOAP_H

#include "base/str.h"

enum soap_answer {
	SOAP_NONE, /* not well-formed, or not a SOAP envelope */
	SOAP_BODY, /* an envelope with a body that is no fault */
	SOAP_FAULT
};

/* Reads SOAP 1.1 and 1.2, in UTF-8 whatever the XML declaration says (without a
 * byte order mark). A document type is not accepted (SOAP forbids it),
 * so no entity is ever expanded. */
enum soap_answer soap_read(struct str xml);

/* Whether a request's XML is in the namespace of SOAP 1.2. */
bool soap_is_version_2(struct str xml);

#endif
