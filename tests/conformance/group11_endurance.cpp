// Group 11: for a longer time.
#include "harness.h"

#include <algorithm>

using namespace conformance;

namespace
{
// One client of the soak: what it has sent and not read back.
struct Actor
{
	Connection connection;
	std::uint32_t number = 0;
	std::uint64_t sent = 0;
	std::uint64_t echoed = 0;
};
} // namespace

CONFORMANCE_CASE("C11.01", "a soak of random actions",
	"whatever others do, what a client sent comes back, and memory stays flat",
	"E04-5 E04-8 E04-10 E05-1 E05-2 E05-3")
{
	Random random(context.Seed());
	std::size_t count = context.Server().iterative ? 1 : 20;
	if (context.Server().capacity != 0)
		count = std::min<std::size_t>(count, context.Server().capacity);
	std::vector<Actor> actors(count);
	std::uint32_t next = 0;
	std::size_t first = 0;
	std::uint64_t actions = 0;
	unsigned handles = 0;
	const auto start = std::chrono::steady_clock::now();
	const auto half = start + std::chrono::milliseconds(500 * CurrentSettings().soakSeconds);
	const auto end = start + std::chrono::seconds(CurrentSettings().soakSeconds);
	while (std::chrono::steady_clock::now() < end)
	{
		Actor& actor = actors[random.Between(0, count - 1)];
		actions++;
		if (!actor.connection.IsOpen())
		{
			actor = Actor();
			actor.connection = context.Connect();
			actor.number = next++;
		}
		const std::size_t action = random.Between(0, 99);
		if (action < 50 && actor.sent - actor.echoed < 60000)
		{
			const std::size_t size = random.Between(1, 3000);
			context.Send(actor.connection,
				echo::Pattern(context.Seed(), actor.number, actor.sent, size));
			actor.sent += size;
		}
		else if (action < 90)
		{
			const std::size_t size =
				random.Between(0, static_cast<std::size_t>(actor.sent - actor.echoed));
			context.ExpectEcho(actor.connection,
				echo::Pattern(context.Seed(), actor.number, actor.echoed, size));
			actor.echoed += size;
		}
		else if (action < 95)
		{
			actor.connection.HalfClose();
			context.ExpectExactThenFin(actor.connection,
				echo::Pattern(context.Seed(), actor.number, actor.echoed,
					static_cast<std::size_t>(actor.sent - actor.echoed)));
			actor.connection.Close();
		}
		else if (action < 98)
			actor.connection.Reset();
		else
			actor.connection.Close();
		if (first == 0 && context.HasProcess() && std::chrono::steady_clock::now() >= half)
		{
			first = context.Memory();
			handles = context.Process().HandleCount();
		}
	}
	if (first == 0)
		return; // nobody tells the memory of a server that the suite did not start
	const std::size_t now = context.Memory();
	context.Check(now < first + (std::size_t(8) << 20), "at most 8 MiB more than at half time",
		std::to_string(first >> 10) + " KiB at half time, " + std::to_string(now >> 10) +
			" KiB after " + std::to_string(actions) + " actions");
	// Where the system counts them: a socket and an event for each client that may have come.
	const std::size_t most = handles + 2 * count + 3;
	const unsigned open = context.Process().HandleCount();
	context.Check(open <= most, "at most " + std::to_string(most) + " handles",
		std::to_string(handles) + " at half time, " + std::to_string(open) + " at the end");
}

CONFORMANCE_CASE("C11.02", "round trips in one second",
	"informational: the number is judged by nobody, only that each echo comes back", "")
{
	Connection client = context.Connect();
	const std::string data = context.Data(0, 64);
	int trips = 0;
	for (const Deadline second = Deadline::After(milliseconds(1000)); !second.Passed(); trips++)
		context.PingPong(client, data);
	std::printf("       %d round trips of 64 bytes\n", trips);
}
