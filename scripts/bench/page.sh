#!/bin/sh
# How soon the LuCI page's overview of 100 names is there in a browser whose processor is slowed
# down four times, and what a poll of the status costs the daemon.
set -eu
cd "$(dirname "$0")/../.."
PAGE_SCRIPT=scripts/page/tests/bench.mjs exec scripts/page/test.sh
