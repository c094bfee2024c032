// Group 13: the log and the messages of this project's servers.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kLines[] =
	"one line for each accept, chunk and disconnect, with the client's own address";
constexpr char kEscaped[] =
	"control characters are shown as \\xNN and a backslash doubled, the rest as it is";

std::string Name(const Connection& client)
{
	return "127.0.0.1:" + std::to_string(client.LocalPort());
}

bool Logged(echo::ServerProcess& process, const std::string& line)
{
	const std::string text = process.Stdout();
	return text.find("\n" + line + "\r\n") != std::string::npos;
}

// The line must be there already.
void ExpectLogged(Context& context, const std::string& line)
{
	context.Check(Logged(context.Process(), line), "the log line \"" + line + "\"",
		"\"" + context.Process().Stdout() + "\"");
}

// The line must come: nothing tells the client when.
void ExpectSoonLogged(Context& context, const std::string& line)
{
	if (!context.Eventually([&] { return Logged(context.Process(), line); }))
		ExpectLogged(context, line);
}
} // namespace

CONFORMANCE_CASE("C13.01", "the log of two clients", kLines,
	"E00-3 E00-6 E03-2 E03-3 E04-3 E04-14 E05-9 E05-12")
{
	context.NeedsContract();
	std::vector<Connection> clients;
	for (int i = 0; i < 2; i++)
	{
		clients.push_back(context.Connect());
		if (!context.Server().iterative || i == 0)
			context.PingPong(clients[static_cast<std::size_t>(i)], "hello " + std::to_string(i));
	}
	std::string log;
	std::vector<std::string> names;
	for (std::size_t i = 0; i < 2; i++)
	{
		names.push_back(Name(clients[i]));
		if (context.Server().iterative && i == 1)
			context.PingPong(clients[i], "hello 1");
		const std::string accepted = "[TCP Server] Accept Client: IP=127.0.0.1, port=" +
			std::to_string(clients[i].LocalPort());
		const std::string received = "[TCP/" + names[i] + "] hello " + std::to_string(i);
		ExpectLogged(context, accepted);
		ExpectLogged(context, received);
		log += "\r\n" + accepted + "\r\n" + received + "\r\n";
		if (context.Server().iterative)
			log += "[TCP Server] Disconnect Client " + names[i] + "!\r\n";
		clients[i].HalfClose();
		context.ExpectExactThenFin(clients[i], "");
		ExpectSoonLogged(context, "[TCP Server] Disconnect Client " + names[i] + "!");
	}
	if (!context.Server().iterative)
		log += "[TCP Server] Disconnect Client " + names[0] +
			"!\r\n[TCP Server] Disconnect Client " + names[1] + "!\r\n";
	const std::string text = context.Process().Stdout();
	const std::string actual = text.substr(text.find("\r\n") + 2); // behind the Listening line
	context.Check(actual == log, "these lines and no other: \"" + log + "\"", "\"" + actual + "\"");
	context.Check(context.Process().Stderr().empty(), "nothing on stderr",
		context.Process().Stderr());
}

CONFORMANCE_CASE("C13.02", "a line is in the file before the client's next message",
	"a log line is visible at once", "E00-9")
{
	context.NeedsContract();
	Connection client = context.Connect();
	for (int i = 0; i < 100; i++)
	{
		const std::string text = "message " + std::to_string(i);
		context.PingPong(client, text);
		ExpectLogged(context, "[TCP/" + Name(client) + "] " + text);
	}
}

CONFORMANCE_CASE("C13.03", "control characters", kEscaped, "E00-5")
{
	context.NeedsContract();
	Connection client = context.Connect();
	const char text[] = "a\0b\x1B[2Jc\r\n[TCP/1.2.3.4:5] forged\x7F \\x41 %s";
	context.PingPong(client, std::string_view(text, sizeof(text) - 1));
	ExpectLogged(context,
		"[TCP/" + Name(client) +
			"] a\\x00b\\x1B[2Jc\\x0D\\x0A[TCP/1.2.3.4:5] forged\\x7F \\\\x41 %s");
}

CONFORMANCE_CASE("C13.04", "Korean text", kEscaped, "E00-3 E00-5")
{
	context.NeedsContract();
	Connection client = context.Connect();
	const std::string text =
		"\xEC\x95\x88\xEB\x85\x95\xED\x95\x98\xEC\x84\xB8\xEC\x9A\x94"; // "hello"
	context.PingPong(client, text);
	ExpectLogged(context, "[TCP/" + Name(client) + "] " + text);
}

CONFORMANCE_CASE("C13.05", "a full buffer of control characters", kEscaped, "E00-5")
{
	context.NeedsContract();
	Connection client = context.Connect();
	context.PingPong(client, std::string(512, '\x01'));
	std::string line = "[TCP/" + Name(client) + "] ";
	for (int i = 0; i < 512; i++)
		line += "\\x01";
	ExpectLogged(context, line);
}

CONFORMANCE_CASE("C13.06", "the address after a reset",
	"a disconnect names the address remembered at accept", "E00-6")
{
	context.NeedsContract();
	Connection client = context.Connect();
	context.PingPong(client, "x");
	const std::string name = Name(client);
	client.Reset();
	ExpectSoonLogged(context, "[TCP Server] Disconnect Client " + name + "!");
}

CONFORMANCE_CASE("C13.07", "the 64th client's lines",
	"a client for whom there is no place is accepted, logged and closed", "E03-4 E03-5")
{
	context.NeedsContract();
	const unsigned capacity = context.Server().capacity;
	if (capacity == 0)
		context.NotApplicable("this model has no limit of its own");
	std::vector<Connection> clients;
	for (unsigned i = 0; i < capacity; i++)
	{
		clients.push_back(context.Connect());
		context.PingPong(clients.back(), "x");
	}
	Connection refused = context.Connect();
	context.ExpectPrefixThenEnd(refused, "");
	ExpectLogged(context,
		"[TCP Server] Accept Client: IP=127.0.0.1, port=" + std::to_string(refused.LocalPort()));
	const std::string text = context.Process().Stdout();
	context.Check(text.find("\n[Error] Socket Set is full.\r\n") != std::string::npos ||
			text.find("\n[Error] Event List is full.\r\n") != std::string::npos,
		"\"[Error] Socket Set is full.\" or \"[Error] Event List is full.\"",
		text.substr(text.size() - 300));
}
