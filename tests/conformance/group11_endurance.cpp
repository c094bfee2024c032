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
	std::size_t atRest = 0;
	std::uint64_t actions = 0;
	const auto end =
		std::chrono::steady_clock::now() + std::chrono::seconds(CurrentSettings().soakSeconds);
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
		if (actions == 2000 && context.HasProcess())
			atRest = context.Memory();
	}
	if (atRest == 0)
		return; // nobody tells the memory of a server that the suite did not start
	const std::size_t now = context.Memory();
	context.Check(now < atRest + (std::size_t(8) << 20), "at most 8 MiB more than at first",
		std::to_string(atRest >> 10) + " KiB at first, " + std::to_string(now >> 10) +
			" KiB after " + std::to_string(actions) + " actions");
}

CONFORMANCE_CASE("C11.02", "round trips in one second", "a number to look at, judged by nobody", "")
{
	Connection client = context.Connect();
	const std::string data = context.Data(0, 64);
	int trips = 0;
	for (const Deadline second = Deadline::After(milliseconds(1000)); !second.Passed(); trips++)
		context.PingPong(client, data);
	std::printf("       %d round trips of 64 bytes\n", trips);
}
