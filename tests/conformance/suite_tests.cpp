// Tests of the suite: what it finds out of a server that nobody described, and what is left of its
// server when the suite itself ends in a bad way: nothing. Runs in the folder of conformance.exe.
#include "find_out.h"

#include <tlhelp32.h>

using namespace conformance;
using echo::UniqueHandle;

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

Found Ask(const char* control)
{
	static const echo::Winsock winsock;
	CurrentSettings() = Settings();
	CurrentSettings().server = std::string("controls/control_") + control + ".exe";
	return FindOut();
}

bool PortTaken()
{
	const std::optional<bool> taken = echo::SomebodyListens(kPort);
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

echo::ServerProcess Suite(const std::vector<std::string>& arguments)
{
	return echo::ServerProcess("conformance.exe", arguments);
}

constexpr char kInTurn[] = "controls/control_iterative_backlog_5.exe";
constexpr char kNoFault[] = "controls/control_none.exe";
} // namespace

TEST_CASE("the kind of a server is found out")
{
	SUBCASE("no fault")
	{
		const Found found = Ask("none");
		CHECK(found.answers);
		CHECK(found.clientsAtOnce == 500);
		CHECK(found.traits.places == 0);
		CHECK(!found.traits.polls);
		CHECK(!found.neverCloses);
		CHECK(!found.losesTheRest);
		CHECK(!found.Fatal());
	}
	SUBCASE("one at a time")
	{
		CHECK(Ask("iterative_backlog_5").traits.Iterative());
	}
	SUBCASE("who waits is not refused")
	{
		const Found found = Ask("places_8");
		CHECK(found.traits.places == 8);
		CHECK(found.traits.waits);
	}
	SUBCASE("a server that starves does not serve in turn")
	{
		const Found found = Ask("starves");
		CHECK(found.starves);
		CHECK(!found.traits.waits);
	}
	SUBCASE("polls")
	{
		CHECK(Ask("polls").traits.polls);
	}
	SUBCASE("dies")
	{
		const Found found = Ask("dies_at_client_9");
		CHECK(found.diesAtClient == 9);
		CHECK(found.Fatal());
	}
	SUBCASE("ends")
	{
		CHECK(Ask("serve_once").endsWithClient);
	}
	SUBCASE("what explains many failures")
	{
		CHECK(Ask("never_closes").neverCloses);
		CHECK(Ask("loses_the_rest").losesTheRest);
		CHECK(Ask("closes_at_once").closesAtOnce);
		CHECK(Ask("greets").greets);
		CHECK(Ask("whole_lines").wholeLines);
	}
}

TEST_CASE("the exit code")
{
	struct Run
	{
		std::vector<std::string> arguments;
		DWORD code;
	};
	const std::vector<Run> runs = {
		{ { "--server", kNoFault, "-tc=C1.01*" }, 0 },
		{ { "--server", kNoFault, "-tc=C13.01*" }, 77 },
		{ { "--server", kNoFault, "-tc=C1.01*", "--must-fail", "check" }, 1 },
		{ { "--server", "controls/control_crash_on_reset.exe", "-tc=C1.01*,C6.02*" }, 1 },
		{ { "--server", "controls/control_crash_on_reset.exe", "-tc=C6.02*", "--must-fail",
			  "deadline" },
			1 },
		{ { "--server", "controls/control_dies_at_client_9.exe", "-tc=C1.01*" }, 1 },
		{ { "--server", kNoFault, "-tc=C99*" }, 2 },
		{ { "--server", "CTestTestfile.cmake" }, 2 },
		{ { "--connect", "127.0.0.1:1" }, 2 },
	};
	for (const Run& run : runs)
	{
		echo::ServerProcess suite = Suite(run.arguments);
		const std::optional<DWORD> code = suite.WaitExit(Deadline::After(milliseconds(60000)));
		INFO(run.arguments[1], " ", run.arguments.back(), "\n", suite.Stdout(), suite.Stderr());
		CHECK(code == run.code);
	}
}

TEST_CASE("a server does not outlive a suite that is killed")
{
	REQUIRE_MESSAGE(!PortTaken(), "port 9000 is free");
	// A soak lasts until the suite is killed.
	echo::ServerProcess suite = Suite({ "--server", kNoFault, "--port", std::to_string(kPort),
		"--model", "04_asyncselect", "-tc=C11.01*" });
	UniqueHandle server;
	const bool serves = Eventually([&] {
		if (server.Get() == nullptr)
			server = Child(suite.Pid());
		return server.Get() != nullptr && PortTaken();
	});
	REQUIRE_MESSAGE(serves, "the suite has started its server; it wrote: ", suite.Stdout(),
		suite.Stderr());
	REQUIRE(WaitForSingleObject(server.Get(), 0) == WAIT_TIMEOUT);

	// The suite alone, not what it started.
	const UniqueHandle handle(OpenProcess(PROCESS_TERMINATE, FALSE, suite.Pid()));
	REQUIRE(TerminateProcess(handle.Get(), 3));
	REQUIRE(suite.WaitExit(Deadline::After(milliseconds(10000))) == DWORD(3));

	const bool ended =
		Eventually([&] { return WaitForSingleObject(server.Get(), 0) == WAIT_OBJECT_0; });
	CHECK_MESSAGE(ended, "expected that the server's process ends with the suite, actual: it runs");
	CHECK_MESSAGE(Eventually([] { return !PortTaken(); }),
		"expected that nobody listens on port 9000, actual: somebody does");
}

TEST_CASE("a server does not outlive a case that fails")
{
	REQUIRE_MESSAGE(!PortTaken(), "port 9000 is free");
	// The model says that it serves several clients at once.
	echo::ServerProcess suite = Suite({ "--server", kInTurn, "--port", std::to_string(kPort),
		"--model", "03_select", "-tc=C7.04*", "--must-fail", "deadline" });
	REQUIRE(suite.WaitExit(Deadline::After(milliseconds(40000))) == DWORD(0));
	CHECK_MESSAGE(!PortTaken(), "expected that nobody listens on port 9000, actual: somebody does");
}
