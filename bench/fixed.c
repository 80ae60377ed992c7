/*
 * A FastCGI worker that always gives the same answer of one kilobyte: what
 * nginx, the socket and libfcgi cost by themselves.
 */
#include <config.h>

#include <fcgiapp.h>
#include <string.h>

#include "prefork.h"

#define BODY_BYTES 1024

int
main(int argc, char **argv)
{
	char body[BODY_BYTES];
	FCGX_Request request;
	int listener = prefork(argc, argv);

	memset(body, ' ', sizeof(body));
	body[0] = '[';
	body[sizeof(body) - 1] = ']';
	FCGX_InitRequest(&request, listener, 0);
	while (FCGX_Accept_r(&request) >= 0) {
		FCGX_FPrintF(request.out,
		    "Content-Type: application/json\r\n"
		    "Content-Length: %d\r\n\r\n",
		    BODY_BYTES);
		FCGX_PutStr(body, BODY_BYTES, request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
}
