// Group 4: a client that does not read is not read from, and loses nothing.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kAllArrives[] = "a client that does not read loses nothing: it all arrives when it "
							   "reads (TCP flow control; RFC 9293)";
constexpr char kErrata[] = "E02-2 E04-6 E05-1 E02-3 E04-7 E05-13";
} // namespace

CASE("C4.01 1 MiB while the client reads slowly", kAllArrives, kErrata)
{
	Connection client = Connect(kSmallBuffers);
	const std::string data = Data(0, 1 << 20);
	const Source source = Source::FromBytes(data);
	std::size_t sent = 0;
	for (std::string_view rest = data; !rest.empty();)
	{
		const Connection::Sent more = client.WriteUntilBlocked(source, sent, milliseconds(20),
			data.size() - sent, Deadline::After(milliseconds(10000)));
		Check(more.error == 0, "the server takes all bytes",
			echo::ErrorName(more.error) + " after " + std::to_string(sent + more.bytes));
		sent += more.bytes;
		const std::size_t some = std::min<std::size_t>(sent - (data.size() - rest.size()), 65536);
		ExpectEcho(client, rest.substr(0, some));
		rest.remove_prefix(some);
	}
	Finish(client, "");
}

CASE("C4.02 written without reading until nothing more is taken then read", kAllArrives, kErrata)
{
	Backpressure slow(*this);
	ExpectEcho(slow.client, slow.data);
	Finish(slow.client, "");
}

CASE("C4.03 another client pings meanwhile", "one client's backpressure is nobody else's",
	"E04-6 E02-2 E05-3")
{
	Backpressure slow(*this);
	Connection other = Connect();
	if (!Server().Iterative())
	{
		do
		{
			for (int i = 0; i < 10; i++)
				PingPong(other, "ping");
		} while (slow.TakesMore(*this)); // then these have shown nothing
		return;
	}
	Send(other, "ping");
	ExpectNothing(other, milliseconds(300));
	Finish(slow.client, slow.data);
	ExpectEcho(other, "ping");
	Differs("D1");
}

CASE("C4.04 the server waits while a client does not read", "a server that cannot send uses no CPU",
	"E05-8")
{
	Backpressure slow(*this);
	ExpectIdle("a client that does not read");
}

CASE("C4.05 half-close while the server cannot send",
	"what was received before the FIN is still echoed, to the last byte",
	"E02-2 E04-6 E05-1 E04-8 E05-4 E05-2")
{
	Backpressure slow(*this);
	Finish(slow.client, slow.data);
}

CASE("C4.06 close without reading", "a client that breaks off harms nobody", "E00-8 E05-2 E04-5")
{
	Backpressure slow(*this, 256 << 10); // blocked or not: C6.03 breaks off when it is
	slow.client.Close();
}

CASE("C4.07 1 KiB a time for a while then at full speed", kAllArrives, kErrata)
{
	Backpressure slow(*this);
	std::string_view data = slow.data;
	for (int i = 0; i < 30; i++, data.remove_prefix(1024))
	{
		ExpectEcho(slow.client, data.substr(0, 1024));
		Sleep(10);
	}
	Finish(slow.client, data);
}

CASE("C4.08 5 quick clients among 20 that do not read and one that blocks",
	"one client's backpressure is nobody else's", "E04-6 E05-1 E05-3")
{
	if (!Together(26)) // with one at a time: C4.03
		return;
	std::vector<std::unique_ptr<Backpressure>> slow;
	slow.emplace_back(new Backpressure(*this)); // not make_unique(): a failure is of this line
	for (int i = 0; i < 20; i++)
		slow.emplace_back(new Backpressure(*this, 64 << 10));
	Serve(echo::Copies(Plan(0, 512 * 50, 512), 5));
	for (const auto& each : slow)
		Finish(each->client, each->data);
}

CASE("C4.09 the server's memory while a client does not read",
	"at most one buffer is held for a connection", "")
{
	const std::size_t before = Memory();
	Backpressure slow(*this);
	const std::size_t now = Memory();
	Check(now < before + (std::size_t(4) << 20), "at most 4 MiB more than idle",
		std::to_string(before >> 10) + " KiB idle, " + std::to_string(now >> 10) + " KiB with " +
			std::to_string(slow.data.size()) + " bytes on the way");
	slow.client.Reset();
}
