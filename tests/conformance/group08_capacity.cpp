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
std::vector<Client> Fill(Server& server, std::size_t count)
{
	const std::size_t places = server.traits.places;
	const std::size_t served = places == 0 ? count : std::min(count, places);
	std::vector<Client> clients = server.Party(served);
	for (std::size_t i = served; i < count; i++)
	{
		Client refused = server.Connect();
		refused.ExpectRefused();
		server.report.Differs("D2");
	}
	return clients;
}

// The same and, where the others wait, all have their turn (D1).
void AtOnce(Server& server, std::size_t count)
{
	if (server.traits.waits && count > server.traits.places)
	{
		ClientPlan plan = server.Plan(0, 2000);
		plan.window = 500;
		server.Serve(echo::Copies(plan, static_cast<unsigned>(count)));
		return;
	}
	std::vector<Client> clients = Fill(server, count);
	server.Everybody(clients);
}
} // namespace

#define AT_ONCE(name, rule, count)                                                                 \
	CASE(name, rule)                                                                               \
	{                                                                                              \
		AtOnce(server, count);                                                                     \
	}
AT_ONCE("C8.01 60 clients at once", kCapacity, 60)
AT_ONCE("C8.02 63 clients at once", kCapacity, 63)
AT_ONCE("C8.03 the 64th client", kCapacity, 64)

CASE("C8.04 one leaves and another comes when all places are taken", kCapacity)
{
	const unsigned capacity = server.traits.places;
	if (capacity == 0 || server.traits.waits)
		return AtOnce(server, 70);
	std::vector<Client> clients = Fill(server, capacity + 1);
	for (int i = 0; i < 3; i++)
	{
		Client& leaver = clients[capacity / 2];
		leaver.Finish("");
		leaver = server.Connect();
		// Others than ours may need a moment to see that the place is free.
		const auto refused = [&] {
			return !server.traits.contract &&
				leaver.Receive(1, Deadline::After(milliseconds(50))).end.kind != End::Open;
		};
		Eventually([&] {
			if (!refused())
				return true;
			leaver = server.Connect();
			return false;
		});
		leaver.PingPong("a free place");
	}
}

AT_ONCE("C8.05 100 clients at once", kCapacity, 100)

CASE("C8.06 500 connections of 100 bytes", kNothingLeft)
{
	const std::string data = server.Data(0, 100);
	for (int i = 0; i < 500; i++)
	{
		INFO("connection ", i);
		Client client = server.Connect();
		client.PingPong(data);
		client.Finish("");
	}
}

CASE("C8.07 the server's handles after 100 connections", kNothingLeft)
{
	echo::ServerProcess& process = server.Process();
	for (int i = 0; i < 20; i++)
		server.Echo(10);
	if (process.HandleCount() == 0)
		report.NotApplicable("this system does not count a process's handles (Wine)");
	const unsigned before = process.HandleCount();
	for (int i = 0; i < 100; i++)
		server.Echo(10);
	const bool same = Eventually([&] { return process.HandleCount() <= before + 3; });
	report.Check(same, "as many handles as before, within 3",
		std::to_string(before) + " before, " + std::to_string(process.HandleCount()) + " after");
}

CASE("C8.09 64 clients come at once", "clients in the backlog are served once their turn comes")
{
	if (!server.traits.Iterative())
	{
		const unsigned places = server.traits.places;
		server.Serve(echo::Copies(server.Plan(0, 100), places == 0 ? 64 : std::min(64u, places)));
		return;
	}
	Client first = server.Connect();
	first.PingPong("first");
	const bool room = server.ConnectAgain().count() == 0; // for all of them
	unsigned connected = 0;
	Deadline still = Deadline::After(milliseconds(300));
	server.Serve(echo::Copies(server.Plan(0, 100), 64), [&](const echo::Progress& progress) {
		if (!first.IsOpen())
			return;
		report.Check(progress.echoed == 0, "nobody is served before the first has left (D1)",
			std::to_string(progress.echoed) + " bytes echoed");
		// The first leaves when all wait or, where the backlog may be short (D7), no more come in.
		if (progress.connected != connected)
			still = Deadline::After(milliseconds(room ? 3000 : 300));
		connected = progress.connected;
		if (connected < 64 && !still.Passed())
			return;
		report.Check(connected == 64 || !room, "64 clients that wait in the backlog",
			std::to_string(connected));
		first.Finish("");
		first.Close();
	});
	report.Differs("D1");
}

CASE("C8.10 CPU with no client and with five idle ones", kWait)
{
	server.ExpectIdle("no client");
	std::vector<Client> clients;
	for (std::size_t i = 0; i < server.Fitting(5); i++)
		clients.push_back(server.Connect());
	clients[0].PingPong("x");
	server.ExpectIdle("five idle clients");
	for (Client& client : clients)
		client.Finish("");
	server.ExpectIdle("clients that have left");
	if (server.traits.places == 0)
		return;
	clients = server.Party(server.traits.places);
	Client waiting = server.Connect(); // or it is closed (D2)
	server.ExpectIdle("all places taken and a client that waits");
}

AT_ONCE("C8.11 500 clients at once where there is no limit", "04 has no limit of its own",
	server.traits.places == 0 ? 500 : 128)

CASE("C8.12 every place is free after 500 connections that came to nothing", kNothingLeft)
{
	for (int i = 0; i < 500; i++)
	{
		INFO("connection ", i);
		Client client = server.Connect();
		if (i % 2 == 0)
			client.Send("x");
		if (i % 5 == 0)
			client.Reset();
		else
			client.Close();
	}
	AtOnce(server, server.traits.places == 0 || server.traits.waits ? 63 : server.traits.places);
}
