# Sourced by up.sh, down.sh and run.sh: the surroundings that every Wine program of this project gets.

fail()
{
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# stretched SECONDS: as long as that, on a slow machine longer (client/echo/deadline.h).
stretched()
{
	[ -n "${ECHO_TEST_TIMEOUT_MULTIPLIER:-}" ] || { echo "$1"; return; } # without starting a program
	awk -v seconds="$1" -v factor="$ECHO_TEST_TIMEOUT_MULTIPLIER" 'BEGIN { print seconds * factor }'
}

# use_prefix DIR: Wine's files go to DIR, never to the user's own prefix.
use_prefix()
{
	case $1 in
	/*) WINEPREFIX=${1%/} ;; # without starting a program: run.sh comes here a thousand times in a run
	*) WINEPREFIX=$(realpath -m "$1") ;;
	esac
	export WINEPREFIX
}

# Debian's newest Wine keeps its server out of the PATH.
command -v wineserver >/dev/null || PATH=$PATH:/usr/lib/$(uname -m)-linux-gnu/wine
command -v wine >/dev/null && command -v wineserver >/dev/null ||
	fail "Wine is missing: run  sh tests/wine/setup.sh"

# No desktop is touched: no display, no menu entries, no offer to install Mono and Gecko. Without winedbg
# a crash is one line and an exit code; with it, a dialog box that nobody sees and that never ends.
unset DISPLAY WAYLAND_DISPLAY
export WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe=;winedbg.exe='
export WINEARCH=win64

# Wine 8 keeps the page at 0x7ffe0000 for itself. With randomised addresses its own heap lies there once in a few
# thousand starts, and the program ends with exit code 1 before its first instruction. So the addresses are fixed
# where the system allows it (a container may not); elsewhere the failure at least prints a message.
if [ -z "${ECHO_FIXED_ADDRESSES+asked}" ]; then
	ECHO_FIXED_ADDRESSES=
	setarch -R true 2>/dev/null && ECHO_FIXED_ADDRESSES='setarch -R'
	export ECHO_FIXED_ADDRESSES
fi
export WINEDEBUG="${WINEDEBUG:--all,err+virtual}"
export LC_ALL=C.UTF-8
