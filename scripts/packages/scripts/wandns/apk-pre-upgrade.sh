#!/bin/sh
# Stops the service of the old version. apk runs none of its scripts at an upgrade, and a start
# alone would change nothing: procd sees the same command and lets the old program run on.
[ -s "${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
# shellcheck source=/dev/null
. "${IPKG_INSTROOT}/lib/functions.sh"
export PKG_UPGRADE=1
export root="${IPKG_INSTROOT}"
export pkgname="@NAME@"
default_prerm
