#!/bin/sh
# Prints the figures: the Go benchmarks of every package, then each program in scripts/bench/.
# One by one, so that they do not disturb each other.
set -eu
cd "$(dirname "$0")/.."
# shellcheck disable=SC2046 # one word for each package
go test -run '^$' -bench "${BENCH:-.}" -benchmem -timeout 30m -p 1 $(go list ./cmd/... ./pkg/... ./scripts/...)
for program in scripts/bench/*.sh; do
	[ -x "$program" ] || continue
	echo "== $program"
	"$program"
done
