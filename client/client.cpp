// The client of the echo servers: the document's interactive one, a test client of many
// connections, and a misbehaving one. `client --help` says how to call it.
#include "echo/connection.h"
#include "echo/files.h"
#include "echo/multi_client.h"
#include "echo/options.h"
#include "echo/pattern.h"
#include "echo/progress.h"
#include "echo/text.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace
{
using namespace echo;

const char* const kUsage =
	"client: three kinds of clients for an echo server\n"
	"\n"
	"  client [--host ADDRESS] [--port N]    sends the lines that you type, prints their echoes\n"
	"  client --clients N [option ...]       connects N clients at once, compares every byte\n"
	"  client --misbehave NAME [option ...]  behaves badly, then checks that another is served\n";

const char* const kNotes =
	"ECHO_TEST_TIMEOUT_MULTIPLIER=4 in the environment makes every deadline four times as long,\n"
	"for a slow machine.\n"
	"\n"
	"Exit code: 0 if every byte came back, 1 if not, 2 for a bad argument.\n";

struct Settings
{
	std::string host = "127.0.0.1";
	std::uint16_t port = 9000;
	unsigned timeout = 5; // seconds

	// Of the test client; 0: not given.
	unsigned clients = 0;
	unsigned messages = 0;
	unsigned size = 0;
	std::string file;
	bool pingPong = false;

	std::string misbehave;

	milliseconds Timeout() const
	{
		return std::chrono::seconds(timeout);
	}

	bool IsTest() const
	{
		return clients != 0 || messages != 0 || size != 0 || !file.empty() || pingPong;
	}
};

Connection Open(const Settings& settings)
{
	Connection::Options options;
	options.noDelay = true; // each send becomes a segment of its own
	Connection connection;
	const int error = connection.Connect(settings.host, settings.port,
		Deadline::After(settings.Timeout()), options);
	if (error != 0)
		throw std::runtime_error("connect to " + settings.host + ":" +
			std::to_string(settings.port) + ": " + ErrorName(error));
	return connection;
}

// -------------------------------------------------------------------------------------------------
// The interactive client

int Interactive(const Settings& settings)
{
	Connection connection = Open(settings);
	std::printf("[TCP Client] connected to %s:%hu; an empty line ends\n", settings.host.c_str(),
		settings.port);

	std::string line;
	for (;;)
	{
		std::printf("\n[Data to send] ");
		std::fflush(stdout);
		if (!std::getline(std::cin, line) || line.empty())
			break;
		const auto sent = connection.SendAll(line, Deadline::After(settings.Timeout()));
		std::printf("[TCP Client] %zu bytes sent.\n", sent.bytes);
		const auto received = connection.Receive(sent.bytes, Deadline::After(settings.Timeout()));
		std::printf("[TCP Client] %zu bytes received.\n", received.data.size());
		std::printf("[Received data] %s\n", Printable(received.data).c_str());
		if (sent.error != 0 || received.data != line)
		{
			std::fprintf(stderr, "client: the echo is not what was sent; the connection: %s\n",
				Describe(received.end).c_str());
			return 1;
		}
	}

	connection.HalfClose();
	const auto rest = connection.ReceiveToEnd(Deadline::After(settings.Timeout()));
	std::printf("\n[TCP Client] end of the connection: %s\n", Describe(rest.end).c_str());
	return rest.data.empty() && rest.end.kind == End::Fin ? 0 : 1;
}

// -------------------------------------------------------------------------------------------------
// The test client

int Test(const Settings& settings)
{
	const unsigned clients = settings.clients != 0 ? settings.clients : 1;
	const unsigned messages = settings.messages != 0 ? settings.messages : 128;
	const unsigned size = settings.size != 0 ? settings.size : 512;

	ClientPlan plan;
	if (!settings.file.empty())
		plan.source.common = std::make_shared<const std::string>(ReadFileBytes(settings.file));
	if (settings.file.empty() || settings.messages != 0)
		plan.source.patternSize = static_cast<std::uint64_t>(messages) * size;
	plan.message = settings.pingPong ? size : 0;
	plan.window = kWindow;

	RunOptions options;
	options.stall = settings.Timeout();
	RunResult result;
	{
		StatusLine line;
		options.onTurn = [&line](const Progress& progress) { line.Show(Describe(progress)); };
		result = RunClients(settings.host, settings.port, Copies(plan, clients), options);
	}

	std::fputs(Errors(result).c_str(), stderr);
	const double megabytes = static_cast<double>(result.echoed) / 1e6;
	std::printf("clients served   %u of %u\n", result.served, clients);
	std::printf("clients at once  %u\n", result.atOnce);
	std::printf("bytes echoed     %llu of %llu\n", result.echoed, plan.source.Size() * clients);
	std::printf("wrong bytes      %llu\n", result.wrong);
	std::printf("time             %.2f s, %.2f MB/s\n", result.elapsed.count(),
		megabytes / std::max(result.elapsed.count(), 1e-6));
	const std::vector<Duration>& trips = result.roundTrips;
	if (!trips.empty())
		std::printf("round trips      %zu, median %.3f ms, 99th percentile %.3f ms\n", trips.size(),
			Percentile(trips, 0.5).count() * 1e3, Percentile(trips, 0.99).count() * 1e3);
	return result.AllServed() ? 0 : 1;
}

// -------------------------------------------------------------------------------------------------
// The badly behaved client

constexpr std::size_t kMost = std::size_t(64) << 20; // more than any system buffers

// One connection that plays a part.
struct BadClient
{
	const Settings& settings;
	const Source source = Source::FromPattern(1, 0, kMost);
	Connection connection = Open(settings);
	EchoCheck check{ source };
	std::size_t sent = 0;

	Deadline Soon() const
	{
		return Deadline::After(settings.Timeout());
	}

	void Send(std::size_t size)
	{
		sent = connection.SendAll(source.Read(0, size), Soon()).bytes;
		std::printf("[TCP Client] %zu bytes sent\n", sent);
	}

	Connection::Received Receive(std::size_t size)
	{
		Connection::Received received = connection.Receive(size, Soon());
		check.Feed(received.data, sent);
		return received;
	}

	// Reads to the end, as long as something comes within the timeout, and says what it was.
	bool HalfCloseAndRead()
	{
		const int error = connection.HalfClose();
		Connection::Received received;
		do
			received = Receive(65536);
		while (received.end.kind == End::Open && !received.data.empty());

		const echo::Difference data = check.Judge(sent, 1);
		std::printf("[TCP Client] %s, then %s\n", data.text.c_str(),
			Describe(received.end).c_str());
		return error == 0 && data.kind == echo::Difference::None && received.end.kind == End::Fin;
	}
};

struct Part
{
	std::string name;
	std::string help;
	bool (*play)(BadClient); // false: the server breaks the rules
};

const Part kParts[] = {
	{ "no-read", "send without reading until no more is accepted, then read",
		[](BadClient client) {
			const auto written = client.connection.WriteUntilBlocked(client.source, 0,
				milliseconds(500), kMost, Deadline::After(milliseconds(60000)));
			client.sent = written.bytes;
			std::printf("[TCP Client] %zu bytes sent without reading, until nothing moved\n",
				client.sent);
			const bool held = client.sent < kMost;
			if (!held)
				std::printf("[TCP Client] the server took all there was: no backpressure\n");
			return client.HalfCloseAndRead() && held;
		} },
	{ "slow", "read one KiB at a time, with pauses",
		[](BadClient client) {
			client.Send(65536);
			for (int i = 0; i < 30; ++i)
			{
				client.Receive(1024);
				std::this_thread::sleep_for(milliseconds(100));
			}
			std::printf("[TCP Client] %llu bytes read slowly\n", client.check.Received());
			return client.HalfCloseAndRead();
		} },
	{ "byte-at-a-time", "2000 sends of one byte",
		[](BadClient client) {
			const std::string bytes = client.source.Read(0, 2000);
			for (const char& byte : bytes)
				client.sent += client.connection.SendAll({ &byte, 1 }, client.Soon()).bytes;
			std::printf("[TCP Client] %zu sends of one byte\n", client.sent);
			return client.HalfCloseAndRead();
		} },
	{ "half-close-early", "send 300000 bytes and the FIN, only then read",
		[](BadClient client) {
			client.Send(300000);
			return client.HalfCloseAndRead();
		} },
	{ "reset", "reset the connection in mid-echo",
		[](BadClient client) {
			client.Send(300000);
			client.Receive(1000);
			client.connection.Reset();
			std::printf("[TCP Client] reset after %llu bytes of echo\n", client.check.Received());
			return client.check.Judge(client.sent, 1).wrong == 0;
		} },
	{ "connect-only", "connect, send nothing for three seconds, disconnect",
		[](BadClient client) {
			const auto received = client.connection.Receive(1, Deadline::After(milliseconds(3000)));
			std::printf("[TCP Client] connected for three seconds, %zu bytes received, %s\n",
				received.data.size(), Describe(received.end).c_str());
			return received.data.empty() && received.end.kind == End::Open;
		} },
};

int Misbehave(const Settings& settings)
{
	const auto part = std::ranges::find(kParts, settings.misbehave, &Part::name);
	if (part == std::end(kParts))
		throw UsageError("--misbehave: no part is called '" + settings.misbehave + "'");
	const bool kept = part->play({ settings }); // its connection is closed now
	ClientPlan probe;
	probe.source = Source::FromPattern(2, 0, 65536);
	RunOptions options;
	options.stall = settings.Timeout();
	const RunResult after = RunClients(settings.host, settings.port, { probe }, options);
	if (after.AllServed())
		std::printf("[TCP Client] afterwards a well-behaved client was served\n");
	else
		std::fprintf(stderr, "afterwards a well-behaved client was not served: %s",
			Errors(after).c_str());
	return kept && after.AllServed() ? 0 : 1;
}

// -------------------------------------------------------------------------------------------------

std::vector<Option> Options(Settings& settings)
{
	std::string parts = "what the badly behaved client does:";
	for (const Part& part : kParts)
		parts += "\n" + part.name + std::string(18 - part.name.size(), ' ') + part.help;
	return {
		{ "--host", "ADDRESS", "IPv4 address of the server (default 127.0.0.1)",
			Text(settings.host) },
		{ "--port", "N", "its port (default 9000)", Number(settings.port, 1, 65535) },
		{ "--timeout", "SECONDS", "give up when no data has moved for so long (default 5)",
			Number(settings.timeout, 1, 3600) },
		{ "--clients", "N", "how many clients, all connected at once (default 1)",
			Number(settings.clients, 1, 10000) },
		{ "--messages", "M", "how many messages each of them sends (default 128)",
			Number(settings.messages, 1, 100000000) },
		{ "--size", "B", "bytes of each message (default 512)", Number(settings.size, 1, 1 << 24) },
		{ "--file", "PATH", "send this file; with --messages, these after it",
			Text(settings.file) },
		{ "--ping-pong", "", "wait for the echo of a message before the next; prints the latency",
			Flag(settings.pingPong) },
		{ "--misbehave", "NAME", parts, Text(settings.misbehave) },
	};
}

int Run(const Settings& settings)
{
	if (!IsAddress(settings.host))
		throw UsageError("--host: expected an IPv4 address, got '" + settings.host + "'");
	if (!settings.misbehave.empty() && settings.IsTest())
		throw UsageError("--misbehave is for one connection of its own");
	const Winsock winsock;
	if (!settings.misbehave.empty())
		return Misbehave(settings);
	return settings.IsTest() ? Test(settings) : Interactive(settings);
}

} // namespace

int main(int argc, char** argv)
{
	Settings settings;
	return echo::RunProgram({ "client", kUsage, Options(settings), kNotes }, argc, argv,
		[&settings] { return Run(settings); });
}
