// Stands in for the system's <ws2tcpip.h> when a server is compiled for the simulation. It stands
// first in the servers' include directives, so what it does to these names holds in them.
#pragma once

#include "../sim_winsock.h"

using sim::winsock::WSAGetLastError; // the page has "::WSAGetLastError()"

#undef stdout
#undef stderr
#undef putc
#undef putchar
#define stdout sim::winsock::out
#define stderr sim::winsock::error
#define new sim::winsock::heap->*new
#define delete sim::winsock::heap =
