// Stands in for the system's <ws2tcpip.h> when a server is compiled for the simulation. It stands
// first in the servers' include directives, so what it does to stdout and stderr holds in them.
#pragma once

#include "../sim_winsock.h"

#undef stdout
#undef stderr
#define stdout sim::winsock::out
#define stderr sim::winsock::error

// Memory from new can be refused, too.
#define new new (sim::winsock::heap)
