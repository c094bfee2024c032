#!/bin/sh
# run.sh PROGRAM.exe [ARGUMENT...]: runs a Windows program under Wine, in the prefix that ECHO_WINEPREFIX
# names, by default build/wine of this repository. Exit code, input and output are the program's own.
set -eu
[ $# -ge 1 ] || { echo "usage: run.sh PROGRAM.exe [ARGUMENT...]" >&2; exit 2; }
here=${0%/*}
[ "$here" != "$0" ] || here=.
. "$here/env.sh"
[ -f "$1" ] || fail "no such file: $1"
use_prefix "${ECHO_WINEPREFIX:-$here/../../build/wine}"

# The program holds this lock (8) together with all others that run in the prefix, so that down.sh, at the
# end of another run, does not stop Wine under it. Wine's server must not hold it.
[ -d "${WINEPREFIX%/*}" ] || mkdir -p "${WINEPREFIX%/*}"
exec 8>"$WINEPREFIX.users"
flock -s -w "$(stretched 120)" 8 || fail "somebody has been stopping Wine in $WINEPREFIX for $(stretched 120) s"
{ [ -e "$WINEPREFIX.ready" ] && wineserver -k0 2>/dev/null; } || sh "$here/up.sh" "$WINEPREFIX" 8>&-

if ! [ -t 0 ] && ! [ -t 1 ] && ! [ -t 2 ]; then
	exec $ECHO_FIXED_ADDRESSES wine "$@"
fi

# On a terminal Wine would draw a console of its own, with escape codes. If it sees pipes only, it leaves
# the bytes as they are (the numbers are this script's file descriptors):
#
#   terminal --3--> cat (feeder) --in, 4--> wine --out, 5--> cat --> terminal (stdout)
#                                                --err, 6--> cat --> terminal (stderr)
#
# A FIFO opens when it has a reader and a writer; a cat ends when the last writer has closed its FIFO. So
# this script opens all three before wine starts, and closes them after it has ended. Ctrl+C reaches the
# program; the script goes on until its last output is shown.
[ -t 2 ] && export ECHO_STDERR_IS_TERMINAL=1 # for a line of progress
pipes=$(mktemp -d)
mkfifo "$pipes/in" "$pipes/out" "$pipes/err"
exec 3<&0
# Started with "&", a program that does not read the terminal is not stopped for it (TTIN).
(trap '' TTIN; exec cat <&3 >"$pipes/in" 2>/dev/null) &
feeder=$!
cat <"$pipes/out" &
cat <"$pipes/err" >&2 &
exec 4<"$pipes/in" 5>"$pipes/out" 6>"$pipes/err"
[ -t 1 ] && [ -t 2 ] && exec 6>&5 # one pipe, so that what both say stays in order
rm -r "$pipes"
trap : INT HUP
status=0
$ECHO_FIXED_ADDRESSES wine "$@" <&4 >&5 2>&6 3<&- 4<&- 5>&- 6>&- || status=$?
kill "$feeder" 2>/dev/null || true
exec 4<&- 5>&- 6>&-
wait
exit "$status"
