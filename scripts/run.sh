#!/bin/sh
# Shows wandns at work on this machine, harming nothing: builds it, and runs scripts/demo,
# which gives it a network of its own. Arguments go to the demo (make run ARGS=--log).
set -eu
cd "$(dirname "$0")/.."
scripts/deps.sh go

target=$(scripts/build.sh host)
scripts/build.sh build "$target" >/dev/null
mkdir -p scripts/bin
GOFLAGS='' go build -trimpath -buildvcs=false -o scripts/bin/demo ./scripts/demo
exec scripts/bin/demo --wandns "dist/wandns-$target" "$@"
