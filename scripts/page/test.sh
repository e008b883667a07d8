#!/bin/sh
# The LuCI page in a browser, against the real program: eslint, then every click path.
#
#   scripts/page/test.sh [PART OF A NAME]
#
# PAGE_LUCI=DIR uses a directory of LuCI's own luci-static in place of our stand-in for it,
# PAGE_SHOTS=DIR keeps screenshots.
set -eu
cd "$(dirname "$0")/../.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

(cd scripts/page && npm ci --no-audit --no-fund --loglevel=error && npx eslint .)
go build -o "$out/wandns" ./cmd/wandns
go build -o "$out/page" ./scripts/page
PAGE_ONLY=${1:-} PAGE_WANDNS=$out/wandns "$out/page" run node scripts/page/tests/flow.mjs
