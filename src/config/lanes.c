/*
 * The lanes: whether each can listen where its setting says, whether two share
 * a place, and whether at least one has workers.
 */
#include <config.h>

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/account.h"
#include "config/internal.h"
#include "config/settings_table.h"

#define GROUPS_MAX 256 /* most groups of a process that are looked at */

/* A lane that is on, and where. */
struct lane_look {
	const struct look *look;
	enum lane lane;
	const struct lane_settings *settings;
	struct listen_place place;
};

static const char *
setting_of(const struct lane_look *l, const char *name)
{
	return arena_printf(
	    l->look->config->arena, "%s.%s", lane_name(l->lane), name)
	    .ptr;
}

static void
tell(const struct lane_look *l, const char *name, struct str fault)
{
	if (fault.len > 0)
		config_fault(l->look->config, setting_of(l, name), 0,
		    l->look->faults, "%.*s", STR_FMT(fault));
}

static struct str
judge_path(const struct lane_look *l)
{
	return files_socket(l->look, l->place.name);
}

/* The port itself may be taken, for instance by the running service. */
static int
error_of_bind(const struct addrinfo *found)
{
	int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
	int on = 1, error = 0;

	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, found->ai_addr, found->ai_addrlen) != 0 &&
	    errno != EADDRINUSE)
		error = errno;
	close(fd);
	return error;
}

static struct str
judge_address(const struct lane_look *l)
{
	struct arena *arena = l->look->config->arena;
	struct addrinfo *found;
	int failure = listen_look_up(&l->place.tcp, true, &found);
	int error = 0;

	if (failure != 0)
		return arena_printf(arena, "cannot listen on %s: %s",
		    l->settings->listen, gai_strerror(failure));
	if (l->look->use == CONFIG_START)
		error = error_of_bind(found);
	freeaddrinfo(found);
	return error == 0 ? NO_FAULT
			  : arena_printf(arena, "cannot listen on %s: %s",
				l->settings->listen, strerror(error));
}

static struct str
judge_nothing(const struct lane_look *l)
{
	(void)l;
	return NO_FAULT;
}

#ifdef HAVE_SYSTEMD
static struct str
judge_systemd(const struct lane_look *l)
{
	(void)l;
	if (sd_booted() > 0 || sd_listen_fds(0) > 0)
		return NO_FAULT;
	return STR("systemd does not run here, so nobody passes sockets; "
		   "use unix:/path");
}
#else
static struct str
judge_systemd(const struct lane_look *l)
{
	(void)l;
	return STR("this program was built without libsystemd; use "
		   "unix:/path");
}
#endif

static struct str (*const judges[])(const struct lane_look *) = {
	[LISTEN_OFF] = judge_nothing,
	[LISTEN_UNIX] = judge_path,
	[LISTEN_TCP] = judge_address,
	[LISTEN_FD] = judge_nothing, /* only the start can tell */
	[LISTEN_SYSTEMD] = judge_systemd,
};

/* Root may give a socket to any group, others only to groups that they are in.
 */
static bool
may_give_to(const char *group)
{
	gid_t groups[GROUPS_MAX], gid;
	int n = getgroups(GROUPS_MAX, groups);

	if (geteuid() == 0 || !account_find_group(group, &gid) ||
	    gid == getegid())
		return true;
	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return false;
}

static void
check_owner(const struct lane_look *l)
{
	const struct lane_settings *s = l->settings;
	struct arena *arena = l->look->config->arena;
	uid_t uid;

	if (l->look->use != CONFIG_START)
		return;
	if (s->owner[0] != '\0' && account_find_user(s->owner, &uid) &&
	    geteuid() != 0 && uid != geteuid())
		tell(l, "owner",
		    arena_printf(
			arena, "only root can give a socket to %s", s->owner));
	if (s->group[0] != '\0' && !may_give_to(s->group))
		tell(l, "group",
		    arena_printf(arena,
			"only root, or who is in it, can give a socket to the "
			"group %s",
			s->group));
}

static void
check_lane(const struct lane_look *l)
{
	tell(l, "listen", judges[l->place.kind](l));
	if (l->place.kind != LISTEN_UNIX)
		return;
	check_owner(l);
	if ((l->settings->mode & 0222) == 0)
		tell(l, "mode",
		    STR("nobody could connect: that needs the "
			"right to write (0660)"));
}

static bool
is_any(const struct sockaddr *a)
{
	const struct sockaddr_in *in = (const void *)a;
	const struct sockaddr_in6 *in6 = (const void *)a;

	if (a->sa_family == AF_INET)
		return in->sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
}

/* Whether two addresses with the same port meet; `::` includes IPv4. */
static bool
addresses_meet(const struct addrinfo *a, const struct addrinfo *b)
{
	bool same = a->ai_family == b->ai_family;

	if (is_any(a->ai_addr) && (same || a->ai_family == AF_INET6))
		return true;
	if (is_any(b->ai_addr) && (same || b->ai_family == AF_INET6))
		return true;
	return same && a->ai_addrlen == b->ai_addrlen &&
	       memcmp(a->ai_addr, b->ai_addr, a->ai_addrlen) == 0;
}

static bool
tcp_meets(const struct host_port *a, const struct host_port *b)
{
	struct addrinfo *one = NULL, *other = NULL;
	bool meet = false;

	if (a->port != b->port)
		return false;
	if (listen_look_up(a, true, &one) == 0 &&
	    listen_look_up(b, true, &other) == 0)
		meet = addresses_meet(one, other);
	if (one != NULL)
		freeaddrinfo(one);
	if (other != NULL)
		freeaddrinfo(other);
	return meet;
}

/* Whether two lanes listen at one place that is not a path. */
static bool
places_meet(const struct listen_place *a, const struct listen_place *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case LISTEN_TCP:
		return tcp_meets(&a->tcp, &b->tcp);
	case LISTEN_FD:
		return a->fd == b->fd;
	case LISTEN_SYSTEMD:
		return strcmp(a->name, b->name) == 0;
	case LISTEN_OFF:
	case LISTEN_UNIX:
		return false;
	}
	return false;
}

/* For each pair of lanes once. */
static void
check_places(const struct lane_look *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (places_meet(&all[j].place, &all[i].place))
				tell(&all[i], "listen",
				    arena_printf(all[i].look->config->arena,
					"%s is where %s.listen is",
					all[i].settings->listen,
					lane_name(all[j].lane)));
}

/* A file of some setting. */
struct used_file {
	const char *setting;
	const char *path;  /* in its normal spelling */
	const char *fresh; /* of a socket, while it is made; NULL: none */
	bool is_written;   /* by the service */
};

static bool
is_written(enum setting_names names)
{
	return names == NAMES_LOG || names == NAMES_PID_FILE ||
	       names == NAMES_LISTENER;
}

/* The path that a setting names; NULL: none, or none that matters. */
static const char *
path_of(const struct look *look, const struct setting *s)
{
	const char *text;
	struct listen_place place;

	if (setting_origin(s, look->config)->refused ||
	    (s->names != NAMES_FILE && s->names != NAMES_KEYRING &&
		s->names != NAMES_CERTIFICATES && !is_written(s->names)))
		return NULL;
	text = setting_text(s, look->config);
	if (s->names == NAMES_LISTENER &&
	    (!listen_parse(text, &place) || place.kind != LISTEN_UNIX))
		return NULL;
	if (s->names == NAMES_LISTENER)
		text = place.name;
	return text[0] == '\0' || files_is_device(text) ? NULL : text;
}

static size_t
list_files(const struct look *look, struct used_file *ret)
{
	struct arena *arena = look->config->arena;
	size_t n = 0;

	for (size_t i = 0; i < n_settings; i++) {
		const struct setting *s = &settings[i];
		const char *path = path_of(look, s);

		if (path == NULL)
			continue;
		path = files_normal(arena, path);
		ret[n] = (struct used_file){
			.setting =
			    arena_printf(arena, "%s.%s", s->section, s->name)
				.ptr,
			.path = path,
			.is_written = is_written(s->names),
		};
		if (s->names == NAMES_LISTENER)
			ret[n].fresh =
			    arena_printf(arena, "%s" LISTEN_FRESH_SUFFIX, path)
				.ptr;
		n++;
	}
	return n;
}

static bool
files_meet(const struct used_file *a, const struct used_file *b)
{
	if (!a->is_written && !b->is_written)
		return false;
	return strcmp(a->path, b->path) == 0 ||
	       (a->fresh != NULL && strcmp(a->fresh, b->path) == 0) ||
	       (b->fresh != NULL && strcmp(b->fresh, a->path) == 0);
}

static void
check_files(const struct look *look)
{
	struct used_file *files =
	    ARENA_NEW(look->config->arena, struct used_file, n_settings);
	size_t n = list_files(look, files);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (files_meet(&files[j], &files[i]))
				config_fault(look->config, files[i].setting, 0,
				    look->faults, "%s is the file of %s too",
				    files[i].path, files[j].setting);
}

/* Refuses an inherited listener without workers: another process keeps it open,
 * so clients could connect and would wait for ever. */
static void
check_workers(const struct lane_look *l)
{
	struct listen_place place;

	if (l->settings->workers == 0 &&
	    listen_parse(l->settings->listen, &place) &&
	    listen_is_inherited(&place))
		tell(l, "workers",
		    arena_printf(l->look->config->arena,
			"nobody would serve what comes to %s.listen = %s",
			lane_name(l->lane), l->settings->listen));
}

/* Whether the value was refused: it is unknown, and has been reported. */
static bool
is_refused(const struct lane_look *l)
{
	const struct config *config = l->look->config;

	return config_origin(config, setting_of(l, "listen"))->refused ||
	       config_origin(config, setting_of(l, "workers"))->refused;
}

static void
check_any_workers(const struct look *look, size_t n_lanes)
{
	if (n_lanes == 0 && look->use != CONFIG_LOOK)
		config_fault(look->config,
		    look->config->lanes[LANE_API].listen[0] == '\0'
			? "api.listen"
			: "api.workers",
		    0, look->faults,
		    "there is no lane with a listener and workers");
}

void
lanes_check(const struct look *look)
{
	struct lane_look lanes[LANE__MAX];
	size_t n = 0, n_refused = 0;

	for (unsigned i = 0; i < LANE__MAX; i++) {
		struct lane_look l = { look, (enum lane)i,
			&look->config->lanes[i], { 0 } };

		if (is_refused(&l)) {
			n_refused++;
			continue;
		}
		check_workers(&l);
		if (lane_is_on(look->config, (enum lane)i) &&
		    listen_parse(l.settings->listen, &l.place))
			lanes[n++] = l;
	}
	for (size_t i = 0; i < n; i++)
		check_lane(&lanes[i]);
	check_places(lanes, n);
	check_files(look);
	check_any_workers(look, n + n_refused);
}
