# A double of OpenWrt's SDK: as much of it as openwrt/Makefile uses. The targets do at once what
# the SDK does in many steps.
INCLUDE_DIR:=$(TOPDIR)/include
INSTALL_DIR:=install -d -m0755
INSTALL_BIN:=install -m0755
INSTALL_DATA:=install -m0644
INSTALL_CONF:=install -m0600
