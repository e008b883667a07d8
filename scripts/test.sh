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

steps=(deps house vet minimal lint oldest reference test page packages build binary size smoke vm reproduce)

deps() { scripts/deps.sh; }
house() { go run ./scripts/house; }
vet() {
	go vet ./...
	GOARCH=386 CGO_ENABLED=0 go vet ./...
	GOARCH=mipsle CGO_ENABLED=0 go vet ./...
}
# The small build publishes: its own binary in a network of its own.
minimal() {
	go vet -tags minimal ./cmd/wandns ./pkg/config ./pkg/daemon
	go test -tags minimal -run 'TestCloudflare_settings' ./cmd/wandns
	local dir target services
	dir=$(mktemp -d)
	target=$(scripts/build.sh host)
	VARIANT=minimal scripts/build.sh build -o "$dir" "$target" >/dev/null
	services=$("$dir/wandns-$target" providers | tail -n +2 | cut -d ' ' -f 1 | xargs)
	rm -rf "$dir"
	if [ "$services" != "cloudflare duckdns dyndns2" ]; then
		echo "the small build has $services"
		return 1
	fi
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
vm() { scripts/vm.sh; }
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
