// The five servers under test.
#pragma once

#include "network.h"

namespace sim
{
// Each runs the main() of a server, as in a new process, in the network that there is.
int RunModel1();
int RunModel2();
int RunModel3();
int RunModel4();
int RunModel5();

// Ends the run, out of a server's main().
#ifdef __cpp_exceptions
struct Done
{
};
[[noreturn]] inline void Stop()
{
	throw Done();
}
#else // in a browser: JavaScript throws, and makes no other call but for the tape
extern "C" [[noreturn]] __attribute__((import_module("env"), import_name("stop"))) void stop();
[[noreturn]] inline void Stop()
{
	stop();
}
#endif

struct Model
{
	const char* name;
	int (*run)();
	Call wait;     // where it waits; accept(): also in recv() and send(), or not at all
	bool together; // serves its clients together, not one at a time
	bool spins;    // never waits: repeats a call that answers WSAEWOULDBLOCK (D3)
	int capacity;  // clients that it serves at once; 0: no limit of its own
};

constexpr Model kModels[] = {
	{ "01_blocking", RunModel1, Call::Accept, false, false, 0 },
	{ "02_nonblocking", RunModel2, Call::Accept, false, true, 0 },
	{ "03_select", RunModel3, Call::Select, true, false, 63 },
	{ "04_asyncselect", RunModel4, Call::GetMessage, true, false, 0 },
	{ "05_eventselect", RunModel5, Call::WaitForMultipleEvents, true, false, 63 },
};

// A connection holds at most so many bytes that are not echoed: BUFSIZE of the servers.
constexpr std::size_t kBufferSize = 512;

} // namespace sim
