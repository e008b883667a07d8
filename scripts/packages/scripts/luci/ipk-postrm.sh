#!/bin/sh
# The page has gone from LuCI's menu, and its access list from rpcd.
[ "$1" = upgrade ] && exit 0
[ -n "${IPKG_INSTROOT}" ] && exit 0
# opkg knows files, and leaves their directories; one that is in use is not empty.
rmdir /www/luci-static/resources/wandns /www/luci-static/resources/view/wandns 2>/dev/null
rm -f /tmp/luci-indexcache.*
rm -rf /tmp/luci-modulecache
[ ! -x /etc/init.d/rpcd ] || /etc/init.d/rpcd reload 2>/dev/null
exit 0
