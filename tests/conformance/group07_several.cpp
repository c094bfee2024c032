// Group 7: several clients at once.
#include "harness.h"

#include <atomic>
#include <random>
#include <thread>

using namespace conformance;

namespace
{
constexpr char kTogether[] = "clients that connect at once all get their own data, complete";

// `floods` clients that stream until the others, behind them, have had `pings` echoes each; 4 GiB
// at the most, `window` bytes of each without an echo.
std::vector<ClientPlan> Floods(const Server& server, std::uint32_t floods, std::uint32_t others,
	std::uint64_t pings, std::uint64_t window)
{
	std::vector<ClientPlan> plans;
	for (std::uint32_t i = 0; i < floods + others; i++)
	{
		plans.push_back(i < floods ? server.Plan(i, 4ull << 30) : server.Plan(i, 64 * pings, 64));
		plans[i].background = i < floods;
		plans[i].window = i < floods ? window : 0;
	}
	return plans;
}

// Connects and leaves, until all threads together have done so `most` times.
void ComeAndGo(const std::stop_token& stop, const Server& server, std::atomic<unsigned>& came,
	unsigned most)
try
{
	while (!stop.stop_requested() && came++ < most)
		Connection().StartConnect(server.options.host, server.Port(), {});
}
catch (const std::runtime_error&) // the system has no more sockets
{
}

void Leave(Client& client)
{
	client.Finish("");
	client.Close();
}
} // namespace

CASE("C7.01 two clients by turns", kTogether)
{
	if (!server.Together(2))
		return;
	std::vector<Client> clients = server.Party(2);
	for (std::uint32_t i = 0; i < 200; i++)
	{
		INFO("turn ", i);
		clients[i % 2].PingPong(server.Data(i % 2, 100 + i));
	}
}

CASE("C7.02 five clients at once", kTogether)
{
	server.Serve(echo::Copies(server.Plan(0, 5000, 100), 5));
}

CASE("C7.03 20 clients with 50 messages each", kTogether)
{
	// Up to one buffer: the echo of a longer message is several sends, and the second of them waits
	// for the client's delayed ACK (Nagle, RFC 896): 40 ms of nothing.
	std::vector<ClientPlan> plans;
	std::mt19937_64 random(server.options.seed);
	for (std::uint32_t i = 0; i < 20; i++)
	{
		const std::size_t message = 1 + random() % 512;
		plans.push_back(server.Plan(i, 50 * message, message));
	}
	server.Serve(plans);
}

CASE("C7.04 an idle client and an active one", "an idle client keeps nobody waiting")
{
	if (!server.Together(2))
		return;
	Client idle = server.Connect();
	Client active = server.Connect();
	active.PingPong("now");
	idle.PingPong("later");
}

CASE("C7.05 an idle client leaves from among others", kTogether)
{
	if (!server.Together(5))
		return;
	std::vector<Client> clients = server.Party(5);
	Leave(clients[2]);
	server.Everybody(clients);
}

CASE("C7.06 one client floods and another pings",
	"at most one buffer per client and turn, so that nobody starves")
{
	if (server.Together(4))
		server.Serve(Floods(server, 3, 1, 20, 262144));
}

CASE("C7.07 clients leave in three orders", kTogether)
{
	if (!server.Together(6))
		return;
	const std::vector<std::vector<std::size_t>> orders = { { 0, 1, 2, 3, 4, 5 },
		{ 5, 4, 3, 2, 1, 0 }, { 2, 3, 1, 4, 0, 5 } };
	for (const std::vector<std::size_t>& order : orders)
	{
		std::vector<Client> clients = server.Party(order.size());
		for (const std::size_t leaver : order)
		{
			INFO("client ", leaver, " leaves");
			Leave(clients[leaver]);
			server.Everybody(clients);
		}
	}
}

CASE("C7.08 100 times one comes as another leaves", kTogether)
{
	if (!server.Together(4))
		return;
	std::vector<Client> clients = server.Party(3);
	for (std::size_t i = 0; i < 100; i++)
	{
		INFO("turn ", i);
		Client& leaver = clients[i % clients.size()];
		leaver.HalfClose();
		Client comer = server.Connect();
		leaver.Finish("");
		leaver = std::move(comer);
		server.Everybody(clients);
	}
}

CASE("C7.09 five clients that wait are served in turn",
	"clients that connect at once all get a complete echo")
{
	std::vector<Client> clients;
	for (std::uint32_t i = 0; i < 5; i++)
	{
		clients.push_back(server.Connect());
		clients.back().Send(server.Data(i, 1000));
		clients.back().HalfClose();
	}
	for (std::uint32_t i = 0; i < 5; i++)
		clients[i].Finish(server.Data(i, 1000));
}

CASE("C7.10 half of 40 clients flood and the rest is served evenly",
	"at most one buffer per client and turn, so that nobody starves")
{
	if (!server.Together(40))
		return;
	const echo::RunResult result = server.Serve(Floods(server, 20, 20, 25, 65536));

	// The floods end together, when the last ping is answered: what each of them got is its share.
	std::uint64_t least = ~std::uint64_t(0);
	std::uint64_t most = 0;
	for (std::uint32_t i = 0; i < 20; i++)
	{
		least = std::min(least, result.clients[i].echoed);
		most = std::max(most, result.clients[i].echoed);
	}
	report.Check(most <= 4 * least, "no flooding client gets four times another's share",
		"from " + std::to_string(least) + " to " + std::to_string(most) + " bytes");
}

CASE("C7.11 clients come and go in a flood while another pings",
	"who connects keeps nobody waiting")
{
	if (!server.Together(2))
		return;
	// With all places taken, those who come are refused (D2).
	std::vector<Client> clients = server.Party(std::max(1u, server.traits.places));
	constexpr unsigned kMost = 10000;
	std::atomic<unsigned> came = 0;
	// Four threads, for a server accepts as fast as one of them connects.
	std::vector<std::jthread> flood;
	for (int i = 0; i < 4; i++)
		flood.emplace_back(ComeAndGo, std::cref(server), std::ref(came), kMost);
	for (int i = 0; i < 20; i++)
		clients[0].PingPong("ping");
	report.Check(came < kMost, "20 echoes while clients come and go",
		"they came when " + std::to_string(kMost) + " had come", Symptom::Starves);
	flood.clear();
	// Those in the backlog have their turn before whoever comes next.
	if (server.HasProcess() && !server.traits.polls)
		Eventually([&] { return server.CpuMeanwhile(milliseconds(200)) == milliseconds(0); },
			milliseconds(60000));
}
