// Tests of the suite: its exit code, and what is left of its server when the suite itself ends in a
// bad way: nothing. Runs in the folder of conformance.exe.
#include "harness.h"

using namespace conformance;

namespace
{
// Where a control server listens that the suite does not start on a free port.
constexpr std::uint16_t kPort = 9000;

bool PortTaken()
{
	const std::optional<bool> taken = echo::SomebodyListens(kPort);
	REQUIRE_MESSAGE(taken.has_value(), "the system does not list the sockets that listen");
	return *taken;
}

// The suite on a server of port 9000 whose model it is told.
echo::ServerProcess SuiteOnPort(const char* control, const char* model, const char* cases)
{
	REQUIRE_MESSAGE(!PortTaken(), "port 9000 is free");
	return echo::ServerProcess("conformance.exe",
		{ "--server", "control.exe", "--port", std::to_string(kPort), "--model", model, cases, "--",
			std::to_string(kPort), control });
}
} // namespace

TEST_CASE("exit code")
{
	// Of servers whose model the suite knows, but for one that it has to find out.
	const struct
	{
		std::vector<std::string> arguments;
		DWORD code;
	} runs[] = {
		{ { "--server", "01_blocking.exe", "-tc=C1.01*" }, 0 },
		{ { "--server", "01_blocking.exe", "-tc=C13.07*" }, 77 },
		{ { "--server", "01_blocking.exe", "-tc=C1.01*", "--must-fail", "check" }, 1 },
		{ { "--server", "control.exe", "--model", "04_asyncselect", "-tc=C1.01*,C6.02*", "--", "0",
			  "crash_on_reset" },
			1 },
		{ { "--server", "control.exe", "--model", "04_asyncselect", "-tc=C6.02*", "--must-fail",
			  "deadline", "--", "0", "crash_on_reset" },
			1 },
		{ { "--server", "control.exe", "-tc=C1.01*", "--", "0", "dies_at_client_9" }, 1 },
		{ { "--server", "01_blocking.exe", "-tc=C99*" }, 2 },
		{ { "--server", "../CTestTestfile.cmake" }, 2 },
		{ { "--server", "no_program" }, 2 },
		{ { "--connect", "127.0.0.1:1" }, 2 },
	};
	for (const auto& run : runs)
	{
		echo::ServerProcess suite("conformance.exe", run.arguments);
		const std::optional<DWORD> code = suite.WaitExit(Deadline::After(milliseconds(60000)));
		INFO(run.arguments[1], " ", run.arguments.back(), "\n", suite.Stdout(), suite.Stderr());
		CHECK(code == run.code);
	}
}

TEST_CASE("a server does not outlive a suite that is killed")
{
	// A soak lasts until the suite is killed.
	echo::ServerProcess suite = SuiteOnPort("none", "04_asyncselect", "-tc=C11.01*");
	REQUIRE_MESSAGE(Eventually(PortTaken, milliseconds(30000)),
		"the suite has started its server; it wrote: ", suite.Stdout(), suite.Stderr());

	// The suite alone, not what it started.
	const echo::UniqueHandle handle(OpenProcess(PROCESS_TERMINATE, FALSE, suite.Pid()));
	REQUIRE(TerminateProcess(handle.get(), 3));
	REQUIRE(suite.WaitExit(Deadline::After(milliseconds(10000))) == DWORD(3));
	CHECK_MESSAGE(Eventually([] { return !PortTaken(); }, milliseconds(30000)),
		"expected that nobody listens on port 9000, actual: somebody does");
}

TEST_CASE("a server does not outlive a case that fails")
{
	// The model says that it serves several clients at once.
	echo::ServerProcess suite = SuiteOnPort("iterative_backlog_5", "03_select", "-tc=C7.04*");
	REQUIRE(suite.WaitExit(Deadline::After(milliseconds(40000))) == DWORD(1));
	CHECK_MESSAGE(!PortTaken(), "expected that nobody listens on port 9000, actual: somebody does");
}
