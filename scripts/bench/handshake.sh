#!/bin/sh
# Counts the instructions that an HTTPS request costs an emulated 24Kc: Go's defaults beside what
# the release does, for three kinds of certificate chains. Four minutes, after the emulator's kernel
# has been fetched (scripts/vm.sh).
set -eu
cd "$(dirname "$0")/../.."
dir=$PWD/dist/handshake
mkdir -p "$dir"
found=$(scripts/vm.sh paths mips)
guest=./scripts/bench/handshake/guest
# shellcheck disable=SC2046 # words of NAME=value
env $(scripts/build.sh env mipsle) go build -trimpath -ldflags '-s -w' -o "$dir/plain" "$guest"
PROGRAM=$guest scripts/build.sh build -o "$dir" mipsle >/dev/null
go build -o "$dir/handshake" ./scripts/bench/handshake
# shellcheck disable=SC2086 # words
set -- $found
emulate=$1 vmlinuz=$2
shift 2
"$dir/handshake" -qemu "$emulate" -kernel "$vmlinuz" -plain "$dir/plain" -release "$dir/wandns-mipsle" "$@"
