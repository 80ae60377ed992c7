/*
 * The table of authentication types.
 */
#include <config.h>

#include "probe/auth.h"

#include <assert.h>
#include <string.h>

#define NEEDED  AUTH_NEEDED
#define WANTED  AUTH_WANTED
#define ENCODED AUTH_ENCODED
#define FORM    (AUTH_FORM | AUTH_ENCODED)

static const struct auth_type types[] = {
	{ .key = "none",
	    .name = "No authentication",
	    .test = attempt_http,
	    .protocols = AUTH_WEB },
	{ .key = "basic",
	    .name = "Basic",
	    .test = attempt_http,
	    .scheme = SCHEME_BASIC,
	    .protocols = AUTH_WEB,
	    .variables = { { "username", NEEDED | ENCODED },
		{ "password", NEEDED | ENCODED | AUTH_MAY_BE_EMPTY } } },
	{ .key = "digest",
	    .name = "Digest",
	    .test = attempt_http,
	    .scheme = SCHEME_DIGEST,
	    .protocols = AUTH_WEB,
	    .variables = { { "username", NEEDED },
		{ "password", NEEDED | ENCODED | AUTH_MAY_BE_EMPTY } } },
	{ .key = "ntlm",
	    .name = "NTLM",
	    .test = attempt_http,
	    .scheme = SCHEME_NTLM,
	    .protocols = AUTH_WEB,
	    .variables = { { "username", NEEDED | ENCODED },
		{ "password", NEEDED | ENCODED | AUTH_MAY_BE_EMPTY } } },
	{ .key = "token",
	    .name = "Token",
	    .test = attempt_http,
	    .scheme = SCHEME_TOKEN,
	    .protocols = AUTH_WEB,
	    .variables = { { "token", WANTED } } },
	{ .key = "oauth1",
	    .name = "OAuth 1",
	    .test = attempt_http,
	    .scheme = SCHEME_OAUTH1,
	    .protocols = AUTH_WEB,
	    .variables = { { "consumer_key", NEEDED | ENCODED },
		{ "consumer_secret", NEEDED | ENCODED },
		{ "token", NEEDED | ENCODED },
		{ "token_secret", NEEDED | ENCODED }, { "realm", 0 },
		{ "signature_method", 0 } } },
	{ .key = "oauth2_client_credentials",
	    .name = "OAuth 2 (client credentials)",
	    .test = attempt_token,
	    .scheme = SCHEME_TOKEN,
	    .protocols = AUTH_WEB,
	    .urls = AUTH_BOTH_URLS,
	    .variables = { { "client_id", NEEDED | FORM },
		{ "client_secret", NEEDED | FORM }, { "scope", FORM },
		{ "access_token", AUTH_FOUND } },
	    .grant_type = "client_credentials" },
	{ .key = "oauth2_password",
	    .name = "OAuth 2 (password)",
	    .test = attempt_token,
	    .scheme = SCHEME_TOKEN,
	    .protocols = AUTH_WEB,
	    .urls = AUTH_BOTH_URLS,
	    .variables = { { "client_id", NEEDED | FORM },
		{ "client_secret", NEEDED | FORM },
		{ "username", NEEDED | FORM },
		{ "password", NEEDED | FORM | AUTH_MAY_BE_EMPTY },
		{ "scope", FORM }, { "access_token", AUTH_FOUND } },
	    .grant_type = "password" },
	{ .key = "oauth2_authorization_code",
	    .name = "OAuth 2 (authorisation code)",
	    .test = attempt_token,
	    .scheme = SCHEME_TOKEN,
	    .protocols = AUTH_WEB,
	    .urls = AUTH_BOTH_URLS,
	    .variables = { { "client_id", NEEDED | FORM },
		{ "client_secret", NEEDED | FORM },
		{ "refresh_token", NEEDED | FORM }, { "scope", FORM },
		{ "access_token", AUTH_FOUND } },
	    .grant_type = "refresh_token" },
	{ .key = "soap",
	    .name = "SOAP",
	    .test = attempt_soap,
	    .protocols = AUTH_WEB,
	    .urls = AUTH_URL_FIRST },
	{ .key = "aws_sigv4",
	    .name = "AWS signature v4",
	    .test = attempt_http,
	    .scheme = SCHEME_SIGV4,
	    .protocols = AUTH_WEB,
	    .variables = { { "access_key_id", NEEDED },
		{ "secret_access_key", NEEDED | ENCODED }, { "region", NEEDED },
		{ "service", WANTED }, { "session_token", 0 } } },
	{ .key = "ftp",
	    .name = "FTP",
	    .test = attempt_files,
	    .scheme = SCHEME_PASSWORD,
	    .protocols = PROTOCOL_FTP | PROTOCOL_FTPS,
	    .variables = { { "host", NEEDED }, { "port", 0 },
		{ "username", NEEDED },
		{ "password", NEEDED | AUTH_MAY_BE_EMPTY }, { "root", 0 } } },
	{ .key = "sftp_password",
	    .name = "SFTP (password)",
	    .test = attempt_files,
	    .scheme = SCHEME_PASSWORD,
	    .protocols = PROTOCOL_SFTP,
	    .variables = { { "host", NEEDED }, { "port", 0 },
		{ "username", NEEDED },
		{ "password", NEEDED | ENCODED | AUTH_MAY_BE_EMPTY },
		{ "root", 0 }, { "host_key_sha256", ENCODED } } },
	{ .key = "sftp_key",
	    .name = "SFTP (key)",
	    .test = attempt_files,
	    .scheme = SCHEME_KEY,
	    .protocols = PROTOCOL_SFTP,
	    .variables = { { "host", NEEDED }, { "port", 0 },
		{ "username", NEEDED }, { "private_key", NEEDED | ENCODED },
		{ "passphrase", ENCODED }, { "root", 0 },
		{ "host_key_sha256", ENCODED } } },
	{ .key = "database",
	    .name = "Database",
	    .test = attempt_database,
	    .scheme = SCHEME_PASSWORD,
	    .protocols = PROTOCOL_MYSQL,
	    .variables = { { "host", NEEDED }, { "port", 0 },
		{ "username", NEEDED | ENCODED },
		{ "password", NEEDED | ENCODED | AUTH_MAY_BE_EMPTY },
		{ "database", ENCODED } } },
};

#define SECRET   true
#define ADVANCED true
#define PLAIN    false

static const struct auth_key keys[] = {
	{ "username", "User name", PLAIN, PLAIN, NULL },
	{ "password", "Password", SECRET, PLAIN, NULL },
	{ "token", "Token", SECRET, PLAIN, NULL },
	{ "consumer_key", "Consumer key", PLAIN, PLAIN, NULL },
	{ "consumer_secret", "Consumer secret", SECRET, PLAIN, NULL },
	{ "token_secret", "Token secret", SECRET, PLAIN, NULL },
	{ "realm", "Realm", PLAIN, ADVANCED, NULL },
	{ "signature_method", "Signature method", PLAIN, ADVANCED,
	    "HMAC-SHA256" },
	{ "client_id", "Client id", PLAIN, PLAIN, NULL },
	{ "client_secret", "Client secret", SECRET, PLAIN, NULL },
	{ "refresh_token", "Refresh token", SECRET, PLAIN, NULL },
	{ "scope", "Scope", PLAIN, ADVANCED, NULL },
	{ "access_token", "Access token", SECRET, PLAIN, NULL },
	{ "access_key_id", "Access key id", PLAIN, PLAIN, NULL },
	{ "secret_access_key", "Secret access key", SECRET, PLAIN, NULL },
	{ "region", "Region", PLAIN, PLAIN, NULL },
	{ "service", "Service", PLAIN, PLAIN, NULL },
	{ "session_token", "Session token", SECRET, ADVANCED, NULL },
	{ "host", "Host", PLAIN, PLAIN, NULL },
	{ "port", "Port", PLAIN, PLAIN, NULL },
	{ "root", "Folder", PLAIN, PLAIN, NULL },
	{ "private_key", "Private key", SECRET, PLAIN, NULL },
	{ "passphrase", "Passphrase of the private key", SECRET, PLAIN, NULL },
	{ "host_key_sha256", "Host key (SHA-256)", PLAIN, ADVANCED, NULL },
	{ "database", "Database", PLAIN, PLAIN, NULL },
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

const struct auth_variable *
auth_variable(const struct auth_type *type, const char *key)
{
	for (const struct auth_variable *v = type->variables; v->key != NULL;
	     v++)
		if (strcmp(v->key, key) == 0)
			return v;
	return NULL;
}

const struct auth_key *
auth_key(const struct auth_variable *variable)
{
	size_t i = 0;

	while (i < N_ELEMENTS(keys) && strcmp(keys[i].key, variable->key) != 0)
		i++;
	assert(i < N_ELEMENTS(keys));
	return &keys[i];
}

bool
auth_is_templated(const struct probe_target *target)
{
	return template_has_reference(target->headers) ||
	       template_has_reference(target->query);
}

const struct auth_type *
auth_row(size_t index)
{
	return index < N_ELEMENTS(types) ? &types[index] : NULL;
}
