# ./dev bench: a stack of its own below the state folder, measured by bench/run.

command_bench() {
	case ${1-} in
	--help) exec python3 "$top/bench/run" --help ;;
	esac
	state=$state/bench
	open_state make
	lock_state
	install_packages bench
	# Peers that cannot be installed are left out.
	ls /usr/sbin/php-fpm* >/dev/null 2>&1 || (install_packages php) || true
	command -v npm >/dev/null || (install_packages node) || true
	say "building in $build"
	build_tree "$build"
	make -C "$build" bench/floor bench/fixed >>"$build_log" 2>&1 9>&- ||
		die "the floor could not be built, see $build_log"
	private_folder "$etc" "$log"
	make_run_folder
	trap bench_end EXIT
	trap 'exit 130' INT TERM
	bench_database
	python3 "$top/bench/run" --folder "$state" --run "$run" \
		--build "$build" "$@" 9>&-
}

# The data lie in memory, as those of a server of this size would.
bench_database() {
	CONNECTORS_BUFFER_POOL=${CONNECTORS_BUFFER_POOL:-2G}
	database_pick
	database_create
	database_start
	database_account
	write_config
	prepare_data
}

bench_end() {
	database_stop
	remove_run_folder
}
