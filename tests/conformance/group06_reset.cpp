// Group 6: a reset ends one connection, never the server, never another connection.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kOneConnection[] =
	"a reset ends that connection, never the server, never another connection";
}

CONFORMANCE_CASE("C6.01", "reset of an idle connection", kOneConnection, "E00-6")
{
	Connection client = context.Connect();
	context.PingPong(client, "x");
	client.Reset();
}

CONFORMANCE_CASE("C6.02", "100 bytes then reset", kOneConnection, "E00-6")
{
	for (int i = 0; i < 20; i++)
	{
		Connection client = context.Connect();
		context.Send(client, context.Data(0, 100));
		client.Reset();
	}
}

CONFORMANCE_CASE("C6.03", "reset while the server cannot send", kOneConnection, "E04-6 E05-2")
{
	Stuffed stuffed(context);
	stuffed.client.Reset();
}

CONFORMANCE_CASE("C6.04", "every third of ten clients resets in mid-stream", kOneConnection,
	"E03-7")
{
	// Those that wait for an iterative server need a place each in its backlog, for which 5 is a
	// usual length (D7).
	const bool few = context.Server().iterative && context.ConnectAgain().count() != 0;
	const int count = few ? 6 : 10;
	context.NeedsClients(10);
	const std::string data = context.Data(0, 20000);
	std::vector<Connection> clients;
	for (int i = 0; i < count; i++)
	{
		clients.push_back(context.Connect());
		context.Send(clients.back(), data);
	}
	for (std::size_t i = 0; i < clients.size(); i += 3)
		clients[i].Reset();
	for (std::size_t i = 0; i < clients.size(); i++)
	{
		if (i % 3 == 0)
			continue;
		clients[i].HalfClose();
		context.ExpectExactThenFin(clients[i], data);
	}
}

CONFORMANCE_CASE("C6.05", "50 connections reset before they are accepted", kOneConnection, "E00-8")
{
	// An iterative server is kept busy, so that the resets wait in its backlog.
	Connection busy;
	if (context.Server().iterative)
	{
		busy = context.Connect();
		context.PingPong(busy, "x");
	}
	const milliseconds again = context.ConnectAgain();
	const milliseconds patience = again.count() == 0 ? milliseconds(5000) : again;
	for (int i = 0; i < 50; i++)
	{
		const int error =
			echo::ResetBeforeAccept(context.Host(), context.Port(), Deadline::After(patience));
		if (error != 0 && busy.IsOpen())
			break; // the backlog is full of them (D7)
	}
}

CONFORMANCE_CASE("C6.06", "200 connections reset as fast as possible", kOneConnection,
	"E00-8 E04-5")
{
	for (int i = 0; i < 200; i++)
		echo::ResetBeforeAccept(context.Host(), context.Port(),
			Deadline::After(milliseconds(5000)));
}

CONFORMANCE_CASE("C6.07", "a reset in the same moment as the others' data", kOneConnection,
	"E03-7 E05-3")
{
	context.NeedsClients(5);
	if (context.Server().iterative)
	{
		context.ExpectInTurn();
		return;
	}
	for (std::size_t victim = 0; victim < 5; victim++)
	{
		std::vector<Connection> clients;
		for (int i = 0; i < 5; i++)
		{
			clients.push_back(context.Connect());
			context.PingPong(clients.back(), "x");
		}
		const std::string data = context.Data(static_cast<std::uint32_t>(victim), 400);
		clients[victim].Reset();
		for (std::size_t i = 0; i < clients.size(); i++)
		{
			if (i != victim)
				context.Send(clients[i], data);
		}
		for (std::size_t i = 0; i < clients.size(); i++)
		{
			if (i != victim)
				context.ExpectEcho(clients[i], data);
		}
	}
}

CONFORMANCE_CASE("C6.08", "300 resets and closes while ten others go on",
	"a message left over from an earlier connection harms nobody", "E04-5 E04-10")
{
	context.NeedsClients(12);
	if (context.Server().iterative)
	{
		context.ExpectInTurn();
		return;
	}
	std::vector<Connection> others;
	for (int i = 0; i < 10; i++)
		others.push_back(context.Connect());
	for (int i = 0; i < 300; i++)
	{
		Connection client = context.Connect();
		if (i % 3 == 0)
			context.Send(client, "some data");
		if (i % 2 == 0)
			client.Reset();
		else
			client.Close();
		context.PingPong(others[static_cast<std::size_t>(i) % others.size()], "still here");
	}
	for (Connection& other : others)
	{
		context.PingPong(other, "to the end");
		other.HalfClose();
		context.ExpectExactThenFin(other, "");
	}
}
