# MinGW-w64 with posix threads (std::thread) for 64-bit Windows; the programs run under Wine.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

if(NOT CMAKE_HOST_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
	message(FATAL_ERROR "Wine runs the programs on x86-64 only; this machine is ${CMAKE_HOST_SYSTEM_PROCESSOR}.\n"
		"The simulation runs everywhere:  cmake --workflow --preset simulation")
endif()

# Debian gives the posix variant a name of its own; where both are installed the plain name may be the other.
find_program(MINGW_CXX NAMES x86_64-w64-mingw32-g++-posix x86_64-w64-mingw32-g++)
find_program(WINE_PROGRAM wine)
if(NOT MINGW_CXX OR NOT WINE_PROGRAM)
	message(FATAL_ERROR "MinGW-w64 or Wine is missing: run  sh tests/wine/setup.sh\n"
		"The simulation needs neither:  cmake --workflow --preset simulation")
endif()
set(CMAKE_CXX_COMPILER ${MINGW_CXX})
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

# Headers, libraries and packages of the host are never for the target.
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# CTest and custom commands start a program of the build through this.
set(WINE_PREFIX ${CMAKE_BINARY_DIR}/wine)
set(CMAKE_CROSSCOMPILING_EMULATOR
	env ECHO_WINEPREFIX=${WINE_PREFIX} sh ${CMAKE_CURRENT_LIST_DIR}/run.sh)
