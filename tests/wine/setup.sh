#!/bin/sh
# Installs what building and testing on Debian or Ubuntu needs: packages of the distribution that are
# missing, nothing else. Does nothing, at once, when all of them are there.
set -eu

packages='g++-mingw-w64-x86-64-posix wine wine64 doctest-dev cmake ninja-build make'
cmake_wanted=3.25

fail()
{
	echo "setup.sh: $*" >&2
	exit 1
}

if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
	fail "no apt-get and dpkg here. Install by hand: MinGW-w64 (x86_64, posix threads), Wine (64 bit)," \
		"doctest, CMake $cmake_wanted or newer, Ninja, make."
fi

missing=
for package in $packages; do
	dpkg -s "$package" 2>/dev/null | grep -q '^Status: .* installed$' || missing="$missing $package"
done

if [ -n "$missing" ]; then
	sudo=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || fail "needs root or sudo to install:$missing"
		sudo=sudo
	fi
	echo "setup.sh: installing$missing"
	$sudo apt-get update
	# No recommended packages: wine's alone would bring hundreds of megabytes of 32-bit libraries.
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
fi

cmake_found=$(cmake --version | sed -n '1s/^cmake version //p')
if ! dpkg --compare-versions "$cmake_found" ge "$cmake_wanted"; then
	fail "CMake $cmake_wanted or newer is needed, $(command -v cmake) is $cmake_found"
fi
