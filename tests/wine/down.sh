#!/bin/sh
# down.sh DIR: stops the Wine server of the prefix DIR and waits for its end, unless a program runs there.
set -eu
[ $# -eq 1 ] || { echo "usage: down.sh DIR" >&2; exit 2; }
. "$(dirname "$0")/env.sh"
[ -d "$1" ] || exit 0
use_prefix "$1"

wineserver -k0 2>/dev/null || exit 0
exec 8>"$WINEPREFIX.users" # see run.sh
if ! flock -n 8; then
	echo "down.sh: Wine stays up, for a program still runs in $WINEPREFIX" >&2
	exit 0
fi
timeout -k 5 "$(stretched 30)" wineserver -k || true
timeout -k 5 "$(stretched 30)" wineserver -w || fail "the Wine server of $WINEPREFIX does not end"
