// Group 7: several clients at once.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kTogether[] = "clients that connect at once all get their own data, complete";

// Clients 0 .. count - 1, each having had one echo.
std::vector<Connection> Party(Context& context, std::size_t count)
{
	std::vector<Connection> clients;
	for (std::size_t i = 0; i < count; i++)
	{
		clients.push_back(context.Connect());
		context.PingPong(clients.back(), "hello " + std::to_string(i));
	}
	return clients;
}

// The clients of the party that are still open have an echo each, all of them asked before any is
// read.
void Everybody(Context& context, std::vector<Connection>& clients)
{
	for (std::size_t i = 0; i < clients.size(); i++)
	{
		if (clients[i].IsOpen())
			context.Send(clients[i], context.Data(static_cast<std::uint32_t>(i), 300));
	}
	for (std::size_t i = 0; i < clients.size(); i++)
	{
		if (clients[i].IsOpen())
			context.ExpectEcho(clients[i], context.Data(static_cast<std::uint32_t>(i), 300));
	}
}

void Leave(Context& context, Connection& client)
{
	client.HalfClose();
	context.ExpectExactThenFin(client, "");
	client.Close();
}
} // namespace

CONFORMANCE_CASE("C7.01", "two clients by turns", kTogether, "E03-2")
{
	if (context.Server().iterative)
		return context.ExpectInTurn();
	std::vector<Connection> clients = Party(context, 2);
	for (std::uint32_t i = 0; i < 200; i++)
		context.PingPong(clients[i % 2], context.Data(i % 2, 100 + i));
}

CONFORMANCE_CASE("C7.02", "five clients at once", kTogether, "E02-2")
{
	ClientPlan plan;
	plan.mode = ClientPlan::PingPong;
	plan.messageSize = 100;
	plan.source = Source::FromPattern(context.Seed(), 0, 5000);
	const echo::RunResult result = context.Serve(echo::Copies(plan, 5));
	if (context.Server().iterative)
	{
		context.Check(result.atOnce == 1, "one client at a time (D1)",
			std::to_string(result.atOnce));
		context.Differs("D1");
	}
}

CONFORMANCE_CASE("C7.03", "20 clients with 200 messages each", kTogether, "E03-2 E05-1")
{
	// Up to one buffer: the echo of a longer message is several sends, and the second of them waits
	// for the client's delayed ACK (Nagle, RFC 896): 40 ms of nothing.
	ClientPlan plan;
	plan.mode = ClientPlan::PingPong;
	std::vector<ClientPlan> plans;
	Random random(context.Seed());
	for (std::uint32_t i = 0; i < 20; i++)
	{
		plan.messageSize = random.Between(1, 512);
		plan.source = Source::FromPattern(context.Seed(), i, 200 * plan.messageSize);
		plans.push_back(plan);
	}
	const echo::RunResult result = context.Serve(plans);
	if (context.Server().iterative)
	{
		context.Check(result.atOnce == 1, "one client at a time (D1)",
			std::to_string(result.atOnce));
		context.Differs("D1");
	}
}

CONFORMANCE_CASE("C7.04", "an idle client and an active one", "an idle client keeps nobody waiting",
	"")
{
	if (context.Server().iterative)
		return context.ExpectInTurn();
	Connection idle = context.Connect();
	Connection active = context.Connect();
	context.PingPong(active, "now");
	context.PingPong(idle, "later");
}

CONFORMANCE_CASE("C7.05", "an idle client leaves from among others", kTogether, "E03-7 E05-6")
{
	context.NeedsClients(5);
	if (context.Server().iterative)
		return context.ExpectInTurn();
	std::vector<Connection> clients = Party(context, 5);
	Leave(context, clients[2]);
	Everybody(context, clients);
}

CONFORMANCE_CASE("C7.06", "one client floods and another pings",
	"at most one buffer per client and turn, so that nobody starves", "E05-3")
{
	if (context.Server().iterative)
		return context.ExpectInTurn();
	std::vector<ClientPlan> plans(4);
	for (std::uint32_t i = 0; i < plans.size(); i++)
	{
		// Background clients stream until the others are done, 4 GiB at the most.
		plans[i].background = i < 3;
		plans[i].mode = i < 3 ? ClientPlan::Streaming : ClientPlan::PingPong;
		plans[i].window = i < 3 ? 262144 : 0;
		plans[i].messageSize = 64;
		plans[i].source = Source::FromPattern(context.Seed(), i, i < 3 ? 4ull << 30 : 64 * 20);
	}
	context.Serve(plans);
}

CONFORMANCE_CASE("C7.07", "clients leave in three orders", kTogether, "E03-7 E05-6")
{
	context.NeedsClients(6);
	if (context.Server().iterative)
		return context.ExpectInTurn();
	const std::vector<std::vector<std::size_t>> orders = { { 0, 1, 2, 3, 4, 5 },
		{ 5, 4, 3, 2, 1, 0 }, { 2, 3, 1, 4, 0, 5 } };
	for (const std::vector<std::size_t>& order : orders)
	{
		std::vector<Connection> clients = Party(context, order.size());
		for (const std::size_t leaver : order)
		{
			Leave(context, clients[leaver]);
			Everybody(context, clients);
		}
	}
}

CONFORMANCE_CASE("C7.08", "100 times one comes as another leaves", kTogether, "E04-10")
{
	context.NeedsClients(4);
	if (context.Server().iterative)
		return context.ExpectInTurn();
	std::vector<Connection> clients = Party(context, 3);
	for (std::size_t i = 0; i < 100; i++)
	{
		Connection& leaver = clients[i % clients.size()];
		leaver.HalfClose();
		Connection comer = context.Connect();
		context.ExpectExactThenFin(leaver, "");
		leaver = std::move(comer);
		Everybody(context, clients);
	}
}

CONFORMANCE_CASE("C7.09", "five clients that wait are served in turn",
	"clients that connect at once all get a complete echo", "")
{
	std::vector<Connection> clients;
	for (std::uint32_t i = 0; i < 5; i++)
	{
		clients.push_back(context.Connect());
		context.Send(clients.back(), context.Data(i, 1000));
		clients.back().HalfClose();
	}
	for (std::uint32_t i = 0; i < 5; i++)
		context.ExpectExactThenFin(clients[i], context.Data(i, 1000));
}

CONFORMANCE_CASE("C7.10", "half of 40 clients flood and the rest is served evenly",
	"at most one buffer per client and turn, so that nobody starves", "E05-3")
{
	if (context.Server().iterative)
		return context.ExpectInTurn();
	const std::uint32_t count = 40;
	std::vector<ClientPlan> plans(count);
	for (std::uint32_t i = 0; i < count; i++)
	{
		plans[i].background = i % 2 == 0;
		plans[i].mode = i % 2 == 0 ? ClientPlan::Streaming : ClientPlan::PingPong;
		plans[i].window = i % 2 == 0 ? 65536 : 0;
		plans[i].messageSize = 64;
		plans[i].source = Source::FromPattern(context.Seed(), i, i % 2 == 0 ? 1ull << 30 : 64 * 50);
	}
	const echo::RunResult result = context.Serve(plans);

	// The floods end together, when the last ping is answered: what each of them got is its share.
	std::uint64_t least = ~std::uint64_t(0);
	std::uint64_t most = 0;
	for (std::uint32_t i = 0; i < count; i += 2)
	{
		least = std::min(least, result.clients[i].echoed);
		most = std::max(most, result.clients[i].echoed);
	}
	context.Check(most <= 4 * least, "no flooding client gets four times another's share",
		"from " + std::to_string(least) + " to " + std::to_string(most) + " bytes");
}
