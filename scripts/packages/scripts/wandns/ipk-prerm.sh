#!/bin/sh
# As OpenWrt's own packages: stops the service, and disables it unless this is an upgrade.
[ -s "${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
# shellcheck source=/dev/null
. "${IPKG_INSTROOT}/lib/functions.sh"
default_prerm "$0" "$@"
