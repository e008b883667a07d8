# The targets do at once what the SDK does in many steps: compile; install into DEST; show, which
# prints what the package says of itself; scripts, which writes those into DEST.
PKG_BUILD_DIR=$(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)

.PHONY: compile install show scripts

compile:
	$(Build/Prepare)
	$(Build/Configure)
	$(Build/Compile)

install:
	$(call Package/$(PKG_NAME)/install,$(DEST))

show:
	$(foreach field,PKG_NAME PKG_VERSION PKG_RELEASE PKG_MAINTAINER PKG_LICENSE PKG_LICENSE_FILES PKG_BUILD_DEPENDS SECTION CATEGORY TITLE URL DEPENDS USERID,$(info $(field)=$($(field))))
	$(info conffiles=$(strip $(Package/$(PKG_NAME)/conffiles)))
	@:

# The SDK hands them over in the environment, expanded once.
scripts: export PREINST=$(Package/$(PKG_NAME)/preinst)
scripts: export POSTRM=$(Package/$(PKG_NAME)/postrm)
scripts:
	@printenv PREINST >$(DEST)/preinst
	@printenv POSTRM >$(DEST)/postrm

define BuildPackage
  $(eval $(Package/$(1)))
endef
