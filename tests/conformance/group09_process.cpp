// Group 9: the life of the process, its arguments and its port.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kStart[] =
	"NN_model [port [address]], default 9000 127.0.0.1; port 0 takes a free one";
constexpr char kTaken[] =
	"a start that fails says why on stderr and ends with exit code 1, without a dialog box";

// A server that is started in vain: its exit code.
DWORD Ended(Context& context, echo::ServerProcess& process)
{
	const std::optional<DWORD> code = process.WaitExit(Deadline::After(milliseconds(10000)));
	context.Check(code.has_value(), "the server ends", "it still runs: " + process.Stdout());
	return *code;
}

Connection ConnectTo(Context& context, const char* host, std::uint16_t port)
{
	Connection client;
	const int error = client.Connect(host, port, Deadline::After(milliseconds(5000)));
	context.Check(error == 0, std::string("a connection to ") + host + ":" + std::to_string(port),
		echo::ErrorName(error));
	return client;
}

void PortTaken(Context& context, std::uint16_t port)
{
	echo::ServerProcess second = context.Start({ std::to_string(port) });
	const DWORD code = Ended(context, second);
	context.Check(code == 1, "exit code 1", std::to_string(code));
	const std::string message = second.Stderr();
	context.Check(message.find("Error! Line ") == 0 &&
			(message.find("bind(): 10048") != std::string::npos ||
				message.find("bind(): 10013") != std::string::npos),
		"\"Error! Line N: bind(): 10048 ...\" on stderr", "\"" + message + "\"");
	context.Check(second.Stdout().empty(), "nothing on stdout", second.Stdout());
}
} // namespace

CONFORMANCE_CASE("C9.01", "started with a port", kStart, "")
{
	context.NeedsContract();
	const std::uint16_t port = context.Port();
	context.Process().Stop();
	context.ServerHasEnded();
	echo::ServerProcess again = context.Start({ std::to_string(port) });
	const std::uint16_t listening = again.WaitListening(Deadline::After(milliseconds(10000)));
	context.Check(listening == port, "listening on port " + std::to_string(port),
		std::to_string(listening));
	Connection client = ConnectTo(context, "127.0.0.1", port);
	context.PingPong(client, "hello");
}

CONFORMANCE_CASE("C9.02", "started with port 0", kStart, "")
{
	context.NeedsContract();
	context.Check(context.Port() != 0, "a port from 1 to 65535", "0");
	context.Check(context.Process().Stdout().find("[TCP Server] Listening: IP=127.0.0.1, port=" +
					  std::to_string(context.Port()) + "\r\n") != std::string::npos,
		"the Listening line with that port", context.Process().Stdout());
}

CONFORMANCE_CASE("C9.03", "started with no argument", kStart, "")
{
	context.NeedsContract();
	echo::ServerProcess second = context.Start({});
	const std::uint16_t port = second.WaitListening(Deadline::After(milliseconds(10000)));
	context.Check(port == 9000, "listening on port 9000", std::to_string(port));
	Connection client = ConnectTo(context, "127.0.0.1", 9000);
	context.PingPong(client, "hello");
}

CONFORMANCE_CASE("C9.04", "bad arguments", "a bad argument is named on stderr, with exit code 2",
	"")
{
	context.NeedsContract();
	const std::vector<std::vector<std::string>> wrong = { { "abc" }, { "-1" }, { "65536" },
		{ "99999999999" }, { "" }, { "80x" }, { "0x50" }, { "--help" }, { "0", "9000" },
		{ "0", "256.0.0.1" }, { "0", "" }, { "0", "localhost" }, { "0", "127.0.0.1", "more" } };
	for (const std::vector<std::string>& arguments : wrong)
	{
		std::string line;
		for (const std::string& argument : arguments)
			line += " \"" + argument + "\"";
		echo::ServerProcess process = context.Start(arguments);
		const DWORD code = Ended(context, process);
		context.Check(code == 2, "exit code 2 for" + line, std::to_string(code));
		const std::string message = process.Stderr();
		context.Check(message.find("Error! Bad argument: \"" + arguments.back() + "\"") == 0 &&
				message.find("Usage: ") != std::string::npos,
			"the argument and the usage on stderr for" + line, "\"" + message + "\"");
		context.Check(process.Stdout().empty(), "nothing on stdout for" + line, process.Stdout());
	}
}

CONFORMANCE_CASE("C9.05", "the port is taken by the same server", kTaken, "E00-1 E00-2 E00-10")
{
	context.NeedsContract();
	PortTaken(context, context.Port());
}

CONFORMANCE_CASE("C9.06", "the port is taken with SO_REUSEADDR", kTaken, "E00-10")
{
	context.NeedsContract();
	const SOCKET other = socket(AF_INET, SOCK_STREAM, 0);
	const BOOL reuse = TRUE;
	setsockopt(other, SOL_SOCKET, SO_REUSEADDR, reinterpret_cast<const char*>(&reuse),
		sizeof(reuse));
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int size = sizeof(address);
	const bool listening = bind(other, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
		listen(other, 5) == 0 &&
		getsockname(other, reinterpret_cast<sockaddr*>(&address), &size) == 0;
	context.Check(listening, "a listening socket of the test's own",
		echo::ErrorName(WSAGetLastError()));
	PortTaken(context, ntohs(address.sin_port));
	closesocket(other);
}

CONFORMANCE_CASE("C9.07", "stopped and started on the same port at once", kStart, "")
{
	context.NeedsContract();
	const std::uint16_t port = context.Port();
	context.Echo(100);
	context.Process().Stop();
	context.ServerHasEnded();
	for (int i = 0; i < 3; i++)
	{
		echo::ServerProcess again = context.Start({ std::to_string(port) });
		again.WaitListening(Deadline::After(milliseconds(10000)));
		Connection client = ConnectTo(context, "127.0.0.1", port);
		context.PingPong(client, "hello");
		client.HalfClose();
		context.ExpectExactThenFin(client, "");
	}
}

CONFORMANCE_CASE("C9.08", "stopped with five clients connected",
	"clients of a server that is stopped see an end, not silence", "")
{
	std::vector<Connection> clients;
	for (int i = 0; i < 5; i++)
		clients.push_back(context.Connect());
	context.PingPong(clients[0], "x");
	context.Process().Stop();
	context.ServerHasEnded();
	for (Connection& client : clients)
		context.ExpectPrefixThenEnd(client, "");
}

CONFORMANCE_CASE("C9.10", "stdin stays silent and then ends", "a server needs nothing from stdin",
	"")
{
	SECURITY_ATTRIBUTES inherited{ sizeof(inherited), nullptr, TRUE };
	HANDLE ends[2];
	context.Check(CreatePipe(&ends[0], &ends[1], &inherited, 0) != 0, "a pipe of the test's own",
		"error " + std::to_string(GetLastError()));
	const echo::UniqueHandle reader(ends[0]);
	echo::UniqueHandle writer(ends[1]);
	context.Restart(reader.Get()); // until it listens
	context.Echo(1000);

	if (context.Server().ours)
	{
		const std::string words = "quit\r\nexit\r\n\x1A\r\n";
		DWORD count = 0;
		WriteFile(writer.Get(), words.data(), static_cast<DWORD>(words.size()), &count, nullptr);
		context.Echo(1000);
		DWORD unread = 0;
		PeekNamedPipe(reader.Get(), nullptr, 0, nullptr, &unread, nullptr);
		context.Check(count == words.size() && unread == count,
			std::to_string(words.size()) + " bytes still unread in stdin",
			std::to_string(unread) + " of " + std::to_string(count));
	}
	writer = echo::UniqueHandle();
	context.Echo(1000);
}

CONFORMANCE_CASE("C9.11", "listens on the address that is asked for", kStart, "E00-10")
{
	context.NeedsContract();
	echo::ServerProcess other = context.Start({ "0", "127.0.0.2" });
	const std::uint16_t port = other.WaitListening(Deadline::After(milliseconds(10000)));
	Connection refused;
	const int error = refused.Connect("127.0.0.1", port, Deadline::After(milliseconds(5000)));
	context.Check(error != 0, "no connection to 127.0.0.1", "one");
	Connection client = ConnectTo(context, "127.0.0.2", port);
	context.PingPong(client, "hello");

	echo::ServerProcess all = context.Start({ "0", "0.0.0.0" });
	const std::uint16_t anywhere = all.WaitListening(Deadline::After(milliseconds(10000)));
	for (const char* address : { "127.0.0.1", "127.0.0.3" })
	{
		Connection guest = ConnectTo(context, address, anywhere);
		context.PingPong(guest, "hello");
		guest.HalfClose();
		context.ExpectExactThenFin(guest, "");
	}
}

CONFORMANCE_CASE("C9.12", "the window of 04",
	"04 opens a window \"TCP Server\" of 600 x 200 and ends with exit code 0 when it is closed", "")
{
	context.NeedsContract();
	echo::ServerProcess& process = context.Process();
	const auto windows = process.Windows();
	if (!context.Server().window)
	{
		context.Check(windows.empty(), "no window", std::to_string(windows.size()));
		return;
	}
	context.Check(windows.size() == 1 && windows[0].title == "TCP Server" &&
			windows[0].width == 600 && windows[0].height == 200,
		"one window \"TCP Server\" of 600 x 200",
		windows.empty() ? "none"
						: "\"" + windows[0].title + "\" " + std::to_string(windows[0].width) +
				" x " + std::to_string(windows[0].height));
	Connection client = context.Connect();
	context.PingPong(client, "x");
	process.CloseWindows();
	context.ServerHasEnded();
	const DWORD code = Ended(context, process);
	context.Check(code == 0, "exit code 0", std::to_string(code));
	context.ExpectPrefixThenEnd(client, "");
}
