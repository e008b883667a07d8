#!/bin/sh
# How the router's binary is built: the one place that knows targets, tags and flags.
# make build, size, run, the checks and the packages all ask here.
#
#   scripts/build.sh build [-o DIR] [TARGET...]   build into DIR (dist), one file wandns-TARGET each
#   scripts/build.sh targets                      every target, one in a line
#   scripts/build.sh host                         the target that this machine runs
#   scripts/build.sh env TARGET                   the environment go needs for TARGET
#   scripts/build.sh tags | version | time        build tags, version, build time in Unix seconds
#   scripts/build.sh replace                      flags for go that leave out what is never used
#   scripts/build.sh finish FROM TO               the last step: what go built, made smaller
#
# Environment:
#   VERSION            text of `wandns version`; else from git describe
#   SOURCE_DATE_EPOCH  build time in Unix seconds; else the time of the last commit
#   VARIANT            standard (the release) or minimal: Cloudflare, DuckDNS and dyndns2 only, no import
#   EXTRA_TAGS         more build tags, with commas (no_desec leaves that service out)
#   EXTRA_LDFLAGS      more flags for the linker
#   PROGRAM            the package to build; else ./cmd/wandns. For what must be built as the release is
set -eu
cd "$(dirname "$0")/.."

# target  GOARCH   and what decides which instructions are used. MIPS routers have no FPU.
targets='
mips     mips     GOMIPS=softfloat
mipsle   mipsle   GOMIPS=softfloat
mips64   mips64   GOMIPS64=softfloat
mips64le mips64le GOMIPS64=softfloat
arm5     arm      GOARM=5
arm6     arm      GOARM=6
arm7     arm      GOARM=7
arm64    arm64    GOARM64=v8.0
386      386      GO386=softfloat
amd64    amd64    GOAMD64=v1
riscv64  riscv64  GORISCV64=rva20u64
loong64  loong64
'

# HTTP/2 costs 100 KB of flash (xz) and no provider needs it.
tags=nethttpomithttp2
case ${VARIANT:=standard} in
standard) ;;
minimal) tags=$tags,minimal ;;
*)
	echo "build.sh: no variant \"$VARIANT\"; there are: standard minimal" >&2
	exit 2
	;;
esac
tags=$tags${EXTRA_TAGS:+,$EXTRA_TAGS}

# Without inlining the binary is 60 KB (xz) smaller and TLS takes three times the CPU, so inlining
# is off everywhere except where a handshake spends its time: elliptic curves, big numbers,
# hashes, ciphers, and the small leaf packages that they call. With all of the cryptography it
# would be 17 KB more, for 2 % of a handshake. Go 1.24 moved most of it below fips140; patterns that
# a release does not know match nothing.
inline='
crypto/subtle internal/byteorder internal/cpu internal/goarch math/bits
internal/runtime/math runtime/internal/math
crypto/internal/nistec/... crypto/internal/edwards25519/field crypto/internal/bigmod crypto/internal/alias
crypto/internal/curves32 crypto/internal/fips140/nistec/... crypto/internal/fips140/edwards25519/field crypto/internal/fips140/bigmod
crypto/internal/fips140/alias crypto/internal/fips140/subtle crypto/internal/fips140/check
crypto/sha256 crypto/sha512 crypto/aes
crypto/internal/fips140/sha256 crypto/internal/fips140/sha512 crypto/internal/fips140/aes/...
vendor/golang.org/x/crypto/chacha20 vendor/golang.org/x/crypto/internal/...
'

# What a build leaves out without any difference in what the program does: scripts/slim says what
# and why. Together a seventh of the packed binary.
slim() {
	env GOOS= GOARCH= GOEXPERIMENT= GOFLAGS= GOWORK=off go run ./scripts/slim "$@"
}
replace() {
	slim prepare scripts/bin/slim
}

version() {
	if [ -n "${VERSION:-}" ]; then
		echo "$VERSION"
	elif v=$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null); then
		echo "${v#v}"
	elif v=$(git describe --always --dirty 2>/dev/null); then
		echo "0.0.0-$v"
	else
		echo 0.0.0-unknown
	fi
}

# A source archive has no commit, but its files have the commit's time.
build_time() {
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		echo "$SOURCE_DATE_EPOCH"
	else
		git log -1 --format=%ct 2>/dev/null || stat -c %Y go.mod
	fi
}

# go_env TARGET prints the variables for go, as arguments of env.
go_env() {
	echo "$targets" | while read -r name arch detail; do
		if [ "$name" = "$1" ]; then
			echo "GOOS=linux GOARCH=$arch $detail CGO_ENABLED=0"
		fi
	done | grep . || {
		echo "build.sh: no target \"$1\"; there are: $(list | tr '\n' ' ')" >&2
		return 1
	}
}

list() {
	echo "$targets" | while read -r name _; do
		[ -z "$name" ] || echo "$name"
	done
}

host() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	i?86) echo 386 ;;
	aarch64) echo arm64 ;;
	armv7*) echo arm7 ;;
	armv6*) echo arm6 ;;
	riscv64) echo riscv64 ;;
	loongarch64) echo loong64 ;;
	*)
		echo "build.sh: no target for a machine of type $(uname -m)" >&2
		return 1
		;;
	esac
}

# go compiles only what changed; only linking is done anew.
build() {
	out=dist
	if [ "${1:-}" = -o ]; then
		out=$2
		shift 2
	fi
	if [ $# = 0 ]; then
		# shellcheck disable=SC2046 # one word for each target
		set -- $(list)
	fi
	ldflags="-s -w -buildid= -X main.version=$(version) -X main.buildTime=$(build_time) ${EXTRA_LDFLAGS:-}"
	gcflags=-gcflags=all=-l
	for package in $inline; do
		gcflags="$gcflags -gcflags=$package="
	done
	mkdir -p "$out"
	replacements=$(replace)
	whole=$(mktemp -d)
	trap 'rm -rf "$whole"' EXIT
	for target; do
		vars=$(go_env "$target")
		# shellcheck disable=SC2086 # vars, gcflags and replacements are lists of words without blanks
		env GOEXPERIMENT= GOFLAGS= GOWORK=off $vars \
			go build -trimpath -buildvcs=false -tags "$tags" $replacements $gcflags -ldflags "$ldflags" \
			-o "$whole/wandns-$target" "${PROGRAM:-./cmd/wandns}"
		slim lines "$whole/wandns-$target" "$out/wandns-$target"
		echo "$out/wandns-$target"
	done
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
build) build "$@" ;;
targets) list ;;
host) host ;;
env) go_env "$@" ;;
tags) echo "$tags" ;;
replace) replace ;;
finish) slim lines "$@" ;;
version) version ;;
time) build_time ;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
