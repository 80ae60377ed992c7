# Three members of MySQL's Group Replication, multi-primary unless the stack was
# made with --single-primary.

group_options() {
	group_own=127.0.0.1:$(node_port "$1" 1)
	group_all=
	for node in $database_nodes; do
		group_all=$group_all,127.0.0.1:$(node_port "$node" 1)
	done
	group_single=$(fact single-primary OFF)
	group_everywhere=ON
	[ "$group_single" = OFF ] || group_everywhere=OFF
}

# The server of a member; it joins by itself only when told to.
group_server() {
	group_options "$1"
	cluster_server "$1" --server-id="$1" --mysqlx=OFF --gtid-mode=ON \
		--enforce-gtid-consistency=ON --log-bin=binlog \
		--innodb-redo-log-capacity=64M --sync-binlog=0 \
		--innodb-flush-log-at-trx-commit=2 \
		--report-host=127.0.0.1 --report-port="$(node_port "$1" 0)" \
		--plugin-load-add=group_replication.so \
		--loose-group-replication-start-on-boot=OFF \
		--loose-group-replication-group-name="$(group_name)" \
		--loose-group-replication-local-address="$group_own" \
		--loose-group-replication-group-seeds="${group_all#,}" \
		--loose-group-replication-single-primary-mode="$group_single" \
		--loose-group-replication-enforce-update-everywhere-checks="$group_everywhere" \
		--loose-group-replication-recovery-get-public-key=ON \
		--loose-group-replication-communication-stack=XCOM \
		--loose-group-replication-ip-allowlist=127.0.0.1/8
	wait_alive=$(node_name "$1")
	wait_for 60 node_query "$1" -e 'SELECT 1' || {
		show_log "$log/$wait_alive.log"
		die "node $1 does not start"
	}
}

group_name() {
	[ -n "$(fact group "")" ] ||
		keep_fact group "$(cat /proc/sys/kernel/random/uuid)"
	fact group ""
}

# Every member fetches what it lacks from another as this account. Nothing of
# it may count as a transaction of the member's own.
group_configure() {
	[ ! -f "$facts/member-$1" ] || return 0
	[ -s "$etc/replication-password" ] || (
		umask 077
		od -An -N16 -tx1 /dev/urandom | tr -d ' \n' \
			>"$etc/replication-password"
	)
	group_password=$(cat "$etc/replication-password")
	node_query "$1" <<-EOF || die "node $1 could not be made a member"
		SET sql_log_bin = 0;
		CREATE USER IF NOT EXISTS replication@'127.0.0.1'
		  IDENTIFIED BY '$group_password';
		GRANT REPLICATION SLAVE, BACKUP_ADMIN, CONNECTION_ADMIN,
		  GROUP_REPLICATION_STREAM ON *.* TO replication@'127.0.0.1';
		SET sql_log_bin = 1;
		RESET BINARY LOGS AND GTIDS;
		CHANGE REPLICATION SOURCE TO SOURCE_USER = 'replication',
		  SOURCE_PASSWORD = '$group_password'
		  FOR CHANNEL 'group_replication_recovery';
	EOF
	keep_fact "member-$1" yes
}

# The state of a member as another (or itself) sees it:
# group_state OBSERVER MEMBER
group_state() {
	node_query "$1" -NBe "SELECT member_state
		FROM performance_schema.replication_group_members
		WHERE member_port = $(node_port "$2" 0)" 2>/dev/null
}

group_is_online() {
	[ "$(group_state "$1" "$1")" = ONLINE ]
}

# A moment after the member is online.
group_takes_writes() {
	group_is_online "$1" &&
		[ "$(node_query "$1" -NBe 'SELECT @@super_read_only')" = 0 ]
}

# The others may not have noticed yet that a killed member is gone; until they
# have expelled it, it cannot join again.
group_has_left() {
	for group_observer in $database_nodes; do
		[ "$group_observer" != "$1" ] || continue
		[ -z "$(group_state "$group_observer" "$1")" ] || return 1
	done
}

group_join() {
	wait_alive=
	wait_for 90 group_has_left "$1" ||
		die "the group still counts node $1 as a member"
	node_query "$1" -e 'STOP GROUP_REPLICATION; START GROUP_REPLICATION' &&
		wait_for 90 group_is_online "$1" || {
		show_log "$log/$(node_name "$1").log"
		die "node $1 does not join"
	}
}

group_start() {
	group_server "$1"
	group_configure "$1"
	group_join "$1"
}

group_executed() {
	node_query "$1" -NBe 'SELECT @@global.gtid_executed' | tr -d '\n '
}

# The member that has all that the others have; of equals the first.
group_newest() {
	group_best=1
	for node in $database_nodes; do
		if [ "$(node_query "$node" -NBe "SELECT NOT GTID_SUBSET(
			@@global.gtid_executed,
			'$(group_executed $group_best)')")" = 1 ]; then
			group_best=$node
		fi
	done
}

group_bootstrap() {
	for group_each in $database_nodes; do
		running "$(node_name "$group_each")" ||
			group_server "$group_each"
		group_configure "$group_each"
	done
	group_newest
	node_query $group_best <<-'EOF' || die "the group cannot be started"
		STOP GROUP_REPLICATION;
		SET GLOBAL group_replication_bootstrap_group = ON;
		START GROUP_REPLICATION;
		SET GLOBAL group_replication_bootstrap_group = OFF;
	EOF
	wait_for 30 group_takes_writes $group_best ||
		die "the group does not start"
}

group_up() {
	group_found=
	for group_each in $database_nodes; do
		if running "$(node_name "$group_each")" &&
			group_is_online "$group_each"; then
			group_found=$group_each
		fi
	done
	[ -n "$group_found" ] || group_bootstrap
	for group_each in $database_nodes; do
		running "$(node_name "$group_each")" || {
			group_start "$group_each"
			continue
		}
		group_is_online "$group_each" || group_join "$group_each"
	done
}
