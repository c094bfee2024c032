// Group 7: several clients at once.
#include "harness.h"

#include <random>

using namespace conformance;

namespace
{
constexpr char kTogether[] = "clients that connect at once all get their own data, complete";

// `floods` clients that stream until the others, behind them, have had `pings` echoes each; 4 GiB
// at the most, `window` bytes of each without an echo.
std::vector<ClientPlan> Floods(std::uint32_t floods, std::uint32_t others, std::uint64_t pings,
	std::uint64_t window)
{
	std::vector<ClientPlan> plans;
	for (std::uint32_t i = 0; i < floods + others; i++)
	{
		plans.push_back(i < floods ? Plan(i, 4ull << 30) : Plan(i, 64 * pings, 64));
		plans[i].background = i < floods;
		plans[i].window = i < floods ? window : 0;
	}
	return plans;
}

void Leave(Context& context, Connection& client)
{
	context.Finish(client, "");
	client.Close();
}
} // namespace

CASE("C7.01 two clients by turns", kTogether, "")
{
	if (!Together(2))
		return;
	std::vector<Connection> clients = Party(2);
	for (std::uint32_t i = 0; i < 200; i++)
	{
		INFO("turn ", i);
		PingPong(clients[i % 2], Data(i % 2, 100 + i));
	}
}

CASE("C7.02 five clients at once", kTogether, "E02-2")
{
	Serve(echo::Copies(Plan(0, 5000, 100), 5));
}

CASE("C7.03 20 clients with 50 messages each", kTogether, "E05-1")
{
	// Up to one buffer: the echo of a longer message is several sends, and the second of them waits
	// for the client's delayed ACK (Nagle, RFC 896): 40 ms of nothing.
	std::vector<ClientPlan> plans;
	std::mt19937_64 random(settings.seed);
	for (std::uint32_t i = 0; i < 20; i++)
	{
		const std::size_t message = 1 + random() % 512;
		plans.push_back(Plan(i, 50 * message, message));
	}
	Serve(plans);
}

CASE("C7.04 an idle client and an active one", "an idle client keeps nobody waiting", "")
{
	if (!Together(2))
		return;
	Connection idle = Connect();
	Connection active = Connect();
	PingPong(active, "now");
	PingPong(idle, "later");
}

CASE("C7.05 an idle client leaves from among others", kTogether, "E03-7 E05-6")
{
	if (!Together(5))
		return;
	std::vector<Connection> clients = Party(5);
	Leave(*this, clients[2]);
	Everybody(clients);
}

CASE("C7.06 one client floods and another pings",
	"at most one buffer per client and turn, so that nobody starves", "E05-3")
{
	if (Together(4))
		Serve(Floods(3, 1, 20, 262144));
}

CASE("C7.07 clients leave in three orders", kTogether, "E03-7 E05-6")
{
	if (!Together(6))
		return;
	const std::vector<std::vector<std::size_t>> orders = { { 0, 1, 2, 3, 4, 5 },
		{ 5, 4, 3, 2, 1, 0 }, { 2, 3, 1, 4, 0, 5 } };
	for (const std::vector<std::size_t>& order : orders)
	{
		std::vector<Connection> clients = Party(order.size());
		for (const std::size_t leaver : order)
		{
			INFO("client ", leaver, " leaves");
			Leave(*this, clients[leaver]);
			Everybody(clients);
		}
	}
}

CASE("C7.08 100 times one comes as another leaves", kTogether, "E04-10")
{
	if (!Together(4))
		return;
	std::vector<Connection> clients = Party(3);
	for (std::size_t i = 0; i < 100; i++)
	{
		INFO("turn ", i);
		Connection& leaver = clients[i % clients.size()];
		leaver.HalfClose();
		Connection comer = Connect();
		Finish(leaver, "");
		leaver = std::move(comer);
		Everybody(clients);
	}
}

CASE("C7.09 five clients that wait are served in turn",
	"clients that connect at once all get a complete echo", "")
{
	std::vector<Connection> clients;
	for (std::uint32_t i = 0; i < 5; i++)
	{
		clients.push_back(Connect());
		Send(clients.back(), Data(i, 1000));
		clients.back().HalfClose();
	}
	for (std::uint32_t i = 0; i < 5; i++)
		Finish(clients[i], Data(i, 1000));
}

CASE("C7.10 half of 40 clients flood and the rest is served evenly",
	"at most one buffer per client and turn, so that nobody starves", "E05-3")
{
	if (!Together(40))
		return;
	const echo::RunResult result = Serve(Floods(20, 20, 25, 65536));

	// The floods end together, when the last ping is answered: what each of them got is its share.
	std::uint64_t least = ~std::uint64_t(0);
	std::uint64_t most = 0;
	for (std::uint32_t i = 0; i < 20; i++)
	{
		least = std::min(least, result.clients[i].echoed);
		most = std::max(most, result.clients[i].echoed);
	}
	Check(most <= 4 * least, "no flooding client gets four times another's share",
		"from " + std::to_string(least) + " to " + std::to_string(most) + " bytes");
}
