# shellcheck shell=sh disable=SC2154 # the names that its readers set
# Small Debians to try the program in: read by the tests of this folder, which set
# $top, $folder (of the Debians), $golden (of the recorded answers, if any),
# $limit (seconds that a command inside may take), $root (one Debian's folder),
# $release and $apart (--net: commands get a network of their own). Needs root.

# Runs a command in the Debian, with mounts and processes of its own, all of
# which end with it. Without /proc Criterion runs nothing and says "passed".
inside() {
	# shellcheck disable=SC2016,SC2086 # for the inner shell; no word
	nice timeout --foreground -k 10 $limit \
		unshare $apart --mount --pid --fork --kill-child sh -c '
			ip link set lo up
			mount -t proc proc "$1/proc" &&
			mount -t tmpfs tmpfs "$1/dev/shm" || exit 1
			if [ -d "$2" ]; then
				mkdir -p "$1/build/golden" &&
				mount --bind "$2" "$1/build/golden" &&
				mount -o remount,bind,ro "$1/build/golden" ||
				exit 1
			fi
			root=$1
			shift 2
			chroot "$root" /usr/bin/env -i PATH="$PATH" HOME=/root \
				LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
				CONNECTORS_GOLDEN=/build/golden "$@"
		' sh "$root" "$golden" "$@" </dev/null
}

# Where this machine gets its own packages.
mirror() {
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	apt-get indextargets --no-release-info 'Created-By: Packages' \
		--format '$(SITE) $(RELEASE) $(COMPONENT)' |
		sed -n "s/ $suite main$//p" | head -n 1
}

# A Debian that was begun and not finished does not count. What debootstrap
# mounts ends with it.
make_root() {
	[ ! -d "$root" ] || return 0
	rm -rf "$root.new"
	from=$(mirror)
	[ -n "$from" ] &&
		unshare --mount debootstrap --variant=minbase "$release" \
			"$root.new" "$from" || return 1
	printf 'deb %s %s main\n' "$from" "$release" \
		>"$root.new/etc/apt/sources.list"
	apt-config dump | grep -E '^Acquire::(Check|http|https)' \
		>"$root.new/etc/apt/apt.conf.d/99here"
	# Nothing is started by being installed.
	printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
	chmod 755 "$root.new/usr/sbin/policy-rc.d"
	mv "$root.new" "$root"
}

# A clean copy of what git knows or would know.
copy_source() {
	rm -rf "$root/build"
	mkdir -p "$root/build/source" && cd "$top" &&
		git ls-files -coz --exclude-standard |
		tar --null --ignore-failed-read -cf - -T - 2>/dev/null |
			tar -xf - -C "$root/build/source"
}
