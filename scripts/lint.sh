#!/bin/sh
# Reads the code as strictly as machines can. Each check that is off has its reason in
# staticcheck.conf and revive.toml; the tools are built from scripts/tools, at exact versions.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/scripts/bin
mkdir -p "$bin"
(cd scripts/tools && GOFLAGS='' go build -trimpath -buildvcs=false -o "$bin/" ./lint github.com/mgechev/revive)

status=0
"$bin/lint" ./... || status=1
(cd scripts/tools && "$bin/lint" ./...) || status=1
(cd scripts/packages && "$bin/lint" ./...) || status=1
"$bin/revive" -config revive.toml -formatter unix -set_exit_status ./... || status=1

# Scripts run in busybox ash on a router: its parser has the last word.
scripts=$(git ls-files -co --exclude-standard | while read -r file; do
	[ -f "$file" ] || continue
	case $file in
	*.sh | *.init) echo "$file" ;;
	*) ! head -n 1 "$file" | grep -aqE '^#! ?(/usr)?/bin/(sh|bash|env bash)' || echo "$file" ;;
	esac
done)
for file in $scripts; do
	shellcheck -x "$file" || status=1
	head -n 1 "$file" | grep -q bash || busybox ash -n "$file" || status=1
done
exit $status
