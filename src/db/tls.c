/*
 * TLS to the service's own database: the mode of the settings as options of
 * either client library.
 *
 * Every option is set, since the defaults of a library change with its version.
 * A unix socket gets no TLS: only root could eavesdrop there, and servers offer
 * none on it. Must not connect.
 */
#include <config.h>

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/internal.h"

/* Where the system keeps its authorities, unless the variable names another
 * place; NULL: nowhere. OpenSSL looks there by itself, but libmysqlclient
 * refuses to verify without a path. */
static const char *
system_path(const char *variable, const char *usual)
{
	const char *path = getenv(variable);

	if (path == NULL || path[0] == '\0')
		path = usual;
	return access(path, R_OK) == 0 ? path : NULL;
}

static void
set_authorities(MYSQL *mysql, const char *file)
{
	const char *folder = NULL;

	if (file[0] == '\0') {
		file = system_path(X509_get_default_cert_file_env(),
		    X509_get_default_cert_file());
		folder = system_path(X509_get_default_cert_dir_env(),
		    X509_get_default_cert_dir());
	}
	mysql_options(mysql, MYSQL_OPT_SSL_CA, file);
	mysql_options(mysql, MYSQL_OPT_SSL_CAPATH, folder);
}

static bool
is_verified(const struct db_settings *settings)
{
	return strcmp(settings->tls_mode, "verify_identity") == 0;
}

bool
tls_is_wanted(const struct db_settings *settings, const char *socket)
{
	return socket == NULL && strcmp(settings->tls_mode, "disabled") != 0;
}

bool
tls_is_missing(MYSQL *mysql, bool reached)
{
	if (reached)
		return mysql_get_ssl_cipher(mysql) == NULL;
	return mysql->server_capabilities != 0 &&
	       (mysql->server_capabilities & CLIENT_SSL) == 0;
}

void
tls_set(MYSQL *mysql, const struct db_settings *settings, const char *socket)
{
	bool wanted = tls_is_wanted(settings, socket);
	bool verify = wanted && is_verified(settings);

#if HAVE_DECL_MYSQL_OPT_SSL_MODE
	unsigned mode = wanted ? SSL_MODE_REQUIRED : SSL_MODE_DISABLED;

	if (verify)
		mode = SSL_MODE_VERIFY_IDENTITY;

	mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode);
#else
	db_bool enforce = wanted, check = verify;

	mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
	mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &check);
#endif
	if (verify)
		set_authorities(mysql, settings->tls_ca);
}

struct tls_authorities
tls_hide_authorities(const struct db_settings *settings, const char *socket)
{
	struct tls_authorities was = { .hidden =
					   tls_is_wanted(settings, socket) &&
					   !is_verified(settings) };
	const char *variable = X509_get_default_cert_file_env();
	const char *file = getenv(variable);

	if (!was.hidden)
		return was;
	if (file != NULL && (was.file = strdup(file)) == NULL)
		abort();
	setenv(variable, "/dev/null", 1);
	return was;
}

void
tls_show_authorities(struct tls_authorities *was)
{
	const char *variable = X509_get_default_cert_file_env();

	if (!was->hidden)
		return;
	if (was->file == NULL)
		unsetenv(variable);
	else
		setenv(variable, was->file, 1);
	free(was->file);
}
