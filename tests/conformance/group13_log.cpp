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
void ExpectLogged(Server& server, const std::string& line, Where where = Where::current())
{
	server.report.Check(Logged(server.Process(), line), "the log line " + Escaped(line),
		Escaped(server.Process().Stdout()), Symptom::Other, where);
}

// The client sends `data`, and the log shows it as `shown`.
void ExpectShown(Server& server, Client& client, std::string_view data, const std::string& shown,
	Where where = Where::current())
{
	client.PingPong(data, where);
	ExpectLogged(server, "[TCP/" + Name(client) + "] " + shown, where);
}

// The line must come: nothing tells the client when.
void ExpectSoonLogged(Server& server, const std::string& line, Where where = Where::current())
{
	if (!Eventually([&] { return Logged(server.Process(), line); }))
		ExpectLogged(server, line, where);
}
} // namespace

CASE("C13.01 the log of two clients", kLines)
{
	server.NeedsContract();
	std::vector<Client> clients(2);
	std::string log;
	std::string left;
	for (Client& client : clients)
	{
		client = server.Connect();
		const std::string port = std::to_string(client.LocalPort());
		client.PingPong("hello " + port);
		log += "\r\n[TCP Server] Accept Client: IP=127.0.0.1, port=" + port + "\r\n[TCP/" +
			Name(client) + "] hello " + port + "\r\n";
		const std::string gone = "[TCP Server] Disconnect Client " + Name(client) + "!\r\n";
		(server.traits.Iterative() ? log : left) += gone;
		if (server.traits.Iterative())
			client.Finish("");
	}
	for (Client& client : clients)
	{
		const std::string gone = "[TCP Server] Disconnect Client " + Name(client) + "!";
		if (!server.traits.Iterative())
			client.Finish("");
		ExpectSoonLogged(server, gone);
	}
	log += left;
	const std::string text = server.Process().Stdout();
	const std::string actual = text.substr(text.find("\r\n") + 2); // behind the Listening line
	report.Check(actual == log, "these lines and no other:\n" + Escaped(log), Escaped(actual));
	report.Check(server.Process().Stderr().empty(), "nothing on stderr", server.Process().Stderr());
}

CASE("C13.02 a line is in the file before the client's next message",
	"a log line is visible at once")
{
	server.NeedsContract();
	Client client = server.Connect();
	for (int i = 0; i < 100; i++)
	{
		INFO("message ", i);
		const std::string text = "message " + std::to_string(i);
		ExpectShown(server, client, text, text);
	}
}

CASE("C13.03 control characters", kEscaped)
{
	server.NeedsContract();
	Client client = server.Connect();
	const char text[] = "a\0b\x1B[2Jc\r\n[TCP/1.2.3.4:5] forged\x7F \\x41 %s";
	ExpectShown(server, client, std::string_view(text, sizeof(text) - 1),
		"a\\x00b\\x1B[2Jc\\x0D\\x0A[TCP/1.2.3.4:5] forged\\x7F \\\\x41 %s");

	// The C1 controls are of two bytes in UTF-8, and are no more than those.
	std::string raw;
	std::string shown;
	for (int c = 0x80; c <= 0x9F; c++)
	{
		raw += { '\xC2', static_cast<char>(c) };
		char number[16];
		std::snprintf(number, sizeof(number), "\\xC2\\x%02X", c);
		shown += number;
	}
	raw += "\xC2\xA0 \xC3\x80";
	shown += "\xC2\xA0 \xC3\x80";
	ExpectShown(server, client, raw, shown);
}

CASE("C13.04 Korean text", kEscaped)
{
	server.NeedsContract();
	Client client = server.Connect();
	const std::string text =
		"\xEC\x95\x88\xEB\x85\x95\xED\x95\x98\xEC\x84\xB8\xEC\x9A\x94"; // "hello"
	ExpectShown(server, client, text, text);
}

CASE("C13.05 a full buffer of control characters", kEscaped)
{
	server.NeedsContract();
	Client client = server.Connect();
	std::string shown;
	for (int i = 0; i < 512; i++)
		shown += "\\x01";
	ExpectShown(server, client, std::string(512, '\x01'), shown);
}

CASE("C13.06 the address after a reset", "a disconnect names the address remembered at accept")
{
	server.NeedsContract();
	Client client = server.Connect();
	client.PingPong("x");
	const std::string name = Name(client);
	client.Reset();
	ExpectSoonLogged(server, "[TCP Server] Disconnect Client " + name + "!");
}

CASE("C13.07 the 64th client's lines",
	"a client for whom there is no place is accepted, logged and closed")
{
	server.NeedsContract();
	const unsigned capacity = server.traits.places;
	if (capacity == 0 || server.traits.waits)
		report.NotApplicable("this model has no limit of its own");
	const std::vector<Client> clients = server.Party(capacity);
	Client refused = server.Connect();
	refused.ExpectEnd();
	ExpectLogged(server,
		"[TCP Server] Accept Client: IP=127.0.0.1, port=" + std::to_string(refused.LocalPort()));
	const std::string text = server.Process().Stdout();
	const bool said = text.find("\n[Error] Socket Set is full.\r\n") != std::string::npos ||
		text.find("\n[Error] Event List is full!\r\n") != std::string::npos;
	report.Check(said, "[Error] Socket Set is full. (05: Event List is full!)", Escaped(text));
}

TEST_SUITE_BEGIN("buffers"); // comes late: it takes long

CASE("C13.08 a connection that an error ends",
	"a failure is never silent: every connection that an error ends leaves its \"Error! Line "
	"...\"")
{
	server.NeedsContract();
	Backpressure slow(server); // so that the server finds the reset when it sends
	std::string name = Name(slow.client);
	slow.client.Reset();
	if (!server.traits.Iterative())
	{
		// Who serves others meanwhile need not be told of a reset while it waits to send: under
		// Wine 10.0 select() does not say so. This one it meets when it reads, but for
		// Wine 8.0, where recv() answers 0 and only the first reset is an error.
		Client client = server.Connect();
		client.PingPong("x");
		name = Name(client);
		client.Reset();
	}
	ExpectSoonLogged(server, "[TCP Server] Disconnect Client " + name + "!");
	const char* const lines = "(Error! Line [0-9]+: 100[0-9]{2} [^\r\n]*\r\n)+";
	const bool said = Eventually([&] { return Matches(server.Process().Stderr(), lines); });
	report.Check(said, "\"Error! Line N: CODE TEXT\" on stderr",
		Escaped(server.Process().Stderr()));
}

TEST_SUITE_END();
