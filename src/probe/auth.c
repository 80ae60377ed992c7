/*
 * The table of authentication types, and nothing else.
 */
#include <config.h>

#include "probe/auth.h"

#define WEB (PROTOCOL_HTTP | PROTOCOL_S3)

static const struct auth_type types[] = {
	{ .key = "none", .run = run_http, .protocols = WEB },
	{ .key = "basic",
	    .run = run_http,
	    .scheme = SCHEME_BASIC,
	    .protocols = WEB,
	    .needs = { "username", "password" } },
	{ .key = "digest",
	    .run = run_http,
	    .scheme = SCHEME_DIGEST,
	    .protocols = WEB,
	    .needs = { "username", "password" } },
	{ .key = "ntlm",
	    .run = run_http,
	    .scheme = SCHEME_NTLM,
	    .protocols = WEB,
	    .needs = { "username", "password" } },
	{ .key = "token",
	    .run = run_http,
	    .scheme = SCHEME_TOKEN,
	    .protocols = WEB },
	{ .key = "oauth1",
	    .run = run_http,
	    .scheme = SCHEME_OAUTH1,
	    .protocols = WEB,
	    .needs = { "consumer_key", "consumer_secret", "token",
		"token_secret" } },
	{ .key = "oauth2_client_credentials",
	    .run = run_token,
	    .scheme = SCHEME_TOKEN,
	    .protocols = WEB,
	    .needs = { "client_id", "client_secret" },
	    .grant_type = "client_credentials",
	    .also = "scope" },
	{ .key = "oauth2_password",
	    .run = run_token,
	    .scheme = SCHEME_TOKEN,
	    .protocols = WEB,
	    .needs = { "client_id", "client_secret", "username", "password" },
	    .grant_type = "password",
	    .also = "scope" },
	{ .key = "oauth2_authorization_code",
	    .run = run_token,
	    .scheme = SCHEME_TOKEN,
	    .protocols = WEB,
	    .needs = { "client_id", "client_secret", "refresh_token" },
	    .grant_type = "refresh_token",
	    .also = "scope" },
	{ .key = "soap", .run = run_soap, .protocols = WEB },
	{ .key = "aws_sigv4",
	    .run = run_http,
	    .scheme = SCHEME_SIGV4,
	    .protocols = WEB,
	    .needs = { "access_key_id", "secret_access_key", "region" } },
	{ .key = "ftp",
	    .run = run_files,
	    .scheme = SCHEME_PASSWORD,
	    .protocols = PROTOCOL_FTP | PROTOCOL_FTPS,
	    .needs = { "host", "username", "password" } },
	{ .key = "sftp_password",
	    .run = run_files,
	    .scheme = SCHEME_PASSWORD,
	    .protocols = PROTOCOL_SFTP,
	    .needs = { "host", "username", "password" } },
	{ .key = "sftp_key",
	    .run = run_files,
	    .scheme = SCHEME_KEY,
	    .protocols = PROTOCOL_SFTP,
	    .needs = { "host", "username", "private_key" } },
	{ .key = "database",
	    .run = run_database,
	    .scheme = SCHEME_PASSWORD,
	    .protocols = PROTOCOL_MYSQL,
	    .needs = { "host", "username", "password" } },
};

static const struct {
	const char *name;
	unsigned protocol;
} protocols[] = {
	{ "HTTP", PROTOCOL_HTTP },
	{ "FTP", PROTOCOL_FTP },
	{ "FTPS", PROTOCOL_FTPS },
	{ "SFTP", PROTOCOL_SFTP },
	{ "S3", PROTOCOL_S3 },
	{ "MySQL", PROTOCOL_MYSQL },
	{ "PGSQL", PROTOCOL_PGSQL },
	{ "SQLSRV", PROTOCOL_SQLSRV },
};

const struct auth_type *
auth_find(struct str key)
{
	for (size_t i = 0; i < N_ELEMENTS(types); i++)
		if (str_equal_text(key, types[i].key))
			return &types[i];
	return NULL;
}

unsigned
auth_protocol_find(struct str name)
{
	for (size_t i = 0; i < N_ELEMENTS(protocols); i++)
		if (str_equal_text(name, protocols[i].name))
			return protocols[i].protocol;
	return 0;
}

const char *
auth_key(size_t index)
{
	return index < N_ELEMENTS(types) ? types[index].key : NULL;
}
