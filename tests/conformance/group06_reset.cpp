// Group 6: a reset ends one connection, never the server, never another connection.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kOneConnection[] =
	"a reset ends that connection, never the server, never another connection";
}

CASE("C6.01 reset of an idle connection", kOneConnection, "E00-8")
{
	Connection client = Connect();
	PingPong(client, "x");
	client.Reset();
}

CASE("C6.02 100 bytes then reset", kOneConnection, "E00-8 E04-5")
{
	for (int i = 0; i < 20; i++)
	{
		INFO("connection ", i);
		Connection client = Connect();
		Send(client, Data(0, 100));
		client.Reset();
	}
}

CASE("C6.03 reset while the server cannot send", kOneConnection, "E00-8 E04-6 E05-2 E04-5")
{
	Backpressure slow(*this);
	slow.client.Reset();
}

CASE("C6.04 every third of ten clients resets in mid-stream", kOneConnection, "E00-8 E04-5 E03-7")
{
	NeedsPlaces(10);
	const std::string data = Data(0, 20000);
	std::vector<Connection> clients;
	for (std::size_t i = 0; i < Fitting(10); i++)
	{
		clients.push_back(Connect());
		Send(clients.back(), data);
	}
	for (std::size_t i = 0; i < clients.size(); i += 3)
		clients[i].Reset();
	for (std::size_t i = 0; i < clients.size(); i++)
	{
		if (i % 3 != 0)
			Finish(clients[i], data);
	}
}

CASE("C6.05 50 connections reset before they are accepted", kOneConnection, "E00-8")
{
	// An iterative server is kept busy, so that the resets wait in its backlog.
	Connection busy;
	if (Server().Iterative())
	{
		busy = Connect();
		PingPong(busy, "x");
	}
	const milliseconds again = ConnectAgain();
	const milliseconds patience = again.count() == 0 ? milliseconds(5000) : again;
	for (int i = 0; i < 50; i++)
	{
		const int error = echo::ResetBeforeAccept(settings.host, Port(), Deadline::After(patience));
		if (error != 0 && busy.IsOpen())
			break; // the backlog is full of them (D7)
	}
}

CASE("C6.06 200 connections reset as fast as possible", kOneConnection, "E00-8 E04-5")
{
	for (int i = 0; i < 200; i++)
		echo::ResetBeforeAccept(settings.host, Port(), Deadline::After(milliseconds(5000)));
}

CASE("C6.07 a reset in the same moment as the others' data", kOneConnection,
	"E00-8 E04-5 E03-7 E05-3")
{
	if (!Together(5))
		return;
	for (std::size_t victim = 0; victim < 5; victim++)
	{
		INFO("client ", victim, " resets");
		std::vector<Connection> clients = Party(5);
		clients[victim].Reset();
		Everybody(clients);
	}
}

CASE("C6.08 300 resets and closes while ten others go on",
	"a message left over from an earlier connection harms nobody", "E00-8 E04-5 E04-10")
{
	if (!Together(12))
		return;
	std::vector<Connection> others = Party(10);
	for (int i = 0; i < 300; i++)
	{
		INFO("connection ", i);
		Connection client = Connect();
		if (i % 3 == 0)
			Send(client, "some data");
		if (i % 2 == 0)
			client.Reset();
		else
			client.Close();
		PingPong(others[static_cast<std::size_t>(i) % others.size()], "still here");
	}
	for (Connection& other : others)
	{
		PingPong(other, "to the end");
		Finish(other, "");
	}
}
