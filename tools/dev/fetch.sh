# Servers that are unpacked and not installed: into a folder that all stacks of
# a checkout share, so that each is fetched once.

cache=${CONNECTORS_CACHE:-$top/.cache}

# What cannot be had here is no failure: tests count it as skipped.
unavailable() {
	printf 'dev: %s\n' "$*" >&2
	exit 77
}

# cached NAME FETCH: makes $cache/NAME with the command FETCH, which is given
# the folder to fill, unless it is there.
cached() {
	cached_to=$cache/$1 cached_log=$cache/$1.log
	[ ! -d "$cached_to" ] || return 0
	mkdir -p "$cache"
	say "fetching $1"
	(
		flock 7
		[ ! -d "$cached_to" ] || exit 0
		rm -rf "$cached_to.new"
		mkdir "$cached_to.new" && "$2" "$cached_to.new" &&
			mv "$cached_to.new" "$cached_to"
	) 7>"$cache/lock" 9>&- >"$cached_log" 2>&1 || {
		show_log "$cached_log"
		unavailable "$1 could not be fetched, see $cached_log"
	}
}

# unpack FOLDER ARCHIVES...
unpack() {
	unpack_to=$1
	shift
	for archive in "$@"; do
		dpkg-deb -x "$archive" "$unpack_to" || return 1
	done
}

# Debian's mirror of this machine, as its apt knows it.
debian_mirror() {
	# shellcheck disable=SC2016 # apt's variable
	apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
		'Label: Debian' 'Component: main' | sed -n 1p
}

# The lists tell which mirror is Debian's; on a new machine there are none.
know_mirror() {
	mirror=$(debian_mirror)
	if [ -z "$mirror" ] && [ "$(id -u)" = 0 ]; then
		apt-get update -q
		mirror=$(debian_mirror)
	fi
	[ -n "$mirror" ] || {
		echo "apt knows no mirror of Debian"
		return 1
	}
}

# sid_download FOLDER PACKAGES...: with all that they need, into
# FOLDER/archives. This machine's own state of apt has no part in it.
sid_download() {
	sid=$1
	shift
	know_mirror || return 1
	mkdir -p "$sid/lists/partial" "$sid/archives/partial" || return 1
	: >"$sid/status"
	cat >"$sid/sources.list" <<-EOF
		deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main
	EOF
	cat >"$sid/apt.conf" <<-EOF
		Dir::State "$sid";
		Dir::State::lists "$sid/lists";
		Dir::State::status "$sid/status";
		Dir::Cache "$sid";
		Dir::Etc::sourcelist "$sid/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Sandbox::User "root";
		APT::Install-Recommends "false";
		Debug::NoLocking "true";
	EOF
	apt-get -c="$sid/apt.conf" update -q &&
		apt-get -c="$sid/apt.conf" install -y -q --download-only "$@"
}
