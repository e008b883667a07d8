#!/bin/sh
# Runs the release binaries on their own instruction sets, by qemu's user mode: the CPU models
# are the weakest that each target promises, so a binary built for more dies here.
#
#   scripts/smoke.sh [TARGET...]   of what is in dist/
set -eu
cd "$(dirname "$0")/.."

# target  emulator, or "native" where this machine runs it (so does qemu-i386, but it crashes Go).
# Without inlining Go stores 64 bits at an odd multiple of 4 once, when its network poller starts.
# Linux on MIPS64 repairs such a store; the emulator does for one model of CPU only.
cpus='
mips     qemu-mips-static -cpu 24Kc
mipsle   qemu-mipsel-static -cpu 24Kc
mips64   qemu-mips64-static -cpu Loongson-3A1000
mips64le qemu-mips64el-static -cpu Loongson-3A1000
arm5     qemu-arm-static -cpu arm926
arm6     qemu-arm-static -cpu arm1176
arm7     qemu-arm-static -cpu cortex-a7
arm64    qemu-aarch64-static -cpu cortex-a53
riscv64  qemu-riscv64-static
loong64  qemu-loongarch64-static
386      native
amd64    native
'

emulator() {
	echo "$cpus" | while read -r name rest; do
		[ "$name" != "$1" ] || echo "$rest"
	done | grep .
}

fail() {
	echo "smoke.sh: $target: $*" >&2
	exit 1
}

if [ $# = 0 ]; then
	# shellcheck disable=SC2046 # one word for each target
	set -- $(scripts/build.sh targets)
fi
said=$(mktemp)
slept=$(mktemp -d)
trap 'rm -rf "$said" "$slept"' EXIT
version=$(scripts/build.sh version)
for target; do
	[ -f "dist/wandns-$target" ] || fail "dist/wandns-$target is missing: make build"
	run="$(emulator "$target") dist/wandns-$target" || fail 'no emulator is known'
	run=${run#native }
	# shellcheck disable=SC2086 # run is a command with its arguments
	{
		$run version >"$said" 2>&1 || fail "version: $(head -n 5 "$said")"
		grep -qF "$version" "$said" || fail "version says \"$(head -n 5 "$said")\", which lacks $version"
		$run check --config scripts/smoke/good.config >"$said" 2>&1 || fail "a good config is refused: $(head -n 5 "$said")"
		if $run check --config scripts/smoke/bad.config >"$said" 2>&1; then
			fail 'a config with an unknown option passes'
		fi
		grep -q 'bad.config.*9' "$said" || fail "the error does not name file and line: $(head -n 5 "$said")"
	}
	case $target in
	mips*) # where scripts/slim mends how the runtime sleeps
		PROGRAM=./scripts/slim/slept EXTRA_LDFLAGS=-checklinkname=0 scripts/build.sh build -o "$slept" "$target" >/dev/null
		# shellcheck disable=SC2046 # a command with its arguments
		GODEBUG=asyncpreemptoff=1 $(emulator "$target") "$slept/wandns-$target" >"$said" 2>&1 || fail "usleep: $(head -n 5 "$said")"
		;;
	esac
	echo "smoke.sh: $target runs"
done
