# What ./dev can be told to do.

parse_up() {
	demo=yes
	new_port="" new_workers="" new_database="" single_primary=""
	with_api=yes
	while [ $# -gt 0 ]; do
		case $1 in
		--port=* | --workers=* | --state=* | --database=*)
			up_name=${1%%=*} up_value=${1#*=}
			shift
			set -- "$up_name" "$up_value" "$@"
			continue
			;;
		--port) new_port=${2-} ;;
		--workers) new_workers=${2-} ;;
		--state) state=${2-} ;;
		--database) new_database=${2-} ;;
		--no-demo | --no-api | --single-primary)
			parse_flag "$1"
			shift
			continue
			;;
		*) die "up: what is $1?" ;;
		esac
		[ -n "${2-}" ] || die "up: $1 needs a value"
		shift 2
	done
	check_number port "$new_port" 65535
	check_number workers "$new_workers" 256
}

parse_flag() {
	case $1 in
	--no-demo) demo=no ;;
	--no-api) with_api=no ;;
	--single-primary) single_primary=yes ;;
	esac
}

# check_number NAME VALUE MOST
check_number() {
	case $2 in
	"") ;;
	*[!0-9]* | 0*) die "up: --$1: $2 is not a number" ;;
	*) [ ${#2} -le 5 ] && [ "$2" -le "$3" ] ||
		die "up: --$1: $2 is more than $3" ;;
	esac
}

# Whether nginx could listen there is tried before anything is done that takes
# time. Perl is on every Debian; elsewhere nginx says so in the end.
check_port() {
	if running nginx && [ "$port" = "$(fact port none)" ]; then
		return
	fi
	command -v perl >/dev/null || return 0
	port_fault=$(perl -MSocket -e '
		socket(my $s, PF_INET, SOCK_STREAM, 0) or die "$!\n";
		setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
		bind($s, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die "$!\n";
		listen($s, 1) or die "$!\n"' "$port" 2>&1) ||
		die "port $port of 127.0.0.1: $port_fault" \
			"(./dev up --port N takes another)"
}

all_run() {
	databases_run && running connectors && running nginx && answers
}

command_up() {
	parse_up "$@"
	open_state make
	lock_state
	choose_kind "$new_database" "$single_primary"
	if [ $with_api = no ]; then
		install_packages up
		databases_up
		return
	fi
	if all_run; then
		say "The stack in $state runs already."
		if [ -n "$new_port" ] && [ "$new_port" != "$port" ]; then
			die "it is on port $port; ./dev down first to move it"
		fi
		greet
		return
	fi
	[ -z "$new_port" ] || port=$new_port
	[ -z "$new_workers" ] || workers=$new_workers
	url=http://127.0.0.1:$port
	check_port
	keep_fact port "$port"
	keep_fact workers "$workers"
	keep_fact build "$build"

	install_packages up
	say "building in $build"
	build_tree "$build"
	start_all
	greet
}

databases_up() {
	private_folder "$etc" "$log"
	make_run_folder
	database_pick
	database_create
	say "starting"
	database_start
	database_account
	database_set_up
}

start_all() {
	databases_up
	write_config
	prepare_data
	if [ $demo = yes ]; then
		import_demo
	fi
	connectors_start
	write_nginx
	nginx_start
	wait_alive=connectors
	wait_for 30 answers || {
		show_log "$log/connectors.log"
		show_log "$log/nginx.log"
		die "the stack does not answer at $url"
	}
}

greet() {
	say
	say "  base URL   $url/api/v1/connectors"
	if ! fresh=$(ctl key create --company 1 --name "./dev up" 2>/dev/null)
	then
		say "  no company yet: ./dev ctl import FILE brings some"
		return
	fi
	say "  API key    $fresh"
	say
	say "Try:"
	set -- "$url/api/v1/connectors"
	say "  curl -H 'Authorization: $fresh' '$1?per_page=3'"
	say "  curl -gH 'Authorization: $fresh'" \
		"'$1?filter[system]=Tideline+Shop&include=variables'"
	say "  curl -H 'Authorization: $fresh'" \
		"'$1/1?include=authenticationImplementation.system.logo'"
}

command_down() {
	open_state have
	lock_state
	stop nginx QUIT 5
	stop connectors TERM 30
	database_stop
	remove_run_folder
	say "The stack in $state is down; its data stay."
}

database_names() {
	for node in $database_nodes; do
		node_name "$node"
	done
}

command_status() {
	open_state have
	status=0
	for name in $(database_names) connectors nginx; do
		if running $name; then
			say "$name: runs (pid $running_pid)"
		else
			say "$name: does not run"
			status=3
		fi
	done
	if [ $status = 0 ]; then
		answers || status=3
		say "base URL: $url/api/v1/connectors" \
			"($([ $status = 0 ] && say answers || say silent))"
	fi
	exit $status
}

command_logs() {
	open_state have
	if [ "${1-}" = -f ]; then
		exec tail -n 20 -F "$log"/*.log
	fi
	exec tail -n 20 "$log"/*.log
}

command_key() {
	open_state have
	# The key alone, wherever standard error goes; what is wrong is told.
	{
		said=$(ctl key create --company 1 --name "./dev key" "$@" \
			2>&1 >&3)
	} 3>&1 || {
		status=$?
		printf '%s\n' "$said" >&2
		exit $status
	}
}

command_ctl() {
	open_state have
	exec "$build/connectorsctl" --config "$config" "$@"
}

command_sql() {
	open_state have
	sql_node=1
	if [ "${1-}" = --node ]; then
		check_node "${2-}"
		sql_node=$2
		shift 2
	fi
	client_pick
	running "$(node_name "$sql_node")" ||
		die "the database does not run (./dev up)"
	exec "$database_client" --no-defaults \
		--socket="$run/$(node_name "$sql_node").sock" --user=root \
		--default-character-set=utf8mb4 --database=connectors "$@"
}

check_node() {
	case " $database_nodes " in
	*" $1 "*) ;;
	*) die "there is no node ${1:-without a number} ($database_nodes)" ;;
	esac
}

# One node of a cluster: command_node start|stop NODE
command_node() {
	open_state have
	is_cluster || die "the stack in $state is no cluster"
	check_node "${2-}"
	lock_state
	database_pick
	case $1 in
	start) node_start "$2" ;;
	stop) stop "$(node_name "$2")" TERM 60 ;;
	*) die "node: start or stop, not $1" ;;
	esac
}

exec_tests() {
	case "$*" in
	builds) ;; # of these each Debian has its own
	*) install_packages test ;;
	esac
	case " ${*:-checks} " in
	*" checks "*) install_packages checks ;;
	esac
	case " ${*:-openapi} " in
	*" openapi "*)
		command -v npm >/dev/null || (install_packages node) || true
		;;
	esac
	exec python3 "$top/tools/test-run" "$@"
}

exec_soak() {
	install_packages soak
	exec python3 "$top/tests/soak/run" "$@"
}

exec_fuzz() {
	install_packages test
	exec python3 "$top/tests/openapi/fuzz.py" "$@"
}
