// Group 5: orderly ends.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kEchoThenClose[] =
	"everything received before the FIN is echoed, then the server closes (RFC 862)";
constexpr char kHarmless[] = "a client that leaves harms nobody";
} // namespace

CASE_SENT("C5.01 1000 bytes then half-close", kEchoThenClose, server.Data(0, 1000))
CASE("C5.02 256 KiB then half-close", kEchoThenClose)
{
	server.Echo(256 << 10);
}

CASE("C5.03 idle then half-close", kEchoThenClose)
{
	Client client = server.Connect();
	client.ExpectNothing(milliseconds(300));
	client.Finish("");
}

CASE("C5.04 close right after 2000 bytes", kHarmless)
{
	for (int i = 0; i < 20; i++)
	{
		INFO("connection ", i);
		Client client = server.Connect();
		client.Send(server.Data(0, 2000)); // some are still to be sent back when the close is seen
		client.Close();
	}
}

CASE("C5.07 100 half-closes right after the last echo", kEchoThenClose)
{
	for (int i = 0; i < 100; i++)
	{
		INFO("connection ", i);
		Client client = server.Connect();
		client.PingPong("x");
		client.Finish("");
	}
}

CASE("C5.08 50 connections, each gone after its FIN", kEchoThenClose)
{
	for (int i = 0; i < 50; i++)
		server.Echo(10);
}

CASE("C5.09 600 sent, 100 read, half-close, 500 read", kEchoThenClose)
{
	Client client = server.Connect();
	const std::string data = server.Data(0, 600);
	client.Send(data);
	client.ExpectEcho(std::string_view(data).substr(0, 100));
	client.Finish(std::string_view(data).substr(100));
}

CASE_SENT("C5.10 300 KB then half-close and only then read", kEchoThenClose, server.Data(0, 300000))
