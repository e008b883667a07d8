#!/bin/sh
# Shows the release binary at work on an emulated router (MIPS, 64 MB, no clock): scripts/vm says
# what is checked. Takes a minute; the first time the kernel is fetched, 45 MB.
#
#   scripts/vm.sh
#
# The machine is QEMU's Malta board with Debian's kernel for it, which is fetched through apt with
# folders of its own, so that this machine's packages and lists stay as they are. Elsewhere than
# on Debian, name a kernel for the board, and the lib/modules that goes with it, yourself:
#
#   KERNEL=vmlinux MODULES=lib/modules scripts/vm.sh
set -eu
cd "$(dirname "$0")/.."
dir=$PWD/dist/vm
qemu='qemu-system-mipsel'
release=bookworm # the last Debian with a kernel for 32-bit MIPS

# emulator: installs QEMU where that is possible.
emulator() {
	command -v "$qemu" >/dev/null && return
	[ "$(id -u)" = 0 ] || {
		echo "vm.sh: $qemu is missing: apt-get install --no-install-recommends qemu-system-mips" >&2
		return 1
	}
	apt-get -qq -o DPkg::Lock::Timeout=300 update >/dev/null
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install qemu-system-mips >/dev/null
}

# foreign COMMAND...: apt for the board's packages.
foreign() {
	root=$dir/apt
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	[ -f "$root/status" ] || : >"$root/status"
	mirror=$(apt-get indextargets --format "\$(SITE) \$(CODENAME)" 'Created-By: Packages' |
		while read -r site name; do [ "$name" != "$release" ] || echo "$site"; done | head -n 1)
	echo "deb [arch=mipsel signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} $release main" >"$root/sources.list"
	cat >"$root/apt.conf" <<CONF
Dir::Etc::Parts "/dev/null";
Dir::Etc::SourceList "$root/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$root/lists";
Dir::State::status "$root/status";
Dir::Cache "$root/cache";
APT::Architecture "mipsel";
APT::Architectures { "mipsel"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
CONF
	APT_CONFIG=$root/apt.conf "$@"
}

# kernel: fetches it, once. The name of the package changes, that of the one which needs it does not.
kernel() {
	[ -d "$dir/kernel" ] && return
	rm -rf "$dir/new"
	mkdir -p "$dir/new"
	foreign apt-get -qq update
	package=$(foreign apt-cache show linux-image-4kc-malta | sed -n 's/^Depends: \(linux-image[^ ,]*\).*/\1/p' | head -n 1)
	[ -n "$package" ] || {
		echo "vm.sh: no kernel for the board at the mirror" >&2
		return 1
	}
	(cd "$dir/new" && foreign apt-get -qq download "$package")
	for deb in "$dir/new"/*.deb; do
		dpkg-deb -x "$deb" "$dir/new/kernel"
	done
	mv "$dir/new/kernel" "$dir/kernel"
	rm -rf "$dir/new" "$dir/apt"
}

mkdir -p "$dir"
emulator
if [ -z "${KERNEL:-}" ]; then
	kernel
	KERNEL=$(echo "$dir"/kernel/boot/vmlinuz-*)
	MODULES=$dir/kernel/lib/modules
fi

scripts/build.sh build mipsle
# shellcheck disable=SC2046 # words of NAME=value
env $(scripts/build.sh env mipsle) go build -trimpath -ldflags '-s -w' -o "$dir/guest" ./scripts/vm/guest
go build -o "$dir/vm" ./scripts/vm

# The network card's driver, and what it stands on; nothing where the kernel has them built in.
set --
for file in "${MODULES:-}"/*/kernel/drivers/net/mii.ko "${MODULES:-}"/*/kernel/drivers/net/ethernet/amd/pcnet32.ko; do
	[ ! -f "$file" ] || set -- "$@" "$file"
done
"$dir/vm" --qemu "$qemu" --kernel "$KERNEL" --guest "$dir/guest" --wandns dist/wandns-mipsle "$@"
echo 'ok	scripts/vm.sh: the release binary on an emulated router'
