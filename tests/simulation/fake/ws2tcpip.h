// Stands in for the system's <ws2tcpip.h> when a server is compiled for the simulation. It stands
// first in the servers' include directives, so what it does to these names holds in them. The
// functions have been declared: see model.cpp.
#undef stdout
#undef stderr
#undef putchar
#define stdout sim::winsock::Stream::Out
#define stderr sim::winsock::Stream::Error
#define new sim::winsock::heap->*new
#define delete sim::winsock::heap =
