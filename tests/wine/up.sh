#!/bin/sh
# up.sh DIR: makes Wine ready in the prefix DIR: creates it the first time, then starts a server that
# stays. Does nothing but look when all is up already. Safe to run again after anything that went wrong.
set -eu
[ $# -eq 1 ] || { echo "usage: up.sh DIR" >&2; exit 2; }
. "$(dirname "$0")/env.sh"
use_prefix "$1"
prefix=$WINEPREFIX

# One at a time. What outlives this script must hold neither the lock (9) nor a pipe of its caller: CTest,
# Ninja and $(...) read such a pipe to its end, and would wait for Wine's services for ever.
[ -e "$prefix.lock" ] || mkdir -p "$(dirname "$prefix")"
exec 9>"$prefix.lock"
flock -w "$(stretched 120)" 9 || fail "another run has been busy with $prefix for $(stretched 120) s"
# detached SECONDS COMMAND...
detached()
{
	limit=$(stretched "$1")
	shift
	$ECHO_FIXED_ADDRESSES timeout -k 5 "$limit" "$@" </dev/null >>"$prefix.log" 2>&1 9>&- &
	wait $!
}
# fail_with_log TEXT: in Wine's own words, too.
fail_with_log()
{
	tail -n 20 "$prefix.log" >&2
	fail "$* (above: the end of $prefix.log)"
}

wineserver -k0 2>/dev/null && exit 0
: >"$prefix.log"
rm -f "$prefix.ready"
# A server without services would be taken for a ready one, so an interrupted start stops it again.
trap 'detached 30 wineserver -k; exit 130' INT TERM HUP

# A prefix is made beside its place and renamed at the end, so that one in its place is always a whole one.
if [ ! -d "$prefix" ]; then
	echo "up.sh: creating the Wine prefix $prefix (once, about 15 seconds)" >&2
	use_prefix "$prefix.new"
	mkdir -p "$WINEPREFIX"
	# An interrupted run may have left its files here, and a server that is still at work on them.
	detached 30 wineserver -k || true
	find "$WINEPREFIX" -mindepth 1 -delete
	detached 90 wine wineboot --init || fail_with_log "wineboot could not create $WINEPREFIX"
	# The null driver lets 04_asyncselect create its window where there is no display.
	detached 30 wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f ||
		fail_with_log "could not set the graphics driver in $WINEPREFIX"
	detached 30 wineserver -k || fail_with_log "could not stop the server of $WINEPREFIX"
	mv "$WINEPREFIX" "$prefix"
	use_prefix "$prefix"
fi

# The server stays until down.sh or, after an interrupted run, for ten minutes behind the last program. wineboot starts
# Wine's services while their output goes to /dev/null; the first program would pass them its own.
detached 30 wineserver -p600 && detached 60 wine wineboot || fail_with_log "could not start Wine in $prefix"

# The first program with a window starts explorer.exe, which inherits the program's stdout and keeps it open.
# So we open a window ourselves, with /dev/null. It stays as long as the server, two hours at the most.
$ECHO_FIXED_ADDRESSES timeout 7200 wine winver </dev/null >/dev/null 2>&1 9>&- &
detached 30 wine rundll32.exe user32.dll,GetDesktopWindow || true
: >"$prefix.ready" # run.sh need not call this script while the server lives
