// Group 6: a reset ends one connection, never the server, never another connection.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kOneConnection[] =
	"a reset ends that connection, never the server, never another connection";

// So that a busy server finds the connection dead when it accepts it. Returns the connect's error.
int ResetBeforeAccept(Server& server, milliseconds patience)
{
	Connection connection;
	const int error =
		connection.Connect(server.options.host, server.Port(), Deadline::After(patience));
	if (error == 0)
		connection.Reset();
	return error;
}
} // namespace

CASE("C6.01 reset of an idle connection", kOneConnection)
{
	Client client = server.Connect();
	client.PingPong("x");
	client.Reset();
}

CASE("C6.02 100 bytes then reset", kOneConnection)
{
	for (int i = 0; i < 20; i++)
	{
		INFO("connection ", i);
		Client client = server.Connect();
		client.Send(server.Data(0, 100));
		client.Reset();
	}
}

TEST_SUITE_BEGIN("buffers"); // comes late: it takes long

CASE("C6.03 reset while the server cannot send", kOneConnection)
{
	Backpressure slow(server);
	slow.client.Reset();
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
	// An iterative server is kept busy, so that the resets wait in its backlog.
	Client busy;
	if (server.traits.Iterative())
	{
		busy = server.Connect();
		busy.PingPong("x");
	}
	const milliseconds again = server.ConnectAgain();
	const milliseconds patience = again.count() == 0 ? milliseconds(5000) : again;
	for (int i = 0; i < 50; i++)
	{
		if (ResetBeforeAccept(server, patience) != 0 && busy.IsOpen())
			break; // the backlog is full of them (D7)
	}
}

CASE("C6.06 200 connections reset as fast as possible", kOneConnection)
{
	for (int i = 0; i < 200; i++)
		ResetBeforeAccept(server, milliseconds(5000));
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

CASE("C6.08 300 resets and closes while ten others go on",
	"a message left over from an earlier connection harms nobody")
{
	if (!server.Together(12))
		return;
	std::vector<Client> others = server.Party(10);
	for (int i = 0; i < 300; i++)
	{
		INFO("connection ", i);
		Client client = server.Connect();
		if (i % 3 == 0)
			client.Send("some data");
		if (i % 2 == 0)
			client.Reset();
		else
			client.Close();
		others[static_cast<std::size_t>(i) % others.size()].PingPong("still here");
	}
	for (Client& other : others)
	{
		other.PingPong("to the end");
		other.Finish("");
	}
}
