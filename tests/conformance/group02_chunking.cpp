// Group 2: chunks, and the edge of the server's buffer (BUFSIZE, 512 bytes).
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kWhole[] = "every byte comes back whatever the size of a send";

// 64 KiB are sent in pieces of `chop` bytes.
void Chopped(Server& server, std::size_t chop)
{
	const std::string data = server.Data(0, 65536);
	Client client = server.Connect();
	for (std::size_t sent = 0; sent < data.size(); sent += chop)
		client.Send(std::string_view(data).substr(sent, chop));
	client.Finish(data);
}
} // namespace

#define ONE_SEND(id, size)                                                                         \
	CASE(id " one send of " #size " bytes", kWhole)                                                \
	{                                                                                              \
		server.Echo(size);                                                                         \
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
ONE_SEND("C2.12", 262144)

CASE("C2.13 2000 sends of 1 byte", kWhole)
{
	const std::string data = server.Data(0, 2000);
	Client client = server.Connect({ .noDelay = true });
	// These arrive one by one for certain; of the rest a server that is late gets several at once.
	const std::size_t single = 50;
	for (std::size_t i = 0; i < data.size(); i++)
	{
		const std::string_view byte = std::string_view(data).substr(i, 1);
		if (i < single)
			client.PingPong(byte);
		else
			client.Send(byte);
	}
	client.Finish(std::string_view(data).substr(single));
}

CASE("C2.15 64 KiB in chops of 997", kWhole)
{
	Chopped(server, 997);
}

CASE("C2.16 64 KiB in chops of 64 to 2048", kWhole)
{
	for (std::size_t chop = 64; chop <= 2048; chop *= 2)
	{
		INFO("chops of ", chop);
		Chopped(server, chop);
	}
}

CASE("C2.17 four full buffers then one byte", "no buffer must be full before it is echoed")
{
	Client client = server.Connect();
	client.PingPong(server.Data(0, 4 * 512));
	client.PingPong("x");
	client.Finish("");
}

CASE("C2.18 every size at the edges of the buffer", kWhole)
{
	// All at once; an iterative server takes them in turn.
	std::vector<ClientPlan> plans;
	for (const std::uint32_t edge : { 10, 512, 1024 })
	{
		for (std::uint32_t size = edge - 10; size <= edge + 10; size++)
			plans.push_back(server.Plan(size, size));
	}
	server.Serve(plans);
}
