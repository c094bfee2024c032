#!/bin/sh
# session.sh DIR PROGRAM.exe [ARGUMENT...]: runs the program in the prefix DIR and then takes Wine down.
# The exit code is the program's own.
set -eu
[ $# -ge 2 ] || { echo "usage: session.sh DIR PROGRAM.exe [ARGUMENT...]" >&2; exit 2; }
here=$(dirname "$0")
export ECHO_WINEPREFIX="$1"
shift

trap : INT # Ctrl+C ends the program; Wine is still taken down
status=0
sh "$here/run.sh" "$@" || status=$?
sh "$here/down.sh" "$ECHO_WINEPREFIX"
exit "$status"
