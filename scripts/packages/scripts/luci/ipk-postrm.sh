#!/bin/sh
# The page has gone from LuCI's menu, and its access list from rpcd.
[ "$1" = upgrade ] && exit 0
[ -n "${IPKG_INSTROOT}" ] && exit 0
rm -f /tmp/luci-indexcache.*
rm -rf /tmp/luci-modulecache
[ ! -x /etc/init.d/rpcd ] || /etc/init.d/rpcd reload 2>/dev/null
exit 0
