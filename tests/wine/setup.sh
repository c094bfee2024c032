#!/bin/sh
# Installs what building and testing on Debian or Ubuntu needs: packages of the distribution that are
# missing, nothing else. Does nothing, at once, when all of them are there. On other systems it names
# what is missing. With the argument "watch": what making tests/watch/watch.html needs.
set -eu

fail()
{
	echo "setup.sh: $*" >&2
	exit 1
}

case ${1:-} in
'' | watch) ;;
*) fail "unknown argument '$1'" ;;
esac

# The programs are for 64-bit x86, and Wine emulates no processor.
case ${1:-}$(uname -m) in
x86_64 | amd64 | watch*) ;;
*)
	fail "Wine runs the programs on x86-64 only; this machine is $(uname -m). The simulation runs everywhere:
  cmake --workflow --preset simulation   (needs CMake, a C++ compiler and doctest)"
	;;
esac

packages='g++-mingw-w64-x86-64-posix wine wine64 doctest-dev cmake make'
cmake_wanted=3.25
if [ "${1:-}" = watch ]; then
	packages='clang-19 lld-19 libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32 wasi-libc
		chromium doctest-dev cmake make'
fi

# what_is_missing: a line for each program that is not in the PATH, with the name of its package.
what_is_missing()
{
	while read -r program package; do
		command -v "$program" >/dev/null || echo "  $package, which has the program $program"
	done <<-END
		x86_64-w64-mingw32-g++ MinGW-w64 for 64-bit Windows, with posix threads
		wine Wine, 64 bit
		cmake CMake $cmake_wanted or newer
		make GNU make
		flock util-linux
		timeout GNU coreutils
	END
}

if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
	missing=$(what_is_missing)
	[ -z "$missing" ] || fail "this is neither Debian nor Ubuntu. To be installed by hand:
$missing
  doctest, which is one header, doctest/doctest.h
The simulation needs neither MinGW-w64 nor Wine, only CMake, a C++ compiler and doctest:
  cmake --workflow --preset simulation"
else
	# For the simulation, which is built for this machine. Any compiler will do.
	command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null ||
		packages="$packages g++"
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
fi

cmake_found=$(cmake --version | sed -n '1s/^cmake version //p')
printf '%s\n' "$cmake_wanted" "$cmake_found" | sort -V -C ||
	fail "CMake $cmake_wanted or newer is needed, $(command -v cmake) is $cmake_found"
