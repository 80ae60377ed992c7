# Shared by the parts of ./dev: messages, the state folder, processes.

say() {
	printf '%s\n' "$*"
}

die() {
	printf 'dev: %s\n' "$*" >&2
	exit 1
}

# A folder for this user alone: private_folder DIR...
private_folder() {
	mkdir -p "$@"
	chmod 700 "$@"
}

# Whether the state folder holds nothing but what ./dev puts there.
state_is_ours() {
	state_others=$(ls -A "$state" | grep -vxE \
		'facts|etc|log|run|database[23]?(-tmp)?|nginx|lock|bench|soak') || true
	[ -z "$state_others" ]
}

# Whoever can connect to a stack's sockets is its database's root. A folder that
# holds other things stays as it is; what is put there is private anyway.
make_state() {
	if [ ! -d "$state" ] || state_is_ours; then
		private_folder "$state" ||
			die "$state cannot be made a folder of this user's alone"
	fi
}

# Makes the state folder (if asked to) and names everything in it.
#   open_state make | open_state have
open_state() {
	if [ "$1" = make ]; then
		make_state
	fi
	[ -d "$state" ] || die "there is no stack in $state (./dev up makes one)"
	state=$(cd "$state" && pwd -P)
	facts=$state/facts
	etc=$state/etc
	log=$state/log
	build=$(fact build "${CONNECTORS_BUILD:-$top/build}")
	run=$(fact run "$state/run")
	port=$(fact port 8080)
	workers=$(fact workers 4)
	config=$etc/connectors.conf
	database_kind=$(fact database "")
	count_nodes
	node_base=$(fact node-ports "")
	url=http://127.0.0.1:$port
}

# A fact about the stack that outlives a command: fact NAME DEFAULT,
# keep_fact NAME VALUE.
fact() {
	if [ -f "$facts/$1" ]; then
		cat "$facts/$1"
	else
		printf '%s\n' "$2"
	fi
}

keep_fact() {
	private_folder "$facts"
	printf '%s\n' "$2" >"$facts/$1"
}

# Sockets may have paths of at most 107 bytes: a state folder with a long name
# keeps them elsewhere, in a folder that `down` removes.
make_run_folder() {
	if [ "$run" = "$state/run" ] && [ ${#state} -gt 85 ]; then
		run=$(mktemp -d "${TMPDIR:-/tmp}/connectors.XXXXXX")
		keep_fact run "$run"
	fi
	private_folder "$run"
}

remove_run_folder() {
	if [ "$run" != "$state/run" ]; then
		rm -rf "$run"
		rm -f "$facts/run"
	fi
}

# Only one ./dev at a time changes a stack.
lock_state() {
	exec 9>"$state/lock"
	flock -w 300 9 || die "another ./dev is busy with $state"
}

# The pid of a service of ours if it runs: running database|database2|connectors|nginx.
# A pid file may be old and its number another's by now, so the process must
# have the state folder in its command line.
running() {
	[ -f "$run/$1.pid" ] || return 1
	running_pid=$(cat "$run/$1.pid")
	[ -n "$running_pid" ] || return 1
	[ -r "/proc/$running_pid/cmdline" ] || return 1
	tr '\0' ' ' <"/proc/$running_pid/cmdline" | grep -qF -- "$state/"
}

# Whether a service's configuration is as it was when this was last asked:
# unchanged NAME FILES...
unchanged() {
	unchanged_name=sum-$1
	shift
	unchanged_sum=$(cat "$@" | cksum)
	[ "$(fact "$unchanged_name" none)" != "$unchanged_sum" ] || return 0
	keep_fact "$unchanged_name" "$unchanged_sum"
	return 1
}

# Waits until a command succeeds: wait_for SECONDS COMMAND...
# Gives up when the service named by $wait_alive is gone after a second.
wait_for() {
	wait_tries=$(($1 * 10))
	wait_sure=$((wait_tries - 10))
	shift
	while ! "$@" >/dev/null 2>&1; do
		wait_tries=$((wait_tries - 1))
		[ $wait_tries -gt 0 ] || return 1
		if [ -n "${wait_alive-}" ] && [ $wait_tries -lt $wait_sure ]
		then
			running "$wait_alive" || return 1
		fi
		sleep 0.1
	done
}

is_gone() {
	[ ! -d "/proc/$1" ] || [ "$(cut -d' ' -f3 "/proc/$1/stat")" = Z ]
}

# Stops a service: stop NAME SIGNAL SECONDS; kills it when that is not enough.
stop() {
	running "$1" || return 0
	stop_pid=$running_pid
	kill "-$2" "$stop_pid" 2>/dev/null || true
	if ! wait_for "$3" is_gone "$stop_pid"; then
		say "$1 does not stop: killing it"
		kill -KILL "$stop_pid" 2>/dev/null || true
		wait_for 5 is_gone "$stop_pid" || die "$1 is still there"
	fi
	rm -f "$run/$1.pid"
}

# The end of a log, for a message about a failure.
show_log() {
	[ -f "$1" ] || return 0
	say "the end of $1:" >&2
	tail -n 15 "$1" >&2
}
