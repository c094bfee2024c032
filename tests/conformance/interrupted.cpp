// What is left of the suite's server when the suite itself ends in a bad way: nothing. Runs in the
// folder of conformance.exe and controls/control_discard.exe.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "deadline.h"
#include "server_process.h"
#include "windows_headers.h"

#include <doctest/doctest.h>
#include <tlhelp32.h>

#include <functional>
#include <optional>
#include <string>

using namespace echo;

namespace
{
// Where a control server listens that is started without an argument.
constexpr std::uint16_t kPort = 9000;

// Waits until `holds` is true, 30 s at most.
bool Eventually(const std::function<bool()>& holds)
{
	const Deadline deadline = Deadline::After(milliseconds(30000));
	while (!holds())
	{
		if (deadline.Passed())
			return false;
		Sleep(20);
	}
	return true;
}

bool PortTaken()
{
	const std::optional<bool> taken = SomebodyListens(kPort);
	REQUIRE_MESSAGE(taken.has_value(), "the system does not list the sockets that listen");
	return *taken;
}

// The first process that `parent` has started.
UniqueHandle Child(DWORD parent)
{
	const UniqueHandle snapshot(CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
	PROCESSENTRY32W entry{};
	entry.dwSize = sizeof(entry);
	for (BOOL more = Process32FirstW(snapshot.Get(), &entry); more;
		 more = Process32NextW(snapshot.Get(), &entry))
	{
		if (entry.th32ParentProcessID == parent)
			return UniqueHandle(OpenProcess(SYNCHRONIZE, FALSE, entry.th32ProcessID));
	}
	return UniqueHandle();
}

// The suite, with a case on a server that never answers.
struct Suite
{
	explicit Suite(const char* id)
		: process("conformance.exe",
			  { "--server", "controls/control_discard.exe", "--port", std::to_string(kPort),
				  "--model", "01_blocking", "--case", id })
	{
	}
	ServerProcess process;
};
} // namespace

TEST_CASE("a server does not outlive a suite that is killed")
{
	REQUIRE_MESSAGE(!PortTaken(), "port 9000 is free");
	Suite suite("C1.02"); // sends, and waits for 10 s
	UniqueHandle server;
	const bool serves = Eventually([&] {
		if (server.Get() == nullptr)
			server = Child(suite.process.Pid());
		return server.Get() != nullptr && PortTaken();
	});
	REQUIRE_MESSAGE(serves, "the suite has started its server; it wrote: ", suite.process.Stdout(),
		suite.process.Stderr());
	REQUIRE(WaitForSingleObject(server.Get(), 0) == WAIT_TIMEOUT);

	// The suite alone, not what it started.
	const UniqueHandle handle(OpenProcess(PROCESS_TERMINATE, FALSE, suite.process.Pid()));
	REQUIRE(TerminateProcess(handle.Get(), 3));
	REQUIRE(suite.process.WaitExit(Deadline::After(milliseconds(10000))) == DWORD(3));

	const bool ended =
		Eventually([&] { return WaitForSingleObject(server.Get(), 0) == WAIT_OBJECT_0; });
	CHECK_MESSAGE(ended, "expected that the server's process ends with the suite, actual: it runs");
	CHECK_MESSAGE(Eventually([] { return !PortTaken(); }),
		"expected that nobody listens on port 9000, actual: somebody does");
}

TEST_CASE("a server does not outlive a case that fails")
{
	REQUIRE_MESSAGE(!PortTaken(), "port 9000 is free");
	Suite suite("C1.01");
	const std::optional<DWORD> code = suite.process.WaitExit(Deadline::After(milliseconds(40000)));
	REQUIRE(code == DWORD(1));
	const std::string text = suite.process.Stdout();
	CHECK_MESSAGE(text.find("1 bytes exact, then FIN") != std::string::npos, text);
	CHECK_MESSAGE(!PortTaken(), "expected that nobody listens on port 9000, actual: somebody does");
}
