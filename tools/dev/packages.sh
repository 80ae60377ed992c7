# Installing what is missing, from Debian, asking for nothing that is there.

is_installed() {
	dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok'
}

# Names of packages that tools/packages.txt lists for a purpose and that are
# not installed: missing_packages up|test|bench|php|node|soak
missing_packages() {
	sed 's/#.*//' "$top/tools/packages.txt" |
	while read -r names purpose; do
		[ -n "$names" ] || continue
		[ "$purpose" = up ] || [ "$purpose" = "$1" ] || continue
		have=no
		for name in $(printf '%s' "$names" | tr '|' ' '); do
			if is_installed "$name"; then
				have=yes
			fi
		done
		[ $have = yes ] || printf '%s\n' "${names%%|*}"
	done
}

# Some of them come with a service (nginx, sshd, vsftpd) of which only the
# program is wanted: it is started neither now nor with the machine.
policy=/usr/sbin/policy-rc.d
units=/lib/systemd/system
scripts=/etc/init.d

# Whether packages that are installed now would start services: Debian asks this
# program (invoke-rc.d(8)).
services_are_denied() {
	denied=0
	[ ! -x "$policy" ] || "$policy" connectors-dev start >/dev/null 2>&1 ||
		denied=$?
	[ "$denied" = 101 ]
}

# One that is there is put aside, and comes back whatever happens.
deny_services() {
	allow_services
	if services_are_denied; then
		return
	fi
	trap allow_services EXIT
	trap 'exit 130' INT TERM
	$as_root sh -euc '
		[ ! -e "$1" ] || mv "$1" "$1.before-dev"
		printf "#!/bin/sh\n# Made by ./dev, for as long as it installs.\nexit 101\n" >"$1.dev"
		chmod 755 "$1.dev"
		mv "$1.dev" "$1"' sh "$policy"
}

allow_services() {
	if [ -e "$policy.before-dev" ]; then
		$as_root mv -f "$policy.before-dev" "$policy"
	elif grep -qs "Made by ./dev" "$policy"; then
		$as_root rm -f "$policy"
	fi
}

list_services() {
	for service in "$units"/*.service "$units"/*.socket "$units"/*.timer \
		"$scripts"/*; do
		[ ! -e "$service" ] || printf '%s\n' "$service"
	done
}

# disable_services LIST: those that are there now and were not then.
disable_services() {
	list_services | while read -r service; do
		case $1 in
		*"$service
"*) continue ;;
		esac
		case $service in
		*@.*) ;;
		"$scripts"/*)
			$as_root update-rc.d "${service##*/}" disable ||
				true
			;;
		*)
			command -v systemctl >/dev/null || continue
			$as_root systemctl --quiet disable "${service##*/}" ||
				true
			;;
		esac </dev/null >/dev/null 2>&1
	done
}

fetch_packages() {
	# The lists may be old or absent: only then are they fetched.
	$as_root apt-get install -y -q --no-install-recommends "$@" \
		>/dev/null 2>&1 || {
		$as_root apt-get update -q >/dev/null
		$as_root apt-get install -y -q --no-install-recommends \
			"$@" >/dev/null
	}
}

install_packages() {
	command -v dpkg-query >/dev/null || return 0
	missing=$(missing_packages "$1")
	[ -n "$missing" ] || return 0
	say "installing:" $missing
	as_root=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null ||
			die "please install these first:" $missing
		as_root=sudo
	fi
	export DEBIAN_FRONTEND=noninteractive
	services_before=$(list_services)"
"
	deny_services
	fetch_packages $missing || die "apt-get could not install them"
	disable_services "$services_before"
	allow_services
	trap - EXIT INT TERM
}
