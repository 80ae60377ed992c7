/*
 * What libcurl says of the libraries of this machine. Must not send anything.
 */
#include <config.h>

#include "probe/fetch_limits.h"

#include <curl/curl.h>

#include "probe/probe.h"

/* RSA with SHA-2 came with libssh2 1.11; libssh has had it for longer than it
 * has been a choice for libcurl. */
#define RSA_SHA2_MAJOR 1
#define RSA_SHA2_MINOR 11

bool
fetch_library_signs_rsa_sha2(struct str library)
{
	static const struct str name = STR_CONST("libssh2/");
	struct str version, part;
	uint64_t major = 0, minor = 0;

	if (!str_starts_with(library, name))
		return true;
	version = str_from(library, name.len);
	if (str_next_part(&version, '.', &part))
		(void)str_to_u64(part, &major);
	if (str_next_part(&version, '.', &part))
		(void)str_to_u64(part, &minor);
	return major > RSA_SHA2_MAJOR ||
	       (major == RSA_SHA2_MAJOR && minor >= RSA_SHA2_MINOR);
}

static struct str
ssh_library(void)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	return str_of(info->libssh_version);
}

bool
fetch_signs_rsa_sha2(void)
{
	return fetch_library_signs_rsa_sha2(ssh_library());
}

static bool
lacks_sftp(void)
{
	return ssh_library().len == 0;
}

static bool
lacks_rsa_sha2(void)
{
	return !lacks_sftp() && !fetch_signs_rsa_sha2();
}

/* A row has advice if something can be done about it. */
static const struct {
	bool (*holds)(void);
	struct probe_limit limit;
} limits[] = {
	{ lacks_sftp,
	    { "libcurl is built without SSH: systems of the protocol SFTP "
	      "cannot be tested",
		"install a libcurl that has libssh2" } },
	{ lacks_rsa_sha2,
	    { "libssh2 before 1.11 signs with RSA keys by SHA-1 only, which "
	      "OpenSSH since 8.8 refuses: such servers cannot be tested with "
	      "an RSA key",
		"use Ed25519 or ECDSA keys, or install libssh2 1.11 or "
		"later" } },
};

const struct probe_limit *
probe_limit(size_t index)
{
	size_t n = 0;

	for (size_t i = 0; i < N_ELEMENTS(limits); i++)
		if (limits[i].holds() && n++ == index)
			return &limits[i].limit;
	return NULL;
}
