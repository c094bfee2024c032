// The five servers under test.
#pragma once

#include "network.h"

#include "echo/models.h"

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

struct Model : echo::Model
{
	int (*run)();
	Call wait; // where it waits; accept(): also in recv() and send(), or not at all
};

constexpr Model kModels[] = {
	{ echo::kModels[0], RunModel1, Call::Accept },
	{ echo::kModels[1], RunModel2, Call::Accept },
	{ echo::kModels[2], RunModel3, Call::Select },
	{ echo::kModels[3], RunModel4, Call::GetMessage },
	{ echo::kModels[4], RunModel5, Call::WaitForMultipleEvents },
};

// A connection holds at most so many bytes that are not echoed: BUFSIZE of the servers.
constexpr std::size_t kBufferSize = 512;

} // namespace sim
