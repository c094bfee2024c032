// For fake/ws2tcpip.h.
#pragma once

namespace sim
{
// The line of the server at which the thread is.
extern int line;

inline void Calls(int number)
{
	line = number;
}

// The thread passes a line of this function. Always false.
bool Passes(int number, const char* function);

} // namespace sim
