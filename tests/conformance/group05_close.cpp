// Group 5: orderly ends.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kEchoThenClose[] =
	"everything received before the FIN is echoed, then the server closes (RFC 862)";
constexpr char kHarmless[] = "a client that leaves harms nobody";
} // namespace

CONFORMANCE_CASE("C5.01", "1000 bytes then half-close", kEchoThenClose, "E04-8 E05-4")
{
	Connection client = context.Connect();
	const std::string data = context.Data(0, 1000);
	context.Send(client, data);
	client.HalfClose();
	context.ExpectExactThenFin(client, data);
}

CONFORMANCE_CASE("C5.02", "1 MiB then half-close", kEchoThenClose, "E04-8 E05-4")
{
	context.Echo(1 << 20);
}

CONFORMANCE_CASE("C5.03", "idle then half-close", kEchoThenClose, "E05-9")
{
	Connection client = context.Connect();
	context.ExpectNothing(client, milliseconds(300));
	client.HalfClose();
	context.ExpectExactThenFin(client, "");
}

CONFORMANCE_CASE("C5.04", "close right after 100 bytes", kHarmless, "E04-5")
{
	for (int i = 0; i < 20; i++)
	{
		Connection client = context.Connect();
		context.Send(client, context.Data(0, 100));
		client.Close();
	}
}

CONFORMANCE_CASE("C5.05", "a client that shuts its receiving side", kHarmless, "")
{
	Connection client = context.Connect();
	client.Shutdown(SD_RECEIVE);
	context.Send(client, context.Data(0, 100));
	client.Close();
}

CONFORMANCE_CASE("C5.06", "a client that shuts both sides", kHarmless, "")
{
	Connection client = context.Connect();
	context.PingPong(client, "x");
	client.Shutdown(SD_BOTH);
	context.Probe();
}

CONFORMANCE_CASE("C5.07", "200 half-closes right after the last echo", kEchoThenClose, "E04-10")
{
	for (int i = 0; i < 200; i++)
	{
		Connection client = context.Connect();
		context.PingPong(client, "x");
		client.HalfClose();
		context.ExpectExactThenFin(client, "");
	}
}

CONFORMANCE_CASE("C5.08", "50 connections, each gone after its FIN", kEchoThenClose, "E05-2")
{
	for (int i = 0; i < 50; i++)
		context.Echo(10);
}

CONFORMANCE_CASE("C5.09", "600 sent, 100 read, half-close, 500 read", kEchoThenClose, "E04-8 E05-4")
{
	Connection client = context.Connect();
	const std::string data = context.Data(0, 600);
	context.Send(client, data);
	context.ExpectEcho(client, std::string_view(data).substr(0, 100));
	client.HalfClose();
	context.ExpectExactThenFin(client, std::string_view(data).substr(100));
}

CONFORMANCE_CASE("C5.10", "300 KB then half-close and only then read", kEchoThenClose,
	"E04-8 E05-4")
{
	Connection client = context.Connect();
	const std::string data = context.Data(0, 300000);
	context.Send(client, data);
	client.HalfClose();
	context.ExpectExactThenFin(client, data);
}
