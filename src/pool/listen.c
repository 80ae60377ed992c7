/*
 * Opens listening sockets.
 */
#include <config.h>

#include "pool/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/account.h"
#include "base/listen.h"

/* A worker takes a request once all of its head lies in the kernel's buffer, so
 * the longest head must fit into it. */
#define RECEIVE_BUFFER (512 << 10)

_Static_assert(LISTEN_PATH_MAX + sizeof(LISTEN_FRESH_SUFFIX) ==
		   sizeof(((struct sockaddr_un *)0)->sun_path),
    "the longest path and its suffix fit");

static enum error
system_problem(struct problem *reterr, const char *what, const char *name)
{
	return problem_log(reterr, ERROR_INTERNAL, "cannot %s %s: %s", what,
	    name, strerror(errno));
}

/* Whether a process listens there; also true when that cannot be told. */
static bool
is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool alive;

	if (fd < 0)
		return true;
	alive = connect(fd, (const struct sockaddr *)address,
		    sizeof(*address)) == 0 ||
		errno == EAGAIN;
	close(fd);
	return alive;
}

/* Only a socket without a listening process may be replaced. */
static enum error
check_place(const struct sockaddr_un *address, struct problem *reterr)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT
			   ? OK
			   : system_problem(reterr, "look at", path);
	if (!S_ISSOCK(st.st_mode))
		return problem_log(reterr, ERROR_INTERNAL,
		    "%s is there and is no socket", path);
	if (is_alive(address))
		return problem_log(reterr, ERROR_INTERNAL,
		    "%s: another process listens on it", path);
	return OK;
}

static enum error
find_owner(const struct lane_settings *lane, uid_t *ret_uid, gid_t *ret_gid,
    struct problem *reterr)
{
	*ret_uid = (uid_t)-1;
	*ret_gid = (gid_t)-1;
	if (lane->owner[0] != '\0' && !account_find_user(lane->owner, ret_uid))
		return problem_log(
		    reterr, ERROR_INTERNAL, "there is no user %s", lane->owner);
	if (lane->group[0] != '\0' && !account_find_group(lane->group, ret_gid))
		return problem_log(reterr, ERROR_INTERNAL,
		    "there is no group %s", lane->group);
	return OK;
}

/* A path that listen_parse() took fits with the suffix. */
static struct sockaddr_un
make_address(const char *path, const char *suffix)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s%s", path, suffix);
	return address;
}

/* Removes the socket that a start that failed half-way has left. */
static void
remove_fresh(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
}

/* Binds under another name, sets mode and owner, listens. */
static enum error
prepare_socket(int fd, const struct sockaddr_un *fresh,
    const struct lane_settings *lane, struct problem *reterr)
{
	const char *path = fresh->sun_path;
	uid_t uid;
	gid_t gid;

	TRY(find_owner(lane, &uid, &gid, reterr));
	remove_fresh(path);
	if (bind(fd, (const struct sockaddr *)fresh, sizeof(*fresh)) != 0)
		return system_problem(reterr, "bind", path);
	if ((uid != (uid_t)-1 || gid != (gid_t)-1) &&
	    lchown(path, uid, gid) != 0)
		return system_problem(reterr, "change the owner of", path);
	if (chmod(path, lane->mode) != 0)
		return system_problem(reterr, "change the mode of", path);
	if (listen(fd, (int)lane->backlog) != 0)
		return system_problem(reterr, "listen on", path);
	return OK;
}

static void
remember_path(struct listener *listener, const char *path)
{
	struct stat st;

	listener->path = strdup(path);
	if (listener->path == NULL)
		abort();
	if (lstat(path, &st) != 0)
		return;
	listener->device = st.st_dev;
	listener->inode = st.st_ino;
}

/* Makes the folder of the default sockets if it is missing. */
static void
make_run_folder(const char *path)
{
	/* It exists, or bind() will say why not. */
	if (!str_starts_with(str_of(path), STR(LISTEN_RUN_FOLDER "/")) ||
	    mkdir(LISTEN_RUN_FOLDER, 0755) != 0)
		return;
	/* Whatever the umask is: the web server has to enter it. */
	if (chmod(LISTEN_RUN_FOLDER, 0755) != 0)
		errno = 0;
}

static enum error
open_unix(const struct listen_place *place, const struct lane_settings *lane,
    struct listener *ret, struct problem *reterr)
{
	const char *path = place->name;
	struct sockaddr_un address = make_address(path, "");
	struct sockaddr_un fresh = make_address(path, LISTEN_FRESH_SUFFIX);

	make_run_folder(path);
	TRY(check_place(&address, reterr));
	ret->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ret->fd < 0)
		return system_problem(reterr, "make a socket for", path);
	TRY(prepare_socket(ret->fd, &fresh, lane, reterr));
	if (rename(fresh.sun_path, path) != 0)
		return system_problem(reterr, "name a socket", path);
	ret->ours = true;
	remember_path(ret, path);
	return OK;
}

bool
listener_is_unix(int fd)
{
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       domain == AF_UNIX;
}

/* Sets what accepted connections inherit; without effect on a unix socket.
 * Answers are written in pieces that must not wait for each other. */
static void
tune(int fd)
{
	int on = 1, size = RECEIVE_BUFFER;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static enum error
bind_tcp(const struct addrinfo *found, const struct lane_settings *lane,
    struct listener *ret, struct problem *reterr)
{
	int on = 1;

	ret->fd =
	    socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
	if (ret->fd < 0)
		return system_problem(
		    reterr, "make a socket for", lane->listen);
	setsockopt(ret->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	tune(ret->fd);
	if (bind(ret->fd, found->ai_addr, found->ai_addrlen) != 0)
		return system_problem(reterr, "bind", lane->listen);
	if (listen(ret->fd, (int)lane->backlog) != 0)
		return system_problem(reterr, "listen on", lane->listen);
	ret->ours = true;
	return OK;
}

static enum error
open_tcp(const struct listen_place *place, const struct lane_settings *lane,
    struct listener *ret, struct problem *reterr)
{
	struct addrinfo *found;
	enum error error;
	int failure = listen_look_up(&place->tcp, true, &found);

	if (failure != 0)
		return problem_log(reterr, ERROR_INTERNAL,
		    "cannot listen on %s: %s", lane->listen,
		    gai_strerror(failure));
	error = bind_tcp(found, lane, ret, reterr);
	freeaddrinfo(found);
	return error;
}

static enum error
take_fd(int fd, const char *name, struct listener *ret, struct problem *reterr)
{
	int listens = 0;
	socklen_t size = sizeof(listens);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
	    listens == 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "%s is no listening socket", name);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	tune(fd);
	ret->fd = fd;
	return OK;
}

static enum error
take_numbered(const struct listen_place *place,
    const struct lane_settings *lane, struct listener *ret,
    struct problem *reterr)
{
	return take_fd((int)place->fd, lane->listen, ret, reterr);
}

#ifdef HAVE_SYSTEMD
static void
free_names(char **names)
{
	for (char **name = names; name != NULL && *name != NULL; name++)
		free(*name);
	free(names);
}

static enum error
take_systemd(const struct listen_place *place, const struct lane_settings *lane,
    struct listener *ret, struct problem *reterr)
{
	const char *name = place->name;
	char **names = NULL;
	int n = sd_listen_fds_with_names(0, &names);
	int fd = -1;

	for (int i = 0; i < n && fd < 0; i++)
		if (strcmp(names[i], name) == 0)
			fd = SD_LISTEN_FDS_START + i;
	free_names(names);
	if (fd < 0)
		return problem_log(reterr, ERROR_INTERNAL,
		    "systemd passed no socket named %s", name);
	return take_fd(fd, lane->listen, ret, reterr);
}
#else
static enum error
take_systemd(const struct listen_place *place, const struct lane_settings *lane,
    struct listener *ret, struct problem *reterr)
{
	(void)place;
	(void)ret;
	return problem_log(reterr, ERROR_INTERNAL,
	    "%s: built without libsystemd", lane->listen);
}
#endif

static enum error
open_nothing(const struct listen_place *place, const struct lane_settings *lane,
    struct listener *ret, struct problem *reterr)
{
	(void)place;
	(void)lane;
	(void)ret;
	(void)reterr;
	return OK;
}

static enum error (*const openers[])(const struct listen_place *,
    const struct lane_settings *, struct listener *, struct problem *) = {
	[LISTEN_OFF] = open_nothing,
	[LISTEN_UNIX] = open_unix,
	[LISTEN_TCP] = open_tcp,
	[LISTEN_FD] = take_numbered,
	[LISTEN_SYSTEMD] = take_systemd,
};

enum error
listener_open(const struct lane_settings *lane, struct listener *ret,
    struct problem *reterr)
{
	struct listener listener = { .fd = -1 };
	struct listen_place place;
	enum error error;

	if (!listen_parse(lane->listen, &place))
		return problem_log(reterr, ERROR_INTERNAL,
		    "\"%s\" is no place to listen at", lane->listen);
	error = openers[place.kind](&place, lane, &listener, reterr);
	if (error != OK) {
		listener_close(&listener);
		return error;
	}
	if (listener.fd >= 0)
		fcntl(listener.fd, F_SETFL,
		    fcntl(listener.fd, F_GETFL) | O_NONBLOCK);
	*ret = listener;
	return OK;
}

void
listener_unlink(struct listener *listener)
{
	struct stat st;

	if (listener->path == NULL || lstat(listener->path, &st) != 0)
		return;
	if (st.st_dev == listener->device && st.st_ino == listener->inode)
		unlink(listener->path);
}

void
listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	free(listener->path);
	*listener = (struct listener){ .fd = -1 };
}
