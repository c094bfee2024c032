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

	void Act(Server& server, std::mt19937_64& random)
	{
		const std::size_t action = random() % 100;
		const auto owed = static_cast<std::size_t>(sent - echoed);
		if (action < 50 && owed < 60000)
		{
			const std::size_t size = 1 + random() % 3000;
			connection.Send(server.Data(number, size, sent));
			sent += size;
		}
		else if (action < 90)
		{
			const std::size_t size = random() % (owed + 1);
			connection.ExpectEcho(server.Data(number, size, echoed));
			echoed += size;
		}
		else if (action < 95)
		{
			connection.Finish(server.Data(number, owed, echoed));
			connection.Close();
		}
		else if (action < 98)
			connection.Reset();
		else
			connection.Close();
	}
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
	unsigned handles = 0;
	const Deadline half = Deadline::After(milliseconds(500 * server.options.soakSeconds));
	const Deadline end = Deadline::After(milliseconds(1000 * server.options.soakSeconds));
	// On a busy machine the time alone, or its half, may be that of a few actions.
	for (int actions = 0; !end.Passed() || actions < 2000; actions++)
	{
		Actor& actor = actors[random() % count];
		if (!actor.connection.IsOpen())
			actor = { server.Connect(), next++ };
		actor.Act(server, random);
		if (first == 0 && server.HasProcess() && half.Passed() && actions >= 1000)
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
			" KiB at the end");
	// Where the system counts them: a socket and an event for each client that may have come.
	const std::size_t most = handles + 2 * count + 3;
	const unsigned open = server.Process().HandleCount();
	report.Check(open <= most, "at most " + std::to_string(most) + " handles",
		std::to_string(handles) + " at half time, " + std::to_string(open) + " at the end");
}

TEST_SUITE_END();
