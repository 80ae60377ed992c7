# The private database server: MariaDB, or MySQL where that is installed; own
# data folder, a unix socket, no TCP. Its root needs no password: the folder of
# the socket is private (common.sh).

database_pick() {
	if command -v mariadbd >/dev/null; then
		database_server=mariadbd database_client=mariadb
	elif command -v mysqld >/dev/null; then
		database_server=mysqld database_client=mysql
	else
		die "there is neither mariadbd nor mysqld"
	fi
	# Both refuse to run as root unless told so.
	database_user=$(id -un)
}

# The client as the server's root user: database_query ARGS...
database_query() {
	"$database_client" --no-defaults --socket="$run/database.sock" \
		--user=root "$@"
}

database_create() {
	[ ! -d "$state/database/mysql" ] || return 0
	say "creating the database"
	private_folder "$state/database"
	# One of the two is a shell script that no path with a blank survives.
	link=$(mktemp -d)
	ln -s "$state/database" "$link/database"
	if [ $database_server = mariadbd ]; then
		mariadb-install-db --no-defaults --user="$database_user" \
			--datadir="$link/database" --tmpdir="$link" \
			--skip-test-db \
			--auth-root-authentication-method=normal
	else
		mysqld --no-defaults --initialize-insecure \
			--user="$database_user" --datadir="$link/database" \
			--tmpdir="$link"
	fi >"$log/database-create.log" 2>&1 || {
		rm -rf "$state/database"
		show_log "$log/database-create.log"
		die "the database could not be created"
	}
	rm -r "$link"
}

database_start() {
	if running database; then
		return 0
	fi
	# A server that starts removes what others left in its tmpdir, or have
	# there: no two may share one.
	private_folder "$state/database-tmp"
	set -- --no-defaults --user="$database_user" \
		--datadir="$state/database" --tmpdir="$state/database-tmp" \
		--socket="$run/database.sock" \
		--pid-file="$run/database.pid" \
		--log-error="$log/database.log" \
		--character-set-server=utf8mb4 \
		--collation-server=utf8mb4_unicode_520_ci \
		--innodb-buffer-pool-size="${CONNECTORS_BUFFER_POOL:-128M}" \
		--max-connections=200 --skip-name-resolve --skip-networking
	if [ $database_server = mysqld ]; then
		set -- "$@" --mysqlx=OFF --disable-log-bin \
			--secure-file-priv=NULL
	fi
	setsid "$database_server" "$@" </dev/null >>"$log/database.log" 2>&1 \
		9>&- &
	wait_for 60 database_query -e 'SELECT 1' || {
		show_log "$log/database.log"
		die "the database does not start"
	}
}

# The application's account; its password is in a file only we can read.
database_account() {
	[ ! -s "$etc/database-password" ] || return 0
	password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	database_query <<-EOF
		CREATE DATABASE IF NOT EXISTS connectors
		  CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
		CREATE USER IF NOT EXISTS connectors@localhost;
		ALTER USER connectors@localhost IDENTIFIED BY '$password';
		GRANT ALL ON connectors.* TO connectors@localhost;
	EOF
	(umask 077 && printf '%s\n' "$password" >"$etc/database-password")
}

# CONNECTORS_DATABASE_SETUP: a file of SQL for the server's root, as SET GLOBAL,
# to be run once the account is there.
database_set_up() {
	[ -z "${CONNECTORS_DATABASE_SETUP-}" ] ||
		database_query <"$CONNECTORS_DATABASE_SETUP"
}
