# Building out of tree. Folders are shared by all stacks of a checkout; make
# does only what is new.

# build_tree FOLDER [CONFIGURE-ARGUMENTS...]
build_tree() {
	build_folder=$1
	shift
	mkdir -p "$build_folder"
	build_log=$build_folder/build.txt
	(
		flock 8
		if [ ! -x "$top/configure" ]; then
			(cd "$top" && ./autogen.sh)
		fi
		cd "$build_folder"
		[ -f Makefile ] || "$top/configure" "$@"
		make -j"$(nproc)"
	) 8>"$top/.build-lock" 9>&- >"$build_log" 2>&1 || {
		grep -E 'error:|\*\*\*|undefined|multiple def' "$build_log" | head -20 >&2
		die "the build failed, see $build_log"
	}
}
