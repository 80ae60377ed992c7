#!/bin/sh
# Makes configure from a clean checkout.
set -e
cd "$(dirname "$0")"
for program in autoreconf automake; do
	command -v $program >/dev/null || {
		echo "autogen.sh: $program is missing (Debian: autoconf," \
			"automake)" >&2
		exit 1
	}
done
mkdir -p build-aux m4
exec autoreconf --install --force
