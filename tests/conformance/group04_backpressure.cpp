// Group 4: a client that does not read is not read from, and loses nothing.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kAllArrives[] = "a client that does not read loses nothing: it all arrives when it "
							   "reads (TCP flow control; RFC 9293)";
constexpr char kErrata[] = "E02-2 E02-3 E04-6 E04-7 E05-1";

// Plays a client that is `quiet` unless it pings: D1 and D6 for servers that take one at a time.
void OthersAreServed(Context& context, Stuffed& stuffed)
{
	if (!context.Server().iterative)
	{
		Connection other = context.Connect();
		for (int i = 0; i < 10; i++)
			context.PingPong(other, "ping");
		return;
	}
	Connection other = context.Connect();
	context.Send(other, "ping");
	context.ExpectNothing(other, milliseconds(300));
	stuffed.client.HalfClose();
	context.ExpectExactThenFin(stuffed.client, stuffed.Data());
	context.ExpectEcho(other, "ping");
	context.Differs("D1");
}
} // namespace

CONFORMANCE_CASE("C4.01", "2 MiB while the client reads slowly", kAllArrives, kErrata)
{
	// The client writes all that fits before it reads a little.
	Connection client = context.Connect(SmallBuffers());
	const Source source = Source::FromPattern(context.Seed(), 0, 2u << 20);
	echo::EchoCheck comparison(source);
	const Deadline deadline = Deadline::After(milliseconds(40000));
	std::uint64_t sent = 0;
	End end;
	while (end.kind == End::Open && !deadline.Passed())
	{
		if (sent < source.Size())
		{
			const Connection::Sent step =
				client.WriteUntilBlocked(source, sent, milliseconds(10), 2u << 20, deadline);
			context.Check(step.error == 0, "all bytes are taken", echo::ErrorName(step.error));
			sent += step.bytes;
			if (sent == source.Size())
				client.HalfClose();
		}
		const Connection::Received got = client.Receive(65536, Deadline::After(milliseconds(20)));
		comparison.Feed(got.data);
		end = got.end;
	}
	context.Check(comparison.Judge() == echo::Verdict::Exact && end.kind == End::Fin,
		std::to_string(source.Size()) + " bytes exact, then FIN",
		comparison.Describe(sent, 1) + ", then " + echo::Describe(end));
}

CONFORMANCE_CASE("C4.02", "written without reading until nothing more is taken then read",
	kAllArrives, kErrata)
{
	Stuffed stuffed(context);
	const std::string data = stuffed.Data();
	context.ExpectEcho(stuffed.client, data);
	stuffed.client.HalfClose();
	context.ExpectExactThenFin(stuffed.client, "");
}

CONFORMANCE_CASE("C4.03", "another client pings meanwhile",
	"one client's backpressure is nobody else's", "E05-3")
{
	Stuffed stuffed(context);
	OthersAreServed(context, stuffed);
}

CONFORMANCE_CASE("C4.04", "the server waits while a client does not read",
	"a server that cannot send uses no CPU", "E05-8")
{
	Stuffed stuffed(context);
	context.ExpectRest("a client that does not read");
}

CONFORMANCE_CASE("C4.05", "half-close while the server cannot send",
	"what was received before the FIN is still echoed, to the last byte", "E04-8 E05-2 E05-4")
{
	Stuffed stuffed(context);
	stuffed.client.HalfClose();
	Sleep(500); // the FIN is behind the data, and the server still cannot send
	context.ExpectExactThenFin(stuffed.client, stuffed.Data());
}

CONFORMANCE_CASE("C4.06", "close without reading", "a client that breaks off harms nobody", "E05-2")
{
	Stuffed stuffed(context);
	stuffed.client.Close();
}

CONFORMANCE_CASE("C4.07", "1 KiB a time for a while then at full speed", kAllArrives, kErrata)
{
	Stuffed stuffed(context);
	const std::string data = stuffed.Data();
	std::size_t at = 0;
	for (; at < 30 * 1024; at += 1024)
	{
		context.ExpectEcho(stuffed.client, std::string_view(data).substr(at, 1024));
		Sleep(30);
	}
	stuffed.client.HalfClose();
	context.ExpectExactThenFin(stuffed.client, std::string_view(data).substr(at));
}

CONFORMANCE_CASE("C4.08", "5 quick clients among 20 that do not read and one that blocks",
	"one client's backpressure is nobody else's", "E05-1 E05-3")
{
	context.NeedsClients(26);
	if (context.Server().iterative)
		return context.ExpectInTurn(); // with a client that does not read: C4.03
	std::vector<std::unique_ptr<Stuffed>> slow;
	slow.push_back(std::make_unique<Stuffed>(context));
	for (int i = 0; i < 20; i++)
		slow.push_back(std::make_unique<Stuffed>(context, 128 << 10));
	ClientPlan quick;
	quick.mode = ClientPlan::PingPong;
	quick.source = Source::FromPattern(context.Seed(), 0, 512 * 50);
	context.Serve(echo::Copies(quick, 5));
	for (const auto& each : slow)
	{
		each->client.HalfClose();
		context.ExpectExactThenFin(each->client, each->Data());
	}
}

CONFORMANCE_CASE("C4.09", "the server's memory while a client does not read",
	"at most one buffer is held for a connection", "")
{
	const std::size_t before = context.Memory();
	Stuffed stuffed(context);
	const std::size_t now = context.Memory();
	context.Check(now < before + (std::size_t(4) << 20), "at most 4 MiB more than at rest",
		std::to_string(before >> 10) + " KiB at rest, " + std::to_string(now >> 10) + " KiB with " +
			std::to_string(stuffed.size) + " bytes on the way");
	stuffed.client.Reset();
}
