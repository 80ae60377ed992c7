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
	# The lists may be old or absent: only then are they fetched.
	$as_root apt-get install -y -q --no-install-recommends $missing \
		>/dev/null 2>&1 || {
		$as_root apt-get update -q >/dev/null
		$as_root apt-get install -y -q --no-install-recommends \
			$missing >/dev/null
	} || die "apt-get could not install them"
}
