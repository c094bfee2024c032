// Group 2: chunks, and the edge of the server's buffer (BUFSIZE, 512 bytes).
#include "harness.h"

#include <random>

using namespace conformance;

TEST_SUITE_BEGIN("C2 chunks");

namespace
{
constexpr char kWhole[] = "every byte comes back whatever the size of a send";
}

CASE("C2.01 one send of 1 byte", kWhole, "E02-3")
{
	Echo(1);
}

CASE("C2.02 one send of 2 bytes", kWhole, "E02-3")
{
	Echo(2);
}

CASE("C2.03 one send of 511 bytes", kWhole, "E02-3")
{
	Echo(511);
}

CASE("C2.04 one send of 512 bytes", kWhole, "E02-3")
{
	Echo(512);
}

CASE("C2.05 one send of 513 bytes", kWhole, "E02-3")
{
	Echo(513);
}

CASE("C2.06 one send of 1023 bytes", kWhole, "E02-3")
{
	Echo(1023);
}

CASE("C2.07 one send of 1024 bytes", kWhole, "E02-3")
{
	Echo(1024);
}

CASE("C2.08 one send of 1025 bytes", kWhole, "E02-3")
{
	Echo(1025);
}

CASE("C2.09 one send of 1460 bytes", kWhole, "E02-3")
{
	Echo(1460);
}

CASE("C2.10 one send of 4097 bytes", kWhole, "E02-3")
{
	Echo(4097);
}

CASE("C2.11 one send of 65536 bytes", kWhole, "E02-3")
{
	Echo(65536);
}

CASE("C2.12 one send of 1048576 bytes", kWhole, "E02-3")
{
	Echo(1048576);
}

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
