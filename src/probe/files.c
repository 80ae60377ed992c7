/*
 * Tests of FTP, FTPS and SFTP: log in, list the root.
 */
#include <config.h>

#include "base/buf.h"
#include "base/percent.h"
#include "probe/auth.h"
#include "probe/fetch.h"
#include "probe/host.h"
#include "probe/ssh.h"

#define FTPS_PORT     990 /* where TLS comes before the greeting */
#define ROOT_MAX      4096
#define REPLY_UNKNOWN 502 /* of FTP: the server lacks the command */

/* How each protocol is spoken. */
static const struct files_protocol {
	unsigned protocol;
	enum fetch_family family;
	const char *scheme;
	unsigned port;
	const char *home;     /* path of the folder after the login */
	const char *absolute; /* what an absolute path begins with */
} protocols[] = {
	{ PROTOCOL_FTP, FETCH_FTP, "ftp", 21, "/", "/%2F" },
	{ PROTOCOL_FTPS, FETCH_FTP, "ftps", FTPS_PORT, "/", "/%2F" },
	{ PROTOCOL_SFTP, FETCH_SSH, "sftp", 22, "/~/", "/" },
};

static const struct files_protocol *
find_protocol(const struct attempt *attempt)
{
	unsigned protocol = auth_protocol_find(attempt->target->protocol);

	for (size_t i = 0; i < N_ELEMENTS(protocols); i++)
		if (protocols[i].protocol == protocol)
			return &protocols[i];
	return &protocols[0];
}

/* The root as a path of a URL that ends in '/': a directory. */
static enum error
render_root(struct attempt *attempt, const struct files_protocol *protocol,
    struct str *ret)
{
	struct str root = attempt_optional(attempt, "root"), name;
	bool is_absolute = str_starts_with(root, STR("/"));
	struct buf b;

	if (root.len > ROOT_MAX)
		return attempt_fail(attempt, REASON_REQUEST_TOO_LARGE);
	buf_init(&b, (size_t)4 * ROOT_MAX);
	buf_add_text(&b, is_absolute ? protocol->absolute : protocol->home);
	while (str_next_part(&root, '/', &name)) {
		if (name.len == 0)
			continue;
		percent_encode(&b, name);
		buf_add_char(&b, '/');
	}
	*ret = arena_copy(attempt->arena, buf_str(&b));
	buf_done(&b);
	return OK;
}

static enum error
add_password(struct attempt *attempt, struct fetch_request *request)
{
	struct str password;

	request->auth = FETCH_AUTH_SSH_PASSWORD;
	TRY(attempt_require(attempt, "password", &password));
	request->password = password.ptr;
	return OK;
}

static enum error
add_ssh_login(
    struct attempt *attempt, struct fetch_request *request, struct ssh_key *key)
{
	if (attempt->auth->scheme == SCHEME_KEY)
		TRY(ssh_add_key(attempt, request, key));
	else
		TRY(add_password(attempt, request));
	return ssh_add_host_key(attempt, request);
}

static enum error
add_login(
    struct attempt *attempt, struct fetch_request *request, struct ssh_key *key)
{
	const struct probe_target *target = attempt->target;
	struct str name;

	TRY(attempt_require(attempt, "username", &name));
	request->username = name.ptr;
	if (request->family == FETCH_SSH)
		return add_ssh_login(attempt, request, key);
	TRY(add_password(attempt, request));
	request->certificate = target->certificate;
	request->private_key = target->private_key;
	if (target->passphrase.len > 0)
		request->passphrase =
		    arena_copy(attempt->arena, target->passphrase).ptr;
	return OK;
}

/* FTPS on a port other than 990 begins in the clear and continues with AUTH
 * TLS. */
static const char *
scheme_of(const struct files_protocol *protocol, const struct host *host,
    struct fetch_request *request)
{
	if (protocol->protocol != PROTOCOL_FTPS)
		return protocol->scheme;
	request->use_tls = true;
	request->start_tls = host->port != FTPS_PORT;
	return request->start_tls ? "ftp" : "ftps";
}

/* Adds a note; all notes are shown together. */
static void
add_note(struct attempt *attempt, const char *note)
{
	attempt->note =
	    attempt->note == NULL
		? note
		: arena_printf(attempt->arena, "%s %s", note, attempt->note)
		      .ptr;
}

/* Notes the steps that passed before the end of the test. */
static void
note_passed(struct attempt *attempt, const struct fetch_request *request,
    const struct fetch_answer *answer)
{
	const struct dialog *dialog = &answer->dialog;
	enum probe_step stage = attempt->result->stage;

	if (request->use_tls && dialog->place > DIALOG_TLS && stage > PROBE_TLS)
		attempt_pass(attempt, PROBE_TLS, 0);
	if (dialog->is_logged_in && !dialog->is_unasked &&
	    stage > PROBE_AUTHENTICATION)
		attempt_pass(attempt, PROBE_AUTHENTICATION, 0);
}

static enum error
send(struct attempt *attempt, struct fetch_request *request,
    const struct ssh_key *key)
{
	struct fetch_answer *answer =
	    ARENA_NEW(attempt->arena, struct fetch_answer, 1);
	enum error error = attempt_fetch(attempt, request, answer);

	if (error != OK && error != ERROR_INVALID)
		return error;
	if (request->auth == FETCH_AUTH_SSH_KEY)
		error = ssh_blame(attempt, error, key, answer);
	note_passed(attempt, request, answer);
	TRY(error);
	attempt_pass(attempt, PROBE_RESPONSE, 0);
	if (answer->dialog.is_unasked)
		add_note(attempt,
		    "The server let the user in without asking for "
		    "the credentials, so they were not tested.");
	if (answer->dialog.reply == REPLY_UNKNOWN)
		add_note(attempt,
		    "The server does not list names (NLST), so the "
		    "root was entered, but not listed.");
	return OK;
}

enum error
attempt_files(struct attempt *attempt)
{
	const struct files_protocol *protocol = find_protocol(attempt);
	struct fetch_request request = { .family = protocol->family,
		.is_listing = true };
	struct ssh_key key = { 0 };
	struct host host;
	struct str path;

	TRY(render_root(attempt, protocol, &path));
	TRY(host_read(attempt, protocol->scheme,
	    attempt_is_secret(attempt, "root") ? STR("") : path, protocol->port,
	    &host));
	TRY(add_login(attempt, &request, &key));
	request.protocols = scheme_of(protocol, &host, &request);
	request.is_numeric = host.is_numeric;
	request.url = arena_printf(attempt->arena, "%s://%.*s:%u%.*s",
	    request.protocols, STR_FMT(host.name), host.port, STR_FMT(path))
			  .ptr;
	return send(attempt, &request, &key);
}
