#!/bin/sh
# Prints the figures. One section after the other, so that they do not disturb each other:
#
#   go      the Go benchmarks of every package                                       4 minutes
#   page    how soon the LuCI page shows 100 names                                   2 minutes
#   handshake
#           what an HTTPS request costs a 24Kc, in instructions, beside Go's defaults  4 minutes
#   start change idle memory size
#           wandns beside inadyn, ddclient and ddns-go: scripts/bench/rivals.sh     13 minutes
#
#   scripts/bench.sh              all of them, which also writes scripts/bench/RESULTS.md
#   scripts/bench.sh SECTION...   only these
#
# Environment:
#   BENCH     the Go benchmarks whose name matches, and no other section unless asked for
#   DDNS_GO   path of a ddns-go, which Debian has no package of; else the one in PATH, else none
set -eu
cd "$(dirname "$0")/.."

sections='go page handshake start change idle memory size'
if [ $# = 0 ]; then
	[ -z "${BENCH:-}" ] || sections=go
	# shellcheck disable=SC2086 # words
	set -- $sections
fi
beside=
for section; do
	case $section in
	go | page | handshake) ;;
	start | change | idle | memory | size) beside="$beside $section" ;;
	*)
		echo "bench.sh: no section \"$section\"; there are: $sections" >&2
		exit 2
		;;
	esac
done

for section; do
	case $section in
	go)
		echo '== go'
		# shellcheck disable=SC2046 # one word for each package
		go test -run '^$' -bench "${BENCH:-.}" -benchmem -timeout 30m -p 1 $(go list ./cmd/... ./pkg/... ./scripts/...)
		;;
	page)
		echo '== page'
		scripts/bench/page.sh
		;;
	handshake)
		echo '== handshake'
		scripts/bench/handshake.sh
		;;
	esac
done
if [ -n "$beside" ]; then
	echo "==$beside"
	# shellcheck disable=SC2086 # words
	scripts/bench/rivals.sh $beside
fi
