#!/bin/sh
# Measures wandns beside inadyn, ddclient and ddns-go, in one run on this machine, and writes
# scripts/bench/RESULTS.md with a plot for each table. scripts/bench/rivals says how. Takes 13
# minutes, and stops by itself. Sections (start change idle memory size) as arguments measure some
# of it, and print it. -idle 10m ahead of them samples for longer.
#
# inadyn and ddclient are Debian's packages, installed here where that is possible. ddns-go has none:
# the program is where DDNS_GO says, or in PATH, or it is left out, which the results say. None is
# started as a service: they run in private networks, and reach nothing but doubles on loopback.
set -eu
cd "$(dirname "$0")/../.."
scripts/deps.sh go ip
export PATH="$PATH:/usr/sbin:/sbin" # where Debian keeps inadyn

# absent: the packages that are not installed. ddclient does TLS with a package that it only recommends.
absent() {
	for package in inadyn ddclient libio-socket-ssl-perl; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
		*' installed') ;;
		*) echo "$package" ;;
		esac
	done
}

install() {
	[ "$(id -u)" = 0 ] || {
		echo "rivals.sh: missing; please run: sudo apt-get install --no-install-recommends $*" >&2
		return 1
	}
	export DEBIAN_FRONTEND=noninteractive
	if [ ! -e /usr/sbin/policy-rc.d ]; then # which keeps a package from starting its service
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod +x /usr/sbin/policy-rc.d
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	set -- apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
	"$@" >/dev/null 2>&1 || {
		apt-get -qq -o DPkg::Lock::Timeout=300 update >/dev/null
		"$@" >/dev/null
	}
}

missing=$(absent)
if [ -n "$missing" ]; then
	# shellcheck disable=SC2086 # words
	(install $missing)
fi

target=$(scripts/build.sh host)
scripts/build.sh build "$target" >/dev/null
set -- -wandns "dist/wandns-$target" -ddns-go "${DDNS_GO:-$(command -v ddns-go || true)}" -out scripts/bench "$@"
# Most routers have 32 bits. What runs without an emulator shows their memory.
if [ "$target" = amd64 ]; then
	scripts/build.sh build 386 >/dev/null
	if dist/wandns-386 version >/dev/null 2>&1; then # not every kernel has 32 bits in it
		set -- -wandns32 dist/wandns-386 "$@"
	fi
fi
mkdir -p scripts/bin
GOFLAGS='' go build -trimpath -buildvcs=false -o scripts/bin/rivals ./scripts/bench/rivals
exec scripts/bin/rivals "$@"
