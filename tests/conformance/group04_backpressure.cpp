// Group 4: a client that does not read is not read from, and loses nothing.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kAllArrives[] = "a client that does not read loses nothing: it all arrives when it "
							   "reads (TCP flow control; RFC 9293)";
} // namespace

TEST_SUITE_BEGIN("buffers"); // comes late: it takes long

CASE("C4.02 written without reading until nothing more is taken then read", kAllArrives)
{
	Backpressure slow(server);
	slow.client.ExpectEcho(slow.data);
	slow.client.Finish("");
}

CASE("C4.03 another client pings meanwhile", "one client's backpressure is nobody else's")
{
	Backpressure slow(server);
	report.InVainMeans(
		"keeps others waiting while one does not read: its send() waits for that one");
	Client other = server.Connect();
	if (!server.traits.Iterative())
	{
		do
		{
			for (int i = 0; i < 10; i++)
				other.PingPong("ping");
		} while (slow.TakesMore()); // then these have shown nothing
		return;                     // what the slow one is owed: C4.02, C4.05
	}
	report.InVainMeans("");
	other.Send("ping");
	other.ExpectNothing(milliseconds(300));
	slow.client.Finish(slow.data);
	other.ExpectEcho("ping");
	report.Differs("D1");
}

CASE("C4.04 the server waits while a client does not read", "a server that cannot send uses no CPU")
{
	Backpressure slow(server);
	server.ExpectIdle("a client that does not read");
}

CASE("C4.05 half-close while the server cannot send",
	"what was received before the FIN is still echoed, to the last byte")
{
	Backpressure slow(server);
	slow.client.Finish(slow.data);
}

CASE("C4.07 1 KiB a time for a while then at full speed", kAllArrives)
{
	Backpressure slow(server);
	std::string_view data = slow.data;
	for (int i = 0; i < 30; i++, data.remove_prefix(1024))
	{
		slow.client.ExpectEcho(data.substr(0, 1024));
		Sleep(10);
	}
	slow.client.Finish(data);
}

CASE("C4.08 5 quick clients among 20 that do not read and one that blocks",
	"one client's backpressure is nobody else's")
{
	if (!server.Together(26)) // with one at a time: C4.03
		return;
	std::vector<std::unique_ptr<Backpressure>> slow;
	slow.emplace_back(new Backpressure(server)); // not make_unique(): a failure is of this line
	for (int i = 0; i < 20; i++)
		slow.emplace_back(new Backpressure(server, 64 << 10));
	report.InVainMeans(
		"keeps others waiting while one does not read: its send() waits for that one");
	do
		server.Serve(echo::Copies(server.Plan(0, 512 * 50, 512), 5));
	while (slow[0]->TakesMore()); // then these have shown nothing
	report.InVainMeans("");
	for (const auto& each : slow)
		each->client.Finish(each->data);
}

CASE("C4.09 the server's memory while a client does not read",
	"at most one buffer is held for a connection")
{
	server.Echo(10); // with its first client, and in its first moments, a program loads much
	std::size_t before = server.Memory();
	Eventually([&] {
		Sleep(100);
		const std::size_t last = std::exchange(before, server.Memory());
		return last == before;
	});
	Backpressure slow(server);
	const std::size_t now = server.Memory();
	report.Check(now < before + (std::size_t(4) << 20), "at most 4 MiB more than idle",
		std::to_string(before >> 10) + " KiB idle, " + std::to_string(now >> 10) + " KiB with " +
			std::to_string(slow.data.size()) + " bytes on the way");
	slow.client.Reset();
}

TEST_SUITE_END();
