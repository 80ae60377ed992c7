# The private database servers of a stack: one of MariaDB (or MySQL), or three
# that are a cluster. Each has a folder for data and one for temporary files,
# and a unix socket; only clusters listen on TCP too. Root needs no password: the
# folder of the sockets is private (common.sh).

database_kinds="mariadb mysql galera group-replication"

# A stack stays of the kind it was made as; a new one is of the kind that is
# asked for: choose_kind [KIND] [yes: one member alone takes writes]
choose_kind() {
	known_kind=$(fact database "")
	[ -n "$known_kind" ] || [ ! -d "$state/database" ] ||
		known_kind=$(default_kind)
	database_kind=${1:-${known_kind:-${CONNECTORS_DATABASE:-$(default_kind)}}}
	case " $database_kinds " in
	*" $database_kind "*) ;;
	*) die "--database: there is no $database_kind ($database_kinds)" ;;
	esac
	[ "$database_kind" = "${known_kind:-$database_kind}" ] ||
		die "the stack in $state has $known_kind, not $database_kind:" \
			"another --state takes another"
	choose_primary "${2-}"
	keep_fact database "$database_kind"
	count_nodes
}

choose_primary() {
	[ "$1" = yes ] || return 0
	[ "$database_kind" = group-replication ] ||
		die "--single-primary is for group-replication"
	[ -z "$known_kind" ] || [ "$(fact single-primary OFF)" = ON ] ||
		die "the group in $state is multi-primary"
	keep_fact single-primary ON
}

default_kind() {
	if ! command -v mariadbd >/dev/null && mysql_is_installed; then
		echo mysql
	else
		echo mariadb
	fi
}

is_cluster() {
	case $database_kind in
	galera | group-replication) return 0 ;;
	esac
	return 1
}

count_nodes() {
	database_nodes=1
	! is_cluster || database_nodes="1 2 3"
}

# Names the programs; fetches what is missing.
database_pick() {
	[ -n "$database_kind" ] || choose_kind
	# Both refuse to run as root unless told so.
	database_user=$(id -un)
	case $database_kind in
	mariadb)
		database_server=mariadbd
		command -v mariadbd >/dev/null || die "there is no mariadbd"
		;;
	galera) galera_pick ;;
	*) mysql_pick ;;
	esac
	client_pick
}

# Either client talks to either server.
client_pick() {
	database_client=mariadb
	command -v mariadb >/dev/null || database_client=mysql
}

# The client as the server's root user: database_query ARGS...
database_query() {
	node_query 1 "$@"
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
		"$database_server" --no-defaults --initialize-insecure \
			--user="$database_user" --datadir="$link/database" \
			--tmpdir="$link"
	fi >"$log/database-create.log" 2>&1 || {
		rm -rf "$state/database"
		show_log "$log/database-create.log"
		die "the database could not be created"
	}
	rm -r "$link"
	cluster_create
}

# server_start NAME ARGS...: does not wait for it.
server_start() {
	server_name=$1
	shift
	# A server that starts removes what others left in its tmpdir, or have
	# there: no two may share one.
	private_folder "$state/$server_name-tmp"
	rm -f "$run/$server_name.pid"
	setsid "$database_server" --no-defaults --user="$database_user" \
		--datadir="$state/$server_name" \
		--tmpdir="$state/$server_name-tmp" \
		--socket="$run/$server_name.sock" \
		--pid-file="$run/$server_name.pid" \
		--log-error="$log/$server_name.log" \
		--character-set-server=utf8mb4 \
		--collation-server=utf8mb4_unicode_520_ci \
		--innodb-buffer-pool-size="${CONNECTORS_BUFFER_POOL:-128M}" \
		--max-connections=200 --skip-name-resolve "$@" \
		</dev/null >>"$log/$server_name.log" 2>&1 9>&- &
	# As the server will, once it is half up.
	printf '%s\n' $! >"$run/$server_name.pid"
}

database_start() {
	if is_cluster; then
		choose_ports
		cluster_start
		return
	fi
	if running database; then
		return 0
	fi
	set -- --skip-networking
	if [ $database_kind = mysql ]; then
		set -- "$@" --mysqlx=OFF --disable-log-bin \
			--secure-file-priv=NULL
	fi
	server_start database "$@"
	wait_for 60 database_query -e 'SELECT 1' || {
		show_log "$log/database.log"
		die "the database does not start"
	}
}

database_stop() {
	for node in $(nodes_backwards); do
		stop "$(node_name "$node")" TERM 60
	done
}

databases_run() {
	for node in $database_nodes; do
		running "$(node_name "$node")" || return 1
	done
}

# The application's account; its password is in a file only we can read.
database_account() {
	[ ! -s "$etc/database-password" ] || return 0
	# By the socket; the nodes of a cluster are reached by TCP as well.
	database_from=localhost
	if is_cluster; then
		database_from="localhost 127.0.0.1"
		# MariaDB's install script made them; they have no password.
		database_query -e "DROP USER IF EXISTS root@'127.0.0.1',
			root@'::1'"
	fi
	password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	database_query -e 'CREATE DATABASE IF NOT EXISTS connectors
		CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci'
	for host in $database_from; do
		database_query <<-EOF
			CREATE USER IF NOT EXISTS connectors@'$host';
			ALTER USER connectors@'$host' IDENTIFIED BY '$password';
			GRANT ALL ON connectors.* TO connectors@'$host';
		EOF
	done
	(umask 077 && printf '%s\n' "$password" >"$etc/database-password")
}

# CONNECTORS_DATABASE_SETUP: a file of SQL for the server's root, as SET GLOBAL,
# to be run once the account is there.
database_set_up() {
	[ -z "${CONNECTORS_DATABASE_SETUP-}" ] ||
		database_query <"$CONNECTORS_DATABASE_SETUP"
}
