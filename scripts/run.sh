#!/bin/sh
# Shows wandns at work on this machine, harming nothing: builds it, and runs scripts/demo,
# which gives it a network of its own. Arguments go to the demo.
set -eu
cd "$(dirname "$0")/.."
scripts/deps.sh go

target=$(scripts/build.sh host)
scripts/build.sh build "$target" >/dev/null
mkdir -p scripts/bin
GOFLAGS='' go build -trimpath -buildvcs=false -o scripts/bin/demo ./scripts/demo

if unshare -Urn true 2>/dev/null || [ "$(id -u)" = 0 ]; then
	exec scripts/bin/demo --wandns "dist/wandns-$target" "$@"
fi

cat >&2 <<TEXT
run.sh: this machine does not let you make a private network without being root.
TEXT
off() { [ "$(cat "/proc/sys/$1" 2>/dev/null)" = "$2" ]; }
if off kernel/unprivileged_userns_clone 0; then
	echo '  allow it with: sudo sysctl kernel.unprivileged_userns_clone=1' >&2
fi
if off kernel/apparmor_restrict_unprivileged_userns 1; then
	echo '  allow it with: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0' >&2
fi
if off user/max_user_namespaces 0; then
	echo '  allow it with: sudo sysctl user.max_user_namespaces=10000' >&2
fi
if ! command -v sudo >/dev/null; then
	echo '  or run it as root' >&2
	exit 1
fi
echo '  going on with sudo' >&2
exec sudo scripts/bin/demo --wandns "dist/wandns-$target" "$@"
