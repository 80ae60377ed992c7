# What both kinds of clusters share: names, ports and servers of the nodes. All
# is on the loopback.

# Node 1 is called as the one server of other stacks is.
node_name() {
	[ "$1" = 1 ] && printf 'database\n' || printf 'database%s\n' "$1"
}

# node_port NODE OFFSET: 0 for clients, the others for the nodes themselves
node_port() {
	printf '%s\n' $((node_base + ($1 - 1) * 4 + $2))
}

# A client as the node's root: node_query NODE ARGS...
node_query() {
	query_node=$1
	shift
	"$database_client" --no-defaults --user=root \
		--socket="$run/$(node_name "$query_node").sock" "$@"
}

any_node_runs() {
	for node in $database_nodes; do
		! running "$(node_name "$node")" || return 0
	done
	return 1
}

# Ports are free when the first node starts, and stay below those that the
# kernel gives to clients. Another stack may have taken the last ones.
choose_ports() {
	node_base=$(fact node-ports "")
	! any_node_runs || return 0
	node_base=$(perl -MSocket -e '
		TRY: for my $try (0 .. 200) {
			my $base = $ARGV[0] || 20000 + 16 * int(rand(700));
			$ARGV[0] = "";
			my @kept;
			for my $port ($base .. $base + 11) {
				socket(my $s, PF_INET, SOCK_STREAM, 0);
				bind($s, sockaddr_in($port, INADDR_LOOPBACK))
					or next TRY;
				push @kept, $s;
			}
			print $base;
			exit;
		}
		exit 1' "$node_base") || die "there are no free ports"
	keep_fact node-ports "$node_base"
}

# cluster_server NODE ARGS...
cluster_server() {
	cluster_node=$1
	shift
	set -- --bind-address=127.0.0.1 --port="$(node_port "$cluster_node" 0)" "$@"
	server_start "$(node_name "$cluster_node")" "$@"
}

# All nodes begin with the same files.
cluster_create() {
	is_cluster || return 0
	for node in $database_nodes; do
		[ ! -d "$state/$(node_name "$node")/mysql" ] || continue
		cp -a "$state/database" "$state/$(node_name "$node")"
		# MySQL's name of the server, which it makes where it is missing.
		rm -f "$state/$(node_name "$node")/auto.cnf"
	done
}

cluster_start() {
	wait_alive=
	case $database_kind in
	galera) galera_up ;;
	group-replication) group_up ;;
	esac
}

# Node 1 last: it then has all that the others have.
nodes_backwards() {
	for node in $database_nodes; do
		printf '%s\n' "$node"
	done | sort -r
}

node_start() {
	! running "$(node_name "$1")" || die "node $1 runs already"
	case $database_kind in
	galera) galera_start "$1" ;;
	group-replication) group_start "$1" ;;
	esac
}
