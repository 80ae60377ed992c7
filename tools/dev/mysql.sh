# MySQL: the one that is installed, or Debian's (which only sid has), unpacked.

mysql_is_installed() {
	command -v mysqld >/dev/null && ! mysqld --version | grep -qi mariadb
}

mysql_pick() {
	if mysql_is_installed; then
		database_server=mysqld
	else
		cached mysql fetch_mysql
		database_server=$cache/mysql/mysqld
	fi
}

fetch_mysql() {
	sid_download "$1/apt" mysql-server-core &&
		mkdir "$1/root" && unpack "$1/root" "$1/apt/archives"/*.deb &&
		rm -r "$1/apt" && write_mysqld "$1" && "$1/mysqld" --version
}

# Sid's programs need sid's libraries, and so sid's loader, which takes the
# place of the machine's own.
write_mysqld() {
	cat >"$1/mysqld" <<-'EOF'
		#!/bin/sh
		# Made by ./dev. --no-defaults may only stand first.
		root=$(cd "$(dirname "$0")" && pwd -P)/root
		for loader in "$root"/usr/lib*/ld-linux*.so.*; do :; done
		for libraries in "$root"/usr/lib/*-linux-gnu; do :; done
		[ "${1-}" != --no-defaults ] || shift
		exec "$loader" --library-path "$libraries" \
			"$root/usr/sbin/mysqld" --no-defaults \
			--basedir="$root/usr" \
			--lc-messages-dir="$root/usr/share/mysql" \
			--character-sets-dir="$root/usr/share/mysql/charsets" \
			--plugin-dir="$root/usr/lib/mysql/plugin" \
			--secure-file-priv=NULL "$@"
	EOF
	chmod 755 "$1/mysqld"
}
