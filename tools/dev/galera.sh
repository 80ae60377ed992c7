# Three nodes of Galera: MariaDB with Debian's galera-4 and the scripts of its
# package mariadb-server, which are unpacked: only its service is unwanted.

galera_pick() {
	command -v mariadbd >/dev/null ||
		unavailable "Galera needs MariaDB's server"
	install_packages galera
	cached galera fetch_galera
	database_server=mariadbd
	# The server looks for the scripts of a state transfer there.
	PATH=$cache/galera/bin:$PATH
}

# A state transfer's rsync, started by root, would write as nobody.
fetch_galera() {
	mkdir "$1/bin" "$1/root" && cd "$1" || return 1
	apt-get download -q -o APT::Sandbox::User=root galera-4 \
		mariadb-server || {
		know_mirror && apt-get update -q
		apt-get download -q -o APT::Sandbox::User=root galera-4 \
			mariadb-server || return 1
	}
	unpack root ./*.deb && rm ./*.deb &&
		cp root/usr/bin/wsrep_sst_common bin/ &&
		sed '/^use chroot = no/a\
uid = 0\
gid = 0' root/usr/bin/wsrep_sst_rsync >bin/wsrep_sst_rsync ||
		return 1
	[ "$(id -u)" = 0 ] ||
		cp root/usr/bin/wsrep_sst_rsync bin/wsrep_sst_rsync
	chmod 755 bin/*
	cp -L root/usr/lib/galera/libgalera_smm.so . && rm -r root
}

# galera_start NODE [MORE...]
galera_start() {
	galera_node=$1
	shift
	galera_own=127.0.0.1:$(node_port "$galera_node" 1)
	galera_all=
	for node in $database_nodes; do
		galera_all=$galera_all,127.0.0.1:$(node_port "$node" 1)
	done
	set -- --binlog-format=ROW --innodb-autoinc-lock-mode=2 \
		--innodb-flush-log-at-trx-commit=2 --wsrep-on=ON \
		--wsrep-provider="$cache/galera/libgalera_smm.so" \
		--wsrep-cluster-name="connectors-$(node_port 1 0)" \
		--wsrep-node-name="node$galera_node" \
		--wsrep-node-address="$galera_own" \
		--wsrep-cluster-address="gcomm://${galera_all#,}" \
		--wsrep-slave-threads=2 --wsrep-sst-method=rsync \
		--wsrep-sst-receive-address="127.0.0.1:$(node_port "$galera_node" 3)" \
		--wsrep-provider-options="base_host=127.0.0.1;base_port=${galera_own#*:};gmcast.listen_addr=tcp://$galera_own;ist.recv_addr=127.0.0.1:$(node_port "$galera_node" 2);gcache.size=64M" \
		"$@"
	if ! is_new_cluster "$@"; then
		set -- "$@" --wsrep-start-position="$(galera_position "$galera_node")"
	fi
	cluster_server "$galera_node" "$@"
	wait_alive=$(node_name "$galera_node")
	wait_for 90 galera_is_synced "$galera_node" || {
		show_log "$log/$wait_alive.log"
		die "node $galera_node does not join"
	}
}

is_new_cluster() {
	case " $* " in
	*" --wsrep-new-cluster "*) return 0 ;;
	esac
	return 1
}

galera_is_synced() {
	node_query "$1" -NBe "SHOW STATUS LIKE 'wsrep_local_state_comment'" |
		grep -q 'Synced$'
}

galera_is_primary() {
	node_query "$1" -NBe "SHOW STATUS LIKE 'wsrep_cluster_status'" \
		2>/dev/null | grep -q 'Primary$'
}

# grastate.dat's value of a key: galera_saved NODE uuid|seqno|safe_to_bootstrap
galera_saved() {
	galera_state=$state/$(node_name "$1")/grastate.dat
	[ ! -f "$galera_state" ] || sed -n "s/^$2: *//p" "$galera_state"
}

# Up to where a node that does not run has come, as UUID:SEQNO. One that was
# killed did not write it down; its tables know.
galera_position() {
	galera_seqno=$(galera_saved "$1" seqno)
	case $galera_seqno in
	"") printf '00000000-0000-0000-0000-000000000000:-1\n' ;;
	-1) galera_recover "$1" ;;
	*) printf '%s:%s\n' "$(galera_saved "$1" uuid)" "$galera_seqno" ;;
	esac
}

galera_recover() {
	galera_log=$log/$(node_name "$1")-recover.log
	rm -f "$galera_log"
	private_folder "$state/$(node_name "$1")-tmp"
	mariadbd --no-defaults --user="$database_user" --wsrep-recover \
		--datadir="$state/$(node_name "$1")" \
		--tmpdir="$state/$(node_name "$1")-tmp" \
		--log-error="$galera_log" </dev/null >/dev/null 2>&1 9>&- ||
		true
	galera_found=$(sed -n 's/.*Recovered position: *//p' "$galera_log" |
		tail -n 1)
	printf '%s\n' "${galera_found:-00000000-0000-0000-0000-000000000000:-1}"
}

# The first node of a cluster that is down must be the one that has come
# farthest; what the others have more would be lost.
galera_newest() {
	galera_best=1 galera_most=-1
	for node in $database_nodes; do
		if [ "$(galera_saved "$node" safe_to_bootstrap)" = 1 ]; then
			galera_best=$node
			break
		fi
		galera_at=$(galera_position "$node")
		if [ "${galera_at##*:}" -gt "$galera_most" ]; then
			galera_best=$node galera_most=${galera_at##*:}
		fi
	done
	galera_file=$state/$(node_name $galera_best)/grastate.dat
	[ ! -f "$galera_file" ] || sed -i \
		's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$galera_file"
}

galera_up() {
	galera_found=
	for node in $database_nodes; do
		if running "$(node_name "$node")" && galera_is_primary "$node"
		then
			galera_found=$node
		fi
	done
	if [ -z "$galera_found" ]; then
		galera_newest
		stop "$(node_name $galera_best)" TERM 60
		galera_start $galera_best --wsrep-new-cluster
	fi
	for galera_each in $database_nodes; do
		running "$(node_name "$galera_each")" ||
			galera_start "$galera_each"
	done
}
