// Group 9: the life of the process, its arguments and its port.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kStart[] =
	"NN_model [port [address]], default 9000 127.0.0.1; port 0 takes a free one";
constexpr char kTaken[] =
	"a start that fails says why on stderr and ends with exit code 1, without a dialog box";

// A server that is started in vain ends with `code`.
void ExpectExit(Server& server, echo::ServerProcess& process, DWORD code)
{
	const std::optional<DWORD> actual = process.WaitExit(Deadline::After(milliseconds(10000)));
	server.report.Check(actual.has_value(), "the server ends", "it still runs: " + process.Stdout(),
		Symptom::Waited);
	server.report.Check(actual == code, ExitCode(code), ExitCode(*actual));
}

void Hello(Server& server, const char* host, std::uint16_t port)
{
	Client client(server, Connection());
	const int error = client.Connect(host, port, Deadline::After(milliseconds(5000)));
	server.report.Check(error == 0,
		std::string("a connection to ") + host + ":" + std::to_string(port),
		echo::ErrorName(error));
	client.PingPong("hello");
	client.Finish("");
}

// A server that was started once more listens on `port`, if that is not 0, and echoes at `host`.
// Returns its port.
std::uint16_t ExpectServes(Server& server, echo::ServerProcess& process, std::uint16_t port,
	const char* host = "127.0.0.1")
{
	std::uint16_t listening = 0;
	try
	{
		listening = process.WaitListening(Deadline::After(milliseconds(10000)));
	}
	catch (const std::runtime_error& error)
	{
		server.report.Fail("a server that listens", error.what(),
			process.Running() ? Symptom::Waited : Symptom::Other);
	}
	server.report.Check(port == 0 || listening == port, "listening on port " + std::to_string(port),
		std::to_string(listening));
	Hello(server, host, listening);
	return listening;
}

// Ends the server when it waits again: of a process that is stopped inside a call, Wine 8 may
// keep a socket, and then its client never sees an end, or its port stays taken.
void StopWaiting(Server& server, echo::ServerProcess& process)
{
	server.CpuMeanwhile(milliseconds(50));
	process.Stop();
}

void PortTaken(Server& server, std::uint16_t port)
{
	echo::ServerProcess second = server.Another({ std::to_string(port) });
	ExpectExit(server, second, 1);
	server.report.Check(Matches(second.Stderr(), "Error! Line [0-9]+: (10048|10013) [^\r\n]*\r\n"),
		"\"Error! Line N: 10048 (or 10013) TEXT\" on stderr, and no more",
		Escaped(second.Stderr()));
	server.report.Check(second.Stdout().empty(), "nothing on stdout", second.Stdout());
}
} // namespace

CASE("C9.01 started with a port", kStart)
{
	server.NeedsContract();
	const std::uint16_t port = server.Port();
	StopWaiting(server, server.Process());
	server.MayEnd();
	echo::ServerProcess again = server.Another({ std::to_string(port) });
	ExpectServes(server, again, port);
}

CASE("C9.02 started with port 0", kStart)
{
	server.NeedsContract();
	report.Check(server.Port() != 0, "a port from 1 to 65535", "0");
	report.Check(server.Process().Stdout().find("[TCP Server] Listening: IP=127.0.0.1, port=" +
					 std::to_string(server.Port()) + "\r\n") != std::string::npos,
		"the Listening line with that port", server.Process().Stdout());
}

CASE("C9.03 started with no argument", kStart)
{
	server.NeedsContract();
	echo::ServerProcess second = server.Another({});
	ExpectServes(server, second, 9000);
}

CASE("C9.04 bad arguments", "a bad argument is named on stderr, with exit code 2")
{
	server.NeedsContract();
	const std::vector<std::vector<std::string>> wrong = { { "abc" }, { "-1" }, { "65536" },
		{ "99999999999" }, { "" }, { "80x" }, { "80 " }, { "0x50" }, { " 9000" }, { "+9000" },
		{ "-0" }, { "--help" }, { "0", "9000" }, { "0", "256.0.0.1" }, { "0", "" },
		{ "0", "localhost" }, { "0", "127.0.0.1", "more" } };
	for (const std::vector<std::string>& arguments : wrong)
	{
		std::string line;
		for (const std::string& argument : arguments)
			line += " \"" + argument + "\"";
		echo::ServerProcess process = server.Another(arguments);
		INFO("with", line);
		ExpectExit(server, process, 2);
		const std::string message = process.Stderr();
		report.Check(message.find("Error! Bad argument: \"" + arguments.back() + "\"") == 0 &&
				message.find("Usage: ") != std::string::npos,
			"the argument and the usage on stderr", Escaped(message));
		report.Check(process.Stdout().empty(), "nothing on stdout", process.Stdout());
	}
}

// A socket that is not the server's.
struct OtherProgram
{
	const SOCKET handle = socket(AF_INET, SOCK_STREAM, 0);

	OtherProgram() = default;
	OtherProgram(const OtherProgram&) = delete;
	OtherProgram& operator=(const OtherProgram&) = delete;
	~OtherProgram()
	{
		closesocket(handle);
	}

	// To 127.0.0.1. 0, or the error.
	int Bind(std::uint16_t port) const
	{
		sockaddr_in address{};
		address.sin_family = AF_INET;
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address.sin_port = htons(port);
		const int failed =
			bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
		return failed == 0 ? 0 : WSAGetLastError();
	}
};

CASE("C9.05 the port is taken by the same server", kTaken)
{
	server.NeedsContract();
	PortTaken(server, server.Port());
}

CASE("C9.06 the port is taken with SO_REUSEADDR", kTaken)
{
	server.NeedsContract();
	const OtherProgram other;
	const BOOL reuse = TRUE;
	setsockopt(other.handle, SOL_SOCKET, SO_REUSEADDR, reinterpret_cast<const char*>(&reuse),
		sizeof(reuse));
	sockaddr_in address{};
	int size = sizeof(address);
	const bool listening = other.Bind(0) == 0 && listen(other.handle, 5) == 0 &&
		getsockname(other.handle, reinterpret_cast<sockaddr*>(&address), &size) == 0;
	report.Check(listening, "a listening socket of the test's own",
		echo::ErrorName(WSAGetLastError()));
	PortTaken(server, ntohs(address.sin_port));
}

CASE("C9.07 stopped and started on the same port at once", kStart)
{
	server.NeedsContract();
	const std::uint16_t port = server.Port();
	server.Echo(100);
	StopWaiting(server, server.Process());
	server.MayEnd();
	for (int i = 0; i < 3; i++)
	{
		echo::ServerProcess again = server.Another({ std::to_string(port) });
		ExpectServes(server, again, port);
		StopWaiting(server, again);
	}
}

CASE("C9.08 stopped with five clients connected",
	"clients of a server that is stopped see an end, not silence")
{
	std::vector<Client> clients;
	for (std::size_t i = 0; i < server.Fitting(5); i++)
		clients.push_back(server.Connect());
	clients[0].PingPong("x");
	StopWaiting(server, server.Process());
	server.MayEnd();
	for (Client& client : clients)
		client.ExpectEnd();
}

CASE("C9.10 stdin stays silent and then ends", "a server needs nothing from stdin")
{
	SECURITY_ATTRIBUTES inherited{ sizeof(inherited), nullptr, TRUE };
	HANDLE ends[2];
	report.Check(CreatePipe(&ends[0], &ends[1], &inherited, 0) != 0, "a pipe of the test's own",
		"error " + std::to_string(GetLastError()));
	const echo::UniqueHandle reader(ends[0]);
	echo::UniqueHandle writer(ends[1]);
	server.Restart(reader.get()); // until it listens
	server.Echo(1000);

	if (server.traits.contract)
	{
		const std::string words = "quit\r\nexit\r\n\x1A\r\n";
		DWORD count = 0;
		WriteFile(writer.get(), words.data(), static_cast<DWORD>(words.size()), &count, nullptr);
		server.Echo(1000);
		DWORD unread = 0;
		PeekNamedPipe(reader.get(), nullptr, 0, nullptr, &unread, nullptr);
		report.Check(count == words.size() && unread == count,
			std::to_string(words.size()) + " bytes still unread in stdin",
			std::to_string(unread) + " of " + std::to_string(count));
	}
	writer.reset();
	server.Echo(1000);
}

CASE("C9.11 listens on the address that is asked for", kStart)
{
	server.NeedsContract();
	echo::ServerProcess other = server.Another({ "0", "127.0.0.2" });
	const std::uint16_t port = ExpectServes(server, other, 0, "127.0.0.2");
	Connection refused;
	const int error = refused.Connect("127.0.0.1", port, Deadline::After(milliseconds(5000)));
	report.Check(error != 0, "no connection to 127.0.0.1", "one");

	echo::ServerProcess all = server.Another({ "0", "0.0.0.0" });
	Hello(server, "127.0.0.3", ExpectServes(server, all, 0));
}

CASE("C9.13 another program binds 127.0.0.1 on the port of a server on 0.0.0.0",
	"with SO_EXCLUSIVEADDRUSE the port is taken on every address (Microsoft, \"Using SO_REUSEADDR "
	"and SO_EXCLUSIVEADDRUSE\")")
{
	server.NeedsContract();
	echo::ServerProcess all = server.Another({ "0", "0.0.0.0" });
	const std::uint16_t port = ExpectServes(server, all, 0);
	const OtherProgram other;
	const int error = other.Bind(port);
	report.Check(error == WSAEACCES || error == WSAEADDRINUSE,
		"bind() fails: WSAEACCES or WSAEADDRINUSE",
		error == 0 ? "it succeeds" : echo::ErrorName(error));
	Hello(server, "127.0.0.1", port);
}

CASE("C9.12 the window of 04",
	"04 opens a window \"TCP Server\" of 600 x 200 and ends with exit code 0 when it is closed")
{
	server.NeedsContract();
	echo::ServerProcess& process = server.Process();
	const auto windows = process.Windows();
	if (!server.traits.window)
	{
		report.Check(windows.empty(), "no window", std::to_string(windows.size()));
		return;
	}
	report.Check(windows.size() == 1, "one window", std::to_string(windows.size()));
	wchar_t title[256] = L"";
	GetWindowTextW(windows[0], title, 256);
	char shown[256] = "";
	GetWindowTextA(windows[0], shown, 256);
	RECT area{};
	GetWindowRect(windows[0], &area);
	const long width = area.right - area.left;
	const long height = area.bottom - area.top;
	report.Check(title == std::wstring(L"TCP Server") && width == 600 && height == 200,
		"\"TCP Server\" of 600 x 200",
		shown + (" of " + std::to_string(width)) + " x " + std::to_string(height));
	Client client = server.Connect();
	client.PingPong("x");
	PostMessageW(windows[0], WM_CLOSE, 0, 0); // what the X in the corner does
	server.MayEnd();
	ExpectExit(server, process, 0);
	client.ExpectEnd();
}
