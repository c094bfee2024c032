// Group 1: what every echo server does (RFC 862).
#include "harness.h"

using namespace conformance;

CASE_SENT("C1.01 one byte", "data received is sent back (RFC 862)", "x")

CASE("C1.02 hello", "data received is sent back (RFC 862)")
{
	Client client = server.Connect();
	client.PingPong("hello");
	client.Finish("");
}

CASE("C1.03 an empty stream", "after the client's FIN the server closes (RFC 862)")
{
	Client client = server.Connect();
	client.Finish("");
}

CASE("C1.04 100 round trips of 64 bytes", "each message comes back before the next is sent")
{
	Client client = server.Connect();
	const std::string data = server.Data(0, 6400);
	for (std::size_t at = 0; at < data.size(); at += 64)
		client.PingPong(std::string_view(data).substr(at, 64));
	client.Finish("");
}

CASE("C1.05 100 writes of 64 bytes then all is read", "the order is kept whatever the chunking")
{
	Client client = server.Connect();
	const std::string data = server.Data(0, 6400);
	for (std::size_t at = 0; at < data.size(); at += 64)
		client.Send(std::string_view(data).substr(at, 64));
	client.Finish(data);
}

CASE("C1.06 two connections one after the other", "the server goes on after a client has left")
{
	server.Echo(100);
	server.Echo(100);
}

CASE("C1.07 ten connections of different sizes one after the other",
	"every connection gets its own data")
{
	for (std::size_t size = 0; size < 10; size++)
		server.Echo(size * size * 71);
}

CASE("C1.08 idle for 3 s and then 10 bytes", "there is no idle timeout")
{
	Client client = server.Connect();
	client.PingPong("first");
	client.ExpectNothing(milliseconds(3000));
	client.PingPong("0123456789");
}

CASE("C1.09 nobody is greeted", "only data received is sent back (RFC 862)")
{
	Client client = server.Connect();
	client.ExpectNothing(milliseconds(200));
	client.PingPong("x");
}
