// Group 8: how many, how often, and what is left behind.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kCapacity[] =
	"03 and 05 hold 63 clients, the 64th is closed at once, a free place is used again (D2)";
constexpr char kNothingLeft[] = "a finished connection leaves nothing behind";
constexpr char kWait[] = "waiting uses no CPU";

// `count` clients at once: all are served or, at the limit, exactly so many, and the others closed
// (D2). Returns those that are served.
std::vector<Connection> Fill(Context& context, std::size_t count)
{
	const std::size_t places = context.Server().places;
	const std::size_t served = places == 0 ? count : std::min(count, places);
	std::vector<Connection> clients = context.Party(served);
	for (std::size_t i = served; i < count; i++)
	{
		Connection refused = context.Connect();
		context.ExpectEnd(refused);
		context.Differs("D2");
	}
	return clients;
}

// The same and, where the others wait, all have their turn (D1).
void AtOnce(Context& context, std::size_t count)
{
	if (context.Server().waits && count > context.Server().places)
	{
		ClientPlan plan = Plan(0, 2000);
		plan.window = 500;
		context.Serve(echo::Copies(plan, static_cast<unsigned>(count)));
		return;
	}
	std::vector<Connection> clients = Fill(context, count);
	context.Everybody(clients);
}
} // namespace

#define AT_ONCE(name, rule, see, count)                                                            \
	CASE(name, rule, see)                                                                          \
	{                                                                                              \
		AtOnce(*this, count);                                                                      \
	}
AT_ONCE("C8.01 60 clients at once", kCapacity, "E03-4 E05-6", 60)
AT_ONCE("C8.02 63 clients at once", kCapacity, "E03-4", 63)
AT_ONCE("C8.03 the 64th client", kCapacity, "E03-4 E03-5", 64)

CASE("C8.04 one leaves and another comes when all places are taken", kCapacity, "E03-4 E03-5")
{
	const unsigned capacity = Server().places;
	if (capacity == 0 || Server().waits)
		return AtOnce(*this, 70);
	std::vector<Connection> clients = Fill(*this, capacity + 1);
	for (int i = 0; i < 3; i++)
	{
		Connection& leaver = clients[capacity / 2];
		Finish(leaver, "");
		leaver = Connect();
		PingPong(leaver, "a free place");
	}
}

AT_ONCE("C8.05 100 clients at once", kCapacity, "E03-4 E03-5", 100)

CASE("C8.06 500 connections of 100 bytes", kNothingLeft, "E05-2")
{
	const std::string data = Data(0, 100);
	for (int i = 0; i < 500; i++)
	{
		INFO("connection ", i);
		Connection client = Connect();
		PingPong(client, data);
		Finish(client, "");
	}
}

CASE("C8.07 the server's handles after 100 connections", kNothingLeft, "E05-6")
{
	echo::ServerProcess& process = Process();
	for (int i = 0; i < 20; i++)
		Echo(10);
	if (process.HandleCount() == 0)
		NotApplicable("this system does not count a process's handles (Wine)");
	const unsigned before = process.HandleCount();
	for (int i = 0; i < 100; i++)
		Echo(10);
	const bool same = Eventually([&] { return process.HandleCount() <= before + 3; });
	Check(same, "as many handles as before, within 3",
		std::to_string(before) + " before, " + std::to_string(process.HandleCount()) + " after");
}

CASE("C8.08 200 connections closed without a byte", kNothingLeft, "E04-5 E05-2")
{
	for (int i = 0; i < 200; i++)
		Connect().Close();
}

CASE("C8.09 64 clients wait while one is served",
	"clients in the backlog are served once their turn comes", "")
{
	if (!Server().Iterative())
		return AtOnce(*this, 64);
	Connection first = Connect();
	PingPong(first, "first");
	const bool room = ConnectAgain().count() == 0; // for all of them
	unsigned connected = 0;
	Deadline still = Deadline::After(milliseconds(300));
	Serve(echo::Copies(Plan(0, 100), 64), [&](const echo::Progress& progress) {
		if (!first.IsOpen())
			return;
		Check(progress.echoed == 0, "nobody is served before the first has left (D1)",
			std::to_string(progress.echoed) + " bytes echoed");
		// The first leaves when all wait or, where the backlog may be short (D7), no more come in.
		if (progress.connected != connected)
			still = Deadline::After(milliseconds(room ? 3000 : 300));
		connected = progress.connected;
		if (connected < 64 && !still.Passed())
			return;
		Check(connected == 64 || !room, "64 clients that wait in the backlog",
			std::to_string(connected));
		Finish(first, "");
		first.Close();
	});
	Differs("D1");
}

CASE("C8.10 CPU with no client and with five idle ones", kWait, "E05-8")
{
	ExpectIdle("no client");
	std::vector<Connection> clients;
	for (std::size_t i = 0; i < Fitting(5); i++)
		clients.push_back(Connect());
	PingPong(clients[0], "x");
	ExpectIdle("five idle clients");
}

AT_ONCE("C8.11 500 clients at once where there is no limit", "04 has no limit of its own", "E04-5",
	Server().places == 0 ? 500 : 128)

CASE("C8.12 every place is free after 500 connections that came to nothing", kNothingLeft,
	"E04-5 E00-8 E03-5 E05-2 E05-6")
{
	for (int i = 0; i < 500; i++)
	{
		INFO("connection ", i);
		Connection client = Connect();
		if (i % 2 == 0)
			Send(client, "x");
		if (i % 5 == 0)
			client.Reset();
		else
			client.Close();
	}
	AtOnce(*this, Server().places == 0 || Server().waits ? 63 : Server().places);
}
