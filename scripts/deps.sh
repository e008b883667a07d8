#!/bin/sh
# Installs what building and testing need and this machine lacks: Debian packages, when root.
# Nothing is installed when nothing is missing.
#
#   scripts/deps.sh           everything that make test needs
#   scripts/deps.sh COMMAND…  only what these commands come from
set -eu

# command              Debian package, and what it is for
needs='
gcc                    gcc              # the race detector
ld                     binutils         # the same
git                    git              # version and build time
ip                     iproute2         # networks in namespaces
named                  bind9            # the name servers that tests ask
knotd                  knot
pdns_server            pdns-server
radvd                  radvd            # router advertisements on a LAN
dhcpd                  isc-dhcp-server  # prefix delegation: at the ISP
dhclient               isc-dhcp-client  # and on the router
miniupnpd              miniupnpd-nftables # NAT-PMP and PCP of the router upstream
tayga                  tayga            # 464XLAT: on the router and at the ISP
setpriv                util-linux       # programs without capabilities
nft                    nftables         # NAT in front of a test router
shellcheck             shellcheck
busybox                busybox-static   # the shell that OpenWrt has
qemu-mips-static       qemu-user-static # our binaries on their own instruction sets
xz                     xz-utils         # flash images
gzip                   gzip
chromium               chromium         # the LuCI page
node                   nodejs           # the same
npm                    npm              # the same
'

# Files that no command stands for.
certificates=/etc/ssl/certs/ca-certificates.crt
libc=/usr/include/stdlib.h
powerdns='/usr/lib/*/pdns/liblmdbbackend.so'

# found COMMAND: also where root's commands are, for people who are not.
found() {
	PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1
}

missing() {
	wanted=" $* "
	echo "$needs" | while read -r name package _; do
		[ -n "$name" ] || continue
		case $wanted in
		'  ' | *" $name "*) found "$name" || echo "$package" ;;
		esac
	done
	if [ "$wanted" = '  ' ]; then
		[ -s "$certificates" ] || echo ca-certificates
		[ -s "$libc" ] || echo libc6-dev
		# shellcheck disable=SC2086 # a pattern
		ls $powerdns >/dev/null 2>&1 || echo pdns-backend-lmdb
	fi
}

# The module proxy brings any other Go release that is needed; one has to be there first.
check_go() {
	if ! found go; then
		echo 'deps.sh: Go is missing: install 1.25 or newer from https://go.dev/dl/' >&2
		exit 1
	fi
	case $(go env GOVERSION) in
	go1.[0-9] | go1.[0-9].* | go1.1[0-9]* | go1.2[0-4]*)
		echo "deps.sh: $(go env GOVERSION) is too old for the tests: install 1.25 or newer from https://go.dev/dl/" >&2
		exit 1
		;;
	esac
}

check_go
# shellcheck disable=SC2046 # one word for each package
set -- $(missing "$@" | sort -u)
[ $# = 0 ] && exit 0
if ! found apt-get; then
	echo "deps.sh: missing, by the names that Debian gives them: $*" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "deps.sh: missing; please run: sudo apt-get install --no-install-recommends $*" >&2
	exit 1
fi
echo "deps.sh: installing $*"
export DEBIAN_FRONTEND=noninteractive
# A service that a package would start has no business on this machine.
if [ ! -e /usr/sbin/policy-rc.d ]; then
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod +x /usr/sbin/policy-rc.d
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
if ! apt-get install -y -q --no-install-recommends "$@"; then
	apt-get update -q
	apt-get install -y -q --no-install-recommends "$@"
fi
