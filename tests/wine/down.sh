#!/bin/sh
# down.sh DIR: stops the Wine server of the prefix DIR, all its programs with it, and waits for its end.
set -eu
[ $# -eq 1 ] || { echo "usage: down.sh DIR" >&2; exit 2; }
. "$(dirname "$0")/env.sh"
[ -d "$1" ] || exit 0
use_prefix "$1"

if wineserver -k0 2>/dev/null; then
	timeout -k 5 30 wineserver -k || true
	timeout -k 5 30 wineserver -w || fail "the Wine server of $WINEPREFIX does not end"
fi
