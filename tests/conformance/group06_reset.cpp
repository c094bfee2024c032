// Group 6: a reset ends one connection, never the server, never another connection.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kOneConnection[] =
	"a reset ends that connection, never the server, never another connection";
}

CASE("C6.01 reset of an idle connection", kOneConnection)
{
	Client client = server.Connect();
	client.PingPong("x");
	Client other = server.Connect();
	client.Reset();
	other.PingPong("still here");
}

CASE("C6.02 2000 bytes then reset", kOneConnection)
{
	for (int i = 0; i < 20; i++)
	{
		INFO("connection ", i);
		Client client = server.Connect();
		client.Send(server.Data(0, 2000)); // some are still to be sent back when the reset comes
		client.Reset();
	}
}

TEST_SUITE_BEGIN("buffers"); // comes late: it takes long

CASE("C6.03 reset while the server cannot send", kOneConnection)
{
	Backpressure slow(server);
	Client other = server.Connect();
	slow.client.Reset();
	other.PingPong("still here");
}

TEST_SUITE_END();

CASE("C6.04 every third of ten clients resets in mid-stream", kOneConnection)
{
	server.NeedsPlaces(10);
	const std::string data = server.Data(0, 20000);
	std::vector<Client> clients;
	for (std::size_t i = 0; i < server.Fitting(10); i++)
	{
		clients.push_back(server.Connect());
		clients.back().Send(data);
	}
	for (std::size_t i = 0; i < clients.size(); i += 3)
		clients[i].Reset();
	for (std::size_t i = 0; i < clients.size(); i++)
	{
		if (i % 3 != 0)
			clients[i].Finish(data);
	}
}

CASE("C6.05 50 connections reset before they are accepted", kOneConnection)
{
	// It keeps an iterative server busy, so that the resets wait in its backlog.
	Client other = server.Connect();
	other.PingPong("x");
	for (int i = 0; i < 50; i++)
	{
		Connection connection;
		if (server.TryConnect(connection) != 0 && server.traits.Iterative())
			break; // the backlog is full of them (D7)
		connection.Reset();
	}
	other.PingPong("still here");
	other.Finish("");
	server.Echo(10); // behind them
}

CASE("C6.06 200 connections reset as fast as possible", kOneConnection)
{
	for (int i = 0; i < 200; i++)
		server.Connect().Reset();
}

CASE("C6.07 a reset in the same moment as the others' data", kOneConnection)
{
	if (!server.Together(5))
		return;
	for (std::size_t victim = 0; victim < 5; victim++)
	{
		INFO("client ", victim, " resets");
		std::vector<Client> clients = server.Party(5);
		clients[victim].Reset();
		server.Everybody(clients);
	}
}

CASE("C6.08 100 resets and closes while ten others go on",
	"a message left over from an earlier connection harms nobody")
{
	if (!server.Together(12))
		return;
	std::vector<Client> others = server.Party(10);
	for (int i = 0; i < 100; i++)
	{
		INFO("connection ", i);
		Client client = server.Connect();
		for (Client& other : others) // the server has this to do first: it comes late to the data
			other.Send("still here");
		if (i % 3 != 0)
			client.Send("some data");
		if (i % 2 == 0)
			client.Reset();
		else
			client.Close();
		for (Client& other : others)
			other.ExpectEcho("still here");
	}
	for (Client& other : others)
		other.Finish("");
}
