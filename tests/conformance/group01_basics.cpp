// Group 1: what every echo server does (RFC 862).
#include "harness.h"

using namespace conformance;

CASE_SENT("C1.01 one byte", "data received is sent back (RFC 862)", "E03-1", "x")

CASE("C1.02 hello", "data received is sent back (RFC 862)", "E03-1")
{
	Connection client = Connect();
	PingPong(client, "hello");
	Finish(client, "");
}

CASE("C1.03 an empty stream", "after the client's FIN the server closes (RFC 862)", "E05-9 E05-10")
{
	Connection client = Connect();
	Finish(client, "");
}

CASE("C1.04 100 round trips of 64 bytes", "each message comes back before the next is sent", "")
{
	Connection client = Connect();
	const std::string data = Data(0, 6400);
	for (std::size_t at = 0; at < data.size(); at += 64)
		PingPong(client, std::string_view(data).substr(at, 64));
	Finish(client, "");
}

CASE("C1.05 100 writes of 64 bytes then all is read", "the order is kept whatever the chunking",
	"E02-3")
{
	Connection client = Connect();
	const std::string data = Data(0, 6400);
	for (std::size_t at = 0; at < data.size(); at += 64)
		Send(client, std::string_view(data).substr(at, 64));
	Finish(client, data);
}

CASE("C1.06 two connections one after the other", "the server goes on after a client has left",
	"E04-5")
{
	Echo(100);
	Echo(100);
}

CASE("C1.07 ten connections of different sizes one after the other",
	"every connection gets its own data", "")
{
	for (std::size_t size = 0; size < 10; size++)
		Echo(size * size * 71);
}

CASE("C1.08 idle for 3 s and then 10 bytes", "there is no idle timeout", "")
{
	Connection client = Connect();
	PingPong(client, "first");
	ExpectNothing(client, milliseconds(3000));
	PingPong(client, "0123456789");
}

CASE("C1.09 nobody is greeted", "only data received is sent back (RFC 862)", "")
{
	Connection client = Connect();
	ExpectNothing(client, milliseconds(200));
	PingPong(client, "x");
}
