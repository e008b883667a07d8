#!/bin/sh
# Proves that a release can be reproduced: builds one target from two copies of the source at
# different paths, each with an empty cache, and compares the files byte by byte.
#
#   scripts/reproduce.sh [TARGET]
set -eu
cd "$(dirname "$0")/.."
target=${1:-mipsle}
VERSION=$(scripts/build.sh version)
SOURCE_DATE_EPOCH=$(scripts/build.sh time)
export VERSION SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for place in here/wandns another/place/altogether; do
	mkdir -p "$work/$place" "$work/cache"
	tar -c --exclude=./.git --exclude=./dist --exclude=./scripts/bin --exclude=node_modules . | tar -x -C "$work/$place"
	GOCACHE=$work/cache "$work/$place/scripts/build.sh" build -o "$work/$place/out" "$target" >/dev/null
	rm -rf "$work/cache"
done
if ! cmp "$work/here/wandns/out/wandns-$target" "$work/another/place/altogether/out/wandns-$target"; then
	echo "reproduce.sh: two builds of $target differ: a path, a date or the order of a map went in" >&2
	exit 1
fi
if grep -qF "$work" "$work/here/wandns/out/wandns-$target"; then
	echo "reproduce.sh: the path of the source is in the binary" >&2
	exit 1
fi
echo "reproduce.sh: two builds of $target at different paths are the same"
