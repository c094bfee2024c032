// Group 2: chunks, and the edge of the server's buffer (BUFSIZE, 512 bytes).
#include "harness.h"

#include <random>

using namespace conformance;

TEST_SUITE_BEGIN("C2 chunks");

namespace
{
constexpr char kWhole[] = "every byte comes back whatever the size of a send";
} // namespace

#define ONE_SEND(id, size)                                                                         \
	CASE(id " one send of " #size " bytes", kWhole, "E02-2 E02-3")                                 \
	{                                                                                              \
		Echo(size);                                                                                \
	}
ONE_SEND("C2.01", 1)
ONE_SEND("C2.02", 2)
ONE_SEND("C2.03", 511)
ONE_SEND("C2.04", 512)
ONE_SEND("C2.05", 513)
ONE_SEND("C2.06", 1023)
ONE_SEND("C2.07", 1024)
ONE_SEND("C2.08", 1025)
ONE_SEND("C2.09", 1460)
ONE_SEND("C2.10", 4097)
ONE_SEND("C2.11", 65536)
ONE_SEND("C2.12", 1048576)

CASE("C2.13 2000 sends of 1 byte", kWhole, "")
{
	Connection::Options options;
	options.noDelay = true;
	Connection client = Connect(options);
	Exchange(client, Data(0, 2000), [] { return std::size_t(1); });
}

CASE("C2.14 64 KiB in slices of 1 to 97 bytes", kWhole, "")
{
	Connection::Options options;
	options.noDelay = true;
	Connection client = Connect(options);
	std::mt19937_64 random(CurrentSettings().seed);
	Exchange(client, Data(0, 65536), [&] { return 1 + random() % 97; });
}

CASE("C2.15 64 KiB in chops of 997", kWhole, "")
{
	Connection client = Connect();
	Exchange(client, Data(0, 65536), [] { return std::size_t(997); });
}

CASE("C2.16 64 KiB in chops of 64 to 2048", kWhole, "")
{
	for (std::size_t chop = 64; chop <= 2048; chop *= 2)
	{
		INFO("chops of ", chop);
		Connection client = Connect();
		Exchange(client, Data(0, 65536), [chop] { return chop; });
	}
}

CASE("C2.17 four full buffers then one byte", "no buffer must be full before it is echoed", "")
{
	Connection client = Connect();
	PingPong(client, Data(0, 4 * 512));
	PingPong(client, "x");
	Finish(client, "");
}

CASE("C2.18 every size from 0 to 1100", kWhole, "")
{
	// Fifty connections at once; an iterative server takes them in turn.
	for (std::uint32_t first = 0; first <= 1100; first += 50)
	{
		std::vector<ClientPlan> plans;
		for (std::uint32_t size = first; size < first + 50 && size <= 1100; size++)
		{
			ClientPlan plan;
			plan.source = Source::FromPattern(CurrentSettings().seed, size, size);
			plans.push_back(plan);
		}
		Serve(plans);
	}
}

CASE("C2.19 a client with the smallest socket buffers", kWhole, "E02-3 E04-6")
{
	ClientPlan plan;
	plan.source = Source::FromPattern(CurrentSettings().seed, 0, 262144);
	plan.options.sendBuffer = 1;
	plan.options.receiveBuffer = 1;
	Serve({ plan });
}

TEST_SUITE_END();
