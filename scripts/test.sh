#!/bin/bash
# Everything that must be true before a change goes in, quick things first. Every step must run:
# what is missing on the machine is installed, or the step fails and says what it needs.
#
#   scripts/test.sh          all steps; stops at the first that fails
#   scripts/test.sh STEP...  only these
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PATH:/usr/sbin:/sbin # where Debian keeps ip and named

# The Go release with which the oldest OpenWrt that has a package feed of ours builds it.
oldest=go1.23.12

steps=(deps house vet variants lint oldest reference test page packages build binary size smoke reproduce)

deps() { scripts/deps.sh; }
house() { go run ./scripts/house; }
vet() {
	go vet ./...
	GOARCH=386 CGO_ENABLED=0 go vet ./...
	GOARCH=mipsle CGO_ENABLED=0 go vet ./...
}
# Plain go has every service; the release and the small build leave some out.
variants() {
	for variant in standard minimal; do
		go vet -tags "$variant" ./pkg/provider ./pkg/config ./pkg/daemon ./cmd/wandns
	done
	local dir
	dir=$(mktemp -d)
	local target
	target=$(scripts/build.sh host)
	for variant in standard minimal full; do
		VARIANT=$variant scripts/build.sh build -o "$dir" "$target" >/dev/null
		"$dir/wandns-$target" providers >"$dir/$variant"
		printf '%s: %d services\n' "$variant" "$(tail -n +2 "$dir/$variant" | wc -l)"
	done
	for name in cloudflare duckdns dyndns2; do
		grep -q "^$name " "$dir/minimal"
	done
	grep -q '^rfc2136 ' "$dir/full"
	if grep '^rfc2136 ' "$dir/standard" || grep '^desec ' "$dir/minimal"; then
		return 1
	fi
	rm -rf "$dir"
}
lint() { scripts/lint.sh; }
oldest() {
	GOTOOLCHAIN=$oldest go build ./...
	GOTOOLCHAIN=$oldest go vet ./...
}
reference() { go run ./scripts/reference -check; }
# Most tests wait for the network and for timers: more of them than processors can run at once.
test() { go test -race -parallel 8 -timeout 10m ./...; }
page() { scripts/page/test.sh; }
packages() { (cd scripts/packages && go vet ./... && go test -race ./...); }
build() { make --no-print-directory build; }
binary() { go run ./scripts/house binary; }
size() { scripts/size.sh gate; }
smoke() { scripts/smoke.sh; }
reproduce() { scripts/reproduce.sh mipsle; }

# The child gets "set -e" back, which bash drops in a function whose status is asked for.
if [ "${1:-}" = --step ]; then
	"$2"
	exit
fi

[ $# = 0 ] || steps=("$@")
table=""
failed=""
for step in "${steps[@]}"; do
	printf '== %s\n' "$step"
	began=$SECONDS
	"$0" --step "$step" || failed=$step
	table+=$(printf '%-10s %4d s' "$step" $((SECONDS - began)))$'\n'
	[ -z "$failed" ] || break
done
printf '\n%s' "$table"
if [ -n "$failed" ]; then
	printf 'FAIL\tmake test: %s\t%ds\n' "$failed" "$SECONDS"
	exit 1
fi
printf 'ok\tmake test\t%ds\n' "$SECONDS"
