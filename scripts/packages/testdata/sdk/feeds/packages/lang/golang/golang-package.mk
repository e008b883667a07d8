# What the packages feed sets for a target; with it the feed's own way to build would link with C.
GO_ARCH_DEPENDS:=@(arm||mipsel)
GO_PKG_VARS= \
	GOOS=linux \
	GOARCH=$(GO_ARCH) \
	CGO_ENABLED=1 \
	CC=/bin/false \
	GOENV=off \
	GOTOOLCHAIN=local

define Build/Compile
	false
endef

define GoBinPackage
endef
