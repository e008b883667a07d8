#!/bin/sh
# Shows the release binary at work on emulated routers with 64 MB and no clock: scripts/vm says
# what is checked. Half a minute for each; the first time the kernels are fetched, 90 MB.
#
#   scripts/vm.sh [BOARD...]   mips: a Malta board with a 24Kc; arm: a Cortex-A7
#   scripts/vm.sh paths BOARD  fetches what a board needs, and prints emulator, kernel, modules
#
# The kernels are Debian's, fetched through apt with folders of its own, so that this machine's
# packages and lists stay as they are. Elsewhere than on Debian, name a kernel for the board, and
# the lib/modules that goes with it, yourself:
#
#   KERNEL=vmlinux MODULES=lib/modules scripts/vm.sh mips
set -eu
cd "$(dirname "$0")/.."
release=bookworm # the last Debian with a kernel for 32-bit MIPS

# Per board: target, emulator, its Debian package, Debian's architecture, the package that needs
# the kernel's (whose own name changes), and the network card's driver with what it stands on,
# in the order of loading.
boards='
mips mipsle qemu-system-mipsel qemu-system-mips mipsel linux-image-4kc-malta drivers/net/mii drivers/net/ethernet/amd/pcnet32
arm  arm7   qemu-system-arm    qemu-system-arm  armhf  linux-image-armmp     net/core/failover drivers/net/net_failover drivers/net/virtio_net drivers/virtio/virtio_mmio
'

# choose BOARD sets what the table says of it.
choose() {
	board=$1
	row=$(echo "$boards" | sed -n "s/^$board  *//p")
	[ -n "$row" ] || {
		echo "vm.sh: no board \"$board\"; there are: mips arm" >&2
		exit 2
	}
	# shellcheck disable=SC2086 # words
	set -- $row
	target=$1 qemu=$2 package=$3 arch=$4 image=$5
	shift 5
	drivers=$*
	dir=$PWD/dist/vm/$board
}

# emulator: installs QEMU where that is possible.
emulator() {
	command -v "$qemu" >/dev/null && return
	[ "$(id -u)" = 0 ] || {
		echo "vm.sh: $qemu is missing: apt-get install --no-install-recommends $package" >&2
		return 1
	}
	export DEBIAN_FRONTEND=noninteractive
	set -- apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$package"
	"$@" >/dev/null 2>&1 || {
		apt-get -qq -o DPkg::Lock::Timeout=300 update >/dev/null
		"$@" >/dev/null
	}
}

# foreign COMMAND...: apt for the board's packages.
foreign() {
	root=$dir/apt
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	[ -f "$root/status" ] || : >"$root/status"
	mirror=$(apt-get indextargets --format "\$(SITE) \$(CODENAME)" 'Created-By: Packages' |
		while read -r site name; do [ "$name" != "$release" ] || echo "$site"; done | head -n 1)
	# A machine of another release has at least a mirror of Debian.
	[ -n "$mirror" ] || mirror=$(apt-get indextargets --format "\$(SITE)" 'Created-By: Packages' | head -n 1)
	echo "deb [arch=$arch signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$root/sources.list"
	cat >"$root/apt.conf" <<CONF
Dir::Etc::Parts "/dev/null";
Dir::Etc::SourceList "$root/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State::Lists "$root/lists";
Dir::State::status "$root/status";
Dir::Cache "$root/cache";
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
CONF
	APT_CONFIG=$root/apt.conf "$@"
}

# kernel: fetches it, once, and keeps only what a machine needs of it.
kernel() {
	[ -d "$dir/kernel" ] && return
	rm -rf "$dir/new"
	mkdir -p "$dir/new"
	foreign apt-get -qq update
	of=$(foreign apt-cache show "$image" | sed -n 's/^Depends: \(linux-image[^ ,]*\).*/\1/p' | head -n 1)
	[ -n "$of" ] || {
		echo "vm.sh: no kernel for the board at the mirror" >&2
		return 1
	}
	(cd "$dir/new" && foreign apt-get -qq download "$of")
	for deb in "$dir/new"/*.deb; do
		dpkg-deb -x "$deb" "$dir/new/whole"
	done
	mkdir -p "$dir/new/kernel/modules"
	cp "$dir/new/whole"/boot/vmlinuz-* "$dir/new/kernel/vmlinuz"
	for driver in $drivers; do
		cp "$dir/new/whole"/lib/modules/*/kernel/"$driver".ko "$dir/new/kernel/modules/"
	done
	mv "$dir/new/kernel" "$dir/kernel"
	rm -rf "$dir/new" "$dir/apt"
}

# paths: emulator, kernel and modules, in a line; what the machine's kernel has built in is left out.
paths() {
	mkdir -p "$dir"
	emulator >&2
	if [ -z "${KERNEL:-}" ]; then
		kernel >&2
		set -- "$qemu" "$dir/kernel/vmlinuz"
		for driver in $drivers; do
			set -- "$@" "$dir/kernel/modules/${driver##*/}.ko"
		done
	else
		set -- "$qemu" "$KERNEL"
		for driver in $drivers; do
			for file in "${MODULES:-}"/*/kernel/"$driver".ko; do
				[ ! -f "$file" ] || set -- "$@" "$file"
			done
		done
	fi
	echo "$*"
}

run() {
	found=$(paths)
	scripts/build.sh build "$target"
	# shellcheck disable=SC2046 # words of NAME=value
	env $(scripts/build.sh env "$target") go build -trimpath -ldflags '-s -w' -o "$dir/guest" ./scripts/vm/guest
	go build -o dist/vm/vm ./scripts/vm
	# shellcheck disable=SC2086 # words
	set -- $found
	emulate=$1 vmlinuz=$2
	shift 2
	dist/vm/vm -board "$board" -qemu "$emulate" -kernel "$vmlinuz" -guest "$dir/guest" -wandns "dist/wandns-$target" "$@"
	echo "ok	scripts/vm.sh: the release binary on an emulated $board router"
}

if [ "${1:-}" = paths ]; then
	choose "${2:-}"
	paths
	exit
fi
[ $# != 0 ] || set -- mips arm
for name; do
	choose "$name"
	run
done
