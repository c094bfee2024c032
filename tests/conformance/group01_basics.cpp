// Group 1: what every echo server does (RFC 862).
#include "harness.h"

using namespace conformance;

CONFORMANCE_CASE("C1.01", "one byte", "data received is sent back (RFC 862)", "E03-1")
{
	Connection client = context.Connect();
	context.Send(client, "x");
	client.HalfClose();
	context.ExpectExactThenFin(client, "x");
}

CONFORMANCE_CASE("C1.02", "hello", "data received is sent back (RFC 862)", "E03-1")
{
	Connection client = context.Connect();
	context.PingPong(client, "hello");
	client.HalfClose();
	context.ExpectExactThenFin(client, "");
}

CONFORMANCE_CASE("C1.03", "an empty stream", "after the client's FIN the server closes (RFC 862)",
	"E05-9 E05-10")
{
	Connection client = context.Connect();
	client.HalfClose();
	context.ExpectExactThenFin(client, "");
}

CONFORMANCE_CASE("C1.04", "100 round trips of 64 bytes",
	"each message comes back before the next is sent", "")
{
	Connection client = context.Connect();
	const std::string data = context.Data(0, 6400);
	for (std::size_t at = 0; at < data.size(); at += 64)
		context.PingPong(client, std::string_view(data).substr(at, 64));
	client.HalfClose();
	context.ExpectExactThenFin(client, "");
}

CONFORMANCE_CASE("C1.05", "100 writes of 64 bytes then all is read",
	"the order is kept whatever the chunking", "E02-3")
{
	Connection client = context.Connect();
	const std::string data = context.Data(0, 6400);
	for (std::size_t at = 0; at < data.size(); at += 64)
		context.Send(client, std::string_view(data).substr(at, 64));
	client.HalfClose();
	context.ExpectExactThenFin(client, data);
}

CONFORMANCE_CASE("C1.06", "two connections one after the other",
	"the server goes on after a client has left", "E04-5")
{
	context.Echo(100);
	context.Echo(100);
}

CONFORMANCE_CASE("C1.07", "ten connections of different sizes one after the other",
	"every connection gets its own data", "")
{
	for (std::size_t size = 0; size < 10; size++)
		context.Echo(size * size * 71);
}

CONFORMANCE_CASE("C1.08", "idle for 3 s and then 10 bytes", "there is no idle timeout", "")
{
	Connection client = context.Connect();
	context.PingPong(client, "first");
	context.ExpectNothing(client, milliseconds(3000));
	context.PingPong(client, "0123456789");
}

CONFORMANCE_CASE("C1.09", "nobody is greeted", "only data received is sent back (RFC 862)", "")
{
	Connection client = context.Connect();
	context.ExpectNothing(client, milliseconds(200));
	context.PingPong(client, "x");
}
