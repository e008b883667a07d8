#!/bin/sh
# The LuCI page in a browser, against the real program: eslint, then every click path.
#
#   scripts/page/test.sh [PART OF A NAME]
#
# PAGE_LUCI=DIR uses a directory of LuCI's own luci-static in place of our stand-in for it,
# PAGE_SHOTS=DIR keeps screenshots, PAGE_SCRIPT=FILE is run in place of the click paths.
set -eu
cd "$(dirname "$0")/../.."

scripts/deps.sh chromium node npm

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# What was installed last is remembered by the lock file that it was of. Some of it is Go, which our
# tools would take for ours.
(
	cd scripts/page
	cmp -s package-lock.json node_modules/.installed || {
		npm ci --no-audit --no-fund --loglevel=error
		find node_modules -name '*.go' -delete
		cp package-lock.json node_modules/.installed
	}
)
scripts/page/node_modules/.bin/eslint --config scripts/page/eslint.config.js luci-app scripts/page
go build -o "$out/wandns" ./cmd/wandns
go build -o "$out/page" ./scripts/page
PAGE_ONLY=${1:-} PAGE_WANDNS=$out/wandns timeout 600 "$out/page" run node "${PAGE_SCRIPT:-scripts/page/tests/flow.mjs}"
