// Group 11: for a longer time.
#include "harness.h"

#include <algorithm>
#include <random>

using namespace conformance;

namespace
{
// One client of the soak: what it has sent and not read back.
struct Actor
{
	Client connection;
	std::uint32_t number = 0;
	std::uint64_t sent = 0;
	std::uint64_t echoed = 0;
};
} // namespace

TEST_SUITE_BEGIN("endurance"); // comes late: it takes long

CASE("C11.01 a soak of random actions",
	"whatever others do, what a client sent comes back, and memory stays flat")
{
	std::mt19937_64 random(server.options.seed);
	report.Lasts(std::chrono::seconds(server.options.soakSeconds));
	std::size_t count = server.traits.Iterative() ? 1 : 20;
	if (server.traits.places != 0)
		count = std::min<std::size_t>(count, server.traits.places);
	std::vector<Actor> actors(count);
	std::uint32_t next = 0;
	std::size_t first = 0;
	std::uint64_t actions = 0;
	unsigned handles = 0;
	const auto start = std::chrono::steady_clock::now();
	const auto half = start + std::chrono::milliseconds(500 * server.options.soakSeconds);
	const auto end = start + std::chrono::seconds(server.options.soakSeconds);
	// On a busy machine the time alone may be that of a few actions.
	while (std::chrono::steady_clock::now() < end || actions < 2000)
	{
		Actor& actor = actors[random() % count];
		actions++;
		if (!actor.connection.IsOpen())
		{
			actor = Actor();
			actor.connection = server.Connect();
			actor.number = next++;
		}
		const std::size_t action = random() % 100;
		if (action < 50 && actor.sent - actor.echoed < 60000)
		{
			const std::size_t size = 1 + random() % 3000;
			actor.connection.Send(server.Data(actor.number, size, actor.sent));
			actor.sent += size;
		}
		else if (action < 90)
		{
			const std::size_t size = random() % (actor.sent - actor.echoed + 1);
			actor.connection.ExpectEcho(server.Data(actor.number, size, actor.echoed));
			actor.echoed += size;
		}
		else if (action < 95)
		{
			actor.connection.Finish(server.Data(actor.number,
				static_cast<std::size_t>(actor.sent - actor.echoed), actor.echoed));
			actor.connection.Close();
		}
		else if (action < 98)
			actor.connection.Reset();
		else
			actor.connection.Close();
		if (first == 0 && server.HasProcess() && std::chrono::steady_clock::now() >= half)
		{
			first = server.Memory();
			handles = server.Process().HandleCount();
		}
	}
	if (first == 0)
		return; // nobody tells the memory of a server that the suite did not start
	const std::size_t now = server.Memory();
	report.Check(now < first + (std::size_t(8) << 20), "at most 8 MiB more than at half time",
		std::to_string(first >> 10) + " KiB at half time, " + std::to_string(now >> 10) +
			" KiB after " + std::to_string(actions) + " actions");
	// Where the system counts them: a socket and an event for each client that may have come.
	const std::size_t most = handles + 2 * count + 3;
	const unsigned open = server.Process().HandleCount();
	report.Check(open <= most, "at most " + std::to_string(most) + " handles",
		std::to_string(handles) + " at half time, " + std::to_string(open) + " at the end");
}

CASE("C11.02 round trips in half a second and 100 at least",
	"informational: the number is judged by nobody, only that each echo comes back")
{
	Client client = server.Connect();
	const std::string data = server.Data(0, 64);
	int trips = 0;
	const Deadline half = Deadline::After(milliseconds(500));
	for (; !half.Passed() || trips < 100; trips++)
		client.PingPong(data);
	report.Note(std::to_string(trips) + " round trips of 64 bytes");
}

TEST_SUITE_END();
