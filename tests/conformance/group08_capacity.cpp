// Group 8: how many, how often, and what is left behind.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kCapacity[] =
	"03 and 05 hold 63 clients, the 64th is closed at once, a free place is used again (D2)";
constexpr char kNothingLeft[] = "a finished connection leaves nothing behind";
constexpr char kWait[] = "waiting uses no CPU";

// Which of the clients are served: those that get their echo. The others must have been closed.
std::vector<Connection> Fill(Context& context, std::size_t count, std::size_t& served)
{
	std::vector<Connection> clients;
	served = 0;
	for (std::size_t i = 0; i < count; i++)
	{
		clients.push_back(context.Connect());
		const Connection::Sent sent =
			clients.back().SendAll("ping", Deadline::After(milliseconds(5000)));
		const Connection::Received got =
			clients.back().Receive(4, Deadline::After(milliseconds(5000)));
		if (sent.error == 0 && got.data == "ping")
			served++;
		else
			context.Check(got.data.empty() && got.end.kind != End::Open,
				"an echo, or a closed connection", Show(got.data) + ", " + echo::Describe(got.end));
	}
	return clients;
}

// `count` clients at once: all are served or, at the limit, exactly so many (D2).
void AtOnce(Context& context, std::size_t count)
{
	const unsigned capacity = context.Server().capacity;
	if (context.Server().iterative)
	{
		ClientPlan plan;
		plan.source = Source::FromPattern(context.Seed(), 0, 2000);
		plan.window = 500;
		const echo::RunResult result =
			context.Serve(echo::Copies(plan, static_cast<unsigned>(count)));
		context.Check(result.atOnce == 1, "one client at a time (D1)",
			std::to_string(result.atOnce));
		return context.Differs("D1");
	}
	const bool limited = capacity != 0 && count > capacity;
	const std::size_t expected = limited ? capacity : count;
	std::size_t served = 0;
	std::vector<Connection> clients = Fill(context, count, served);
	context.Check(served == expected, std::to_string(expected) + " clients served",
		std::to_string(served) + " served");
	for (std::size_t i = 0; i < expected; i++)
		context.PingPong(clients[i], context.Data(static_cast<std::uint32_t>(i), 200));
	if (limited)
		context.Differs("D2");
}
} // namespace

CONFORMANCE_CASE("C8.01", "60 clients at once", kCapacity, "E03-4 E05-6")
{
	AtOnce(context, 60);
}

CONFORMANCE_CASE("C8.02", "63 clients at once", kCapacity, "E03-4")
{
	AtOnce(context, 63);
}

CONFORMANCE_CASE("C8.03", "the 64th client", kCapacity, "E03-4 E03-5")
{
	AtOnce(context, 64);
}

CONFORMANCE_CASE("C8.04", "one leaves and another comes when all places are taken", kCapacity,
	"E03-4 E03-5")
{
	const unsigned capacity = context.Server().capacity;
	if (capacity == 0)
		return AtOnce(context, 70);
	std::size_t served = 0;
	std::vector<Connection> clients = Fill(context, capacity + 1, served);
	context.Check(served == capacity, std::to_string(capacity) + " clients served",
		std::to_string(served));
	for (int i = 0; i < 3; i++)
	{
		Connection& leaver = clients[capacity / 2];
		leaver.HalfClose();
		context.ExpectExactThenFin(leaver, "");
		leaver = context.Connect();
		context.PingPong(leaver, "a free place");
	}
	context.Differs("D2");
}

CONFORMANCE_CASE("C8.05", "100 clients at once", kCapacity, "E03-4 E03-5")
{
	AtOnce(context, 100);
}

CONFORMANCE_CASE("C8.06", "1000 connections of 100 bytes", kNothingLeft, "E05-2")
{
	const std::string data = context.Data(0, 100);
	for (int i = 0; i < 1000; i++)
	{
		Connection client = context.Connect();
		context.PingPong(client, data);
		client.HalfClose();
		context.ExpectExactThenFin(client, "");
	}
}

CONFORMANCE_CASE("C8.07", "the server's handles after 100 connections", kNothingLeft, "E05-6")
{
	echo::ServerProcess& process = context.Process();
	for (int i = 0; i < 20; i++)
		context.Echo(10);
	if (process.HandleCount() == 0)
		context.NotApplicable("this system does not count a process's handles (Wine)");
	const unsigned before = process.HandleCount();
	for (int i = 0; i < 100; i++)
		context.Echo(10);
	const bool same = context.Eventually([&] { return process.HandleCount() <= before + 3; });
	context.Check(same, "as many handles as before, within 3",
		std::to_string(before) + " before, " + std::to_string(process.HandleCount()) + " after");
}

CONFORMANCE_CASE("C8.08", "200 connections closed without a byte", kNothingLeft, "E04-5 E05-2")
{
	for (int i = 0; i < 200; i++)
		context.Connect().Close();
}

CONFORMANCE_CASE("C8.09", "64 clients wait while one is served",
	"clients in the backlog are served once their turn comes", "")
{
	if (!context.Server().iterative)
		return AtOnce(context, 64);
	Connection first = context.Connect();
	context.PingPong(first, "first");
	ClientPlan plan;
	plan.source = Source::FromPattern(context.Seed(), 0, 100);
	const bool room = context.ConnectAgain().count() == 0; // for all of them
	unsigned connected = 0;
	Deadline still = Deadline::After(milliseconds(300));
	context.Serve(echo::Copies(plan, 64), [&](const echo::Progress& progress) {
		if (!first.IsOpen())
			return;
		context.Check(progress.echoed == 0, "nobody is served before the first has left (D1)",
			std::to_string(progress.echoed) + " bytes echoed");
		// The first leaves when all wait or, where the backlog may be short (D7), no more come in.
		if (progress.connected != connected)
			still = Deadline::After(milliseconds(room ? 3000 : 300));
		connected = progress.connected;
		if (connected < 64 && !still.Passed())
			return;
		context.Check(connected == 64 || !room, "64 clients that wait in the backlog",
			std::to_string(connected));
		first.HalfClose();
		context.ExpectExactThenFin(first, "");
		first.Close();
	});
	context.Differs("D1");
}

CONFORMANCE_CASE("C8.10", "CPU with no client and with five idle ones", kWait, "E05-8")
{
	context.ExpectRest("no client");
	std::vector<Connection> clients;
	for (int i = 0; i < 5; i++)
		clients.push_back(context.Connect());
	context.PingPong(clients[0], "x");
	context.ExpectRest("five idle clients");
}

CONFORMANCE_CASE("C8.11", "500 clients at once", "04 has no limit of its own", "E04-5")
{
	AtOnce(context, 500);
}

CONFORMANCE_CASE("C8.12", "every place is free after 500 connections that came to nothing",
	kNothingLeft, "E03-5 E05-2 E05-6")
{
	for (int i = 0; i < 500; i++)
	{
		Connection client = context.Connect();
		if (i % 2 == 0)
			context.Send(client, "x");
		if (i % 5 == 0)
			client.Reset();
		else
			client.Close();
	}
	AtOnce(context, context.Server().capacity == 0 ? 63 : context.Server().capacity);
}
