// Group 5: orderly ends.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kEchoThenClose[] =
	"everything received before the FIN is echoed, then the server closes (RFC 862)";
constexpr char kHarmless[] = "a client that leaves harms nobody";
} // namespace

CASE_SENT("C5.01 1000 bytes then half-close", kEchoThenClose, "E04-8 E05-4", Data(0, 1000))
CASE_ECHO("C5.02 256 KiB then half-close", kEchoThenClose, "E04-8 E05-4", 256 << 10)

CASE("C5.03 idle then half-close", kEchoThenClose, "E05-9")
{
	Connection client = Connect();
	ExpectNothing(client, milliseconds(300));
	Finish(client, "");
}

CASE("C5.04 close right after 100 bytes", kHarmless, "E04-5 E00-8")
{
	for (int i = 0; i < 20; i++)
	{
		INFO("connection ", i);
		Connection client = Connect();
		Send(client, Data(0, 100));
		client.Close();
	}
}

CASE("C5.05 a client that shuts its receiving side", kHarmless, "E04-5 E00-8")
{
	Connection client = Connect();
	client.Shutdown(SD_RECEIVE);
	Send(client, Data(0, 100));
	client.Close();
}

CASE("C5.06 a client that shuts both sides", kHarmless, "")
{
	Connection client = Connect();
	PingPong(client, "x");
	client.Shutdown(SD_BOTH);
}

CASE("C5.07 100 half-closes right after the last echo", kEchoThenClose, "E04-10")
{
	for (int i = 0; i < 100; i++)
	{
		INFO("connection ", i);
		Connection client = Connect();
		PingPong(client, "x");
		Finish(client, "");
	}
}

CASE("C5.08 50 connections, each gone after its FIN", kEchoThenClose, "E05-2")
{
	for (int i = 0; i < 50; i++)
		Echo(10);
}

CASE("C5.09 600 sent, 100 read, half-close, 500 read", kEchoThenClose, "E04-8 E05-4")
{
	Connection client = Connect();
	const std::string data = Data(0, 600);
	Send(client, data);
	ExpectEcho(client, std::string_view(data).substr(0, 100));
	Finish(client, std::string_view(data).substr(100));
}

CASE_SENT("C5.10 300 KB then half-close and only then read", kEchoThenClose, "E04-8 E05-4",
	Data(0, 300000))
