# Each line of `make help` is a target and the comment behind it. The work is done by scripts/.

TARGETS := $(shell scripts/build.sh targets)
BINARIES := $(TARGETS:%=dist/wandns-%)

.DEFAULT_GOAL := help
.PHONY: help run build build-minimal test fuzz lint size size-record smoke bench deps clean $(BINARIES)

help: ## print this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: ## show wandns at work: a private network, a WAN that changes, a timeline
	@scripts/run.sh $(ARGS)

build: ## the release binaries of all targets, static, into dist/
	@$(MAKE) --no-print-directory -j 2 $(BINARIES)

# Go knows what changed: asking it every time is right, and quick.
$(BINARIES): dist/wandns-%:
	@scripts/build.sh build $*

build-minimal: ## with Cloudflare, DuckDNS and dyndns2 only, into dist/minimal/
	@VARIANT=minimal scripts/build.sh build -o dist/minimal $(TARGETS)

test: ## everything that CI checks; STEPS="vet lint" for some of it
	@scripts/test.sh $(STEPS)

fuzz: ## every fuzz target for TIME (20s); NAME=text for some
	@scripts/fuzz.sh $(or $(TIME),20s) $(NAME)

lint: ## staticcheck, revive, shellcheck, busybox ash
	@scripts/lint.sh

packages: ## .ipk and .apk for every OpenWrt architecture, with feeds; ARCH=... for some
	@cd scripts/packages && go run . $(ARCH)

size: build ## per target: bytes of the file, gzip -9, xz -9
	@scripts/size.sh print

size-providers: ## per service: bytes that it costs, gzip -9 and xz -9 (mipsle)
	@scripts/size.sh providers

size-record: build ## write the sizes that CI compares with, after growth that is meant
	@scripts/size.sh record

smoke: build ## run the binary of every target, emulated
	@scripts/smoke.sh

bench: ## the figures, beside inadyn and ddclient, in 25 minutes; SECTIONS="change start" for some
	@scripts/bench.sh $(SECTIONS)

deps: ## install the Debian packages that the above need
	@scripts/deps.sh

clean: ## remove what was built
	rm -rf dist scripts/bin
