// The Windows headers, in the one order that works: winsock2.h before windows.h, which would
// otherwise bring in the old winsock.h. Every header of this folder includes this one first.
#pragma once

#ifndef NOMINMAX
#define NOMINMAX // no min() and max() macros in place of the standard library's
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif

#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>
