/*
 * The fixed lists of values.
 */
#include <config.h>

#include "schema/lists.h"

#include <stddef.h>

const char *const list_rate_limit_units[] = {
	"second",
	"minute",
	"hour",
	"day",
	NULL,
};

const char *const list_protocols[] = {
	"HTTP",
	"FTP",
	"SFTP",
	"FTPS",
	"S3",
	"MySQL",
	"PGSQL",
	"SQLSRV",
	NULL,
};

const char *const list_http_methods[] = {
	"CONNECT",
	"DELETE",
	"GET",
	"HEAD",
	"OPTIONS",
	"PATCH",
	"POST",
	"PUT",
	"TRACE",
	NULL,
};

const char *const list_body_formats[] = {
	"none",
	"json",
	"form",
	"xml",
	"raw",
	NULL,
};

const char *const list_colours[] = {
	"blue",
	"cyan",
	"gray",
	"green",
	"orange",
	"pink",
	"purple",
	"red",
	"yellow",
	"blue_inverted",
	"cyan_inverted",
	"gray_inverted",
	"green_inverted",
	"orange_inverted",
	"pink_inverted",
	"purple_inverted",
	"red_inverted",
	"yellow_inverted",
	NULL,
};

const char *const list_directions[] = { "Send", "Receive", NULL };

const char *const list_data_types[] = { "csv", "json", "txt", "xml", NULL };

const char *const list_pagination_methods[] = {
	"Custom relative URI",
	"Link Header",
	"Next page token",
	"Next Page URL",
	"Page number parameter",
	"Limit offset",
	"default",
	"PeopleVox",
	"NetSuite SOAP",
	"GraphQL Cursor",
	"Database limit offset",
	"Script",
	NULL,
};

const char *const list_model_types[] = {
	"connector",
	"endpoint",
	"authentication_implementation",
	NULL,
};

const char *const list_variable_pivot[] = {
	"model_type",
	"model_id",
	"variable_id",
	"alias",
	"configurable",
	"required",
	"advanced",
	NULL,
};
