#!/bin/sh
# Runs every fuzz target of the repository, each for a time: what the network, the bus, the
# kernel or a file can say is invented by the thousand, and nothing may break.
#
#   scripts/fuzz.sh [TIME [NAME]]   TIME for each (20s, 5m; 20s when not given), of those whose
#                                   folder or name holds NAME
#
# An input that breaks something is kept below the package's testdata/fuzz/ and tried by every
# "go test" from then on.
set -eu
cd "$(dirname "$0")/.."
time=${1:-20s}
name=${2:-}
began=$(date +%s)

# targets: one "FOLDER FUNCTION" a line.
targets() {
	find . -name '*_test.go' -not -path './dist/*' -exec grep -H '^func Fuzz[A-Za-z0-9_]*(' {} + |
		sed 's|/[^/]*_test\.go:func \(Fuzz[A-Za-z0-9_]*\)(.*| \1|' | grep "$name" | sort
}

list=$(targets)
if [ -z "$list" ]; then
	echo "fuzz.sh: there is no fuzz target${name:+ with $name in its folder or name}" >&2
	exit 1
fi
failed=''
while read -r folder target; do
	printf '== %s %s\n' "$folder" "$target"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$folder" || failed="$failed $folder:$target"
done <<EOF
$list
EOF
took=$(($(date +%s) - began))
count=$(echo "$list" | wc -l)
if [ -n "$failed" ]; then
	printf 'FAIL\tmake fuzz:%s\t%ds\n' "$failed" "$took"
	exit 1
fi
printf 'ok\tmake fuzz: %d targets, %s each\t%ds\n' "$count" "$time" "$took"
