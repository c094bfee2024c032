// Group 10: what TCP allows and few use.
#include "harness.h"

using namespace conformance;

CASE("C10.01 urgent data", "urgent data stops nobody (RFC 6093)")
{
	Client client = server.Connect();
	client.Send("hell");
	send(client.Handle(), "o", 1, MSG_OOB);
	client.Send("x");
	client.HalfClose();
	// Whether the urgent byte itself is data of the stream is the system's choice, the same for all
	// models.
	std::string got = client.Receive(5, Deadline::After(milliseconds(10000))).data;
	if (got == "hello")
		got += client.Receive(1, Deadline::After(milliseconds(10000))).data;
	report.Check(got == "hellx" || got == "hellox", "\"hellx\" or \"hellox\"", Show(got),
		Symptom::Wrong);
	client.Finish("");
}

CASE("C10.03 keep-alive and 700 ms of silence", "there is no idle timeout")
{
	Client client = server.Connect();
	const BOOL on = TRUE;
	setsockopt(client.Handle(), SOL_SOCKET, SO_KEEPALIVE, reinterpret_cast<const char*>(&on),
		sizeof(on));
	client.PingPong("x");
	client.ExpectNothing(milliseconds(700));
	client.PingPong("y");
}

CASE("C10.05 a client that comes again from the same port",
	"a connection is its own, whatever was at that address before")
{
	Client first = server.Connect();
	first.PingPong("first");
	const Connection::Options options{ .localPort = first.LocalPort() };
	first.Reset(); // leaves no TIME-WAIT behind
	bool came = false;
	for (int i = 0; i < 5; i++)
	{
		Client again(server, Connection());
		const int error = again.Connect(server.options.host, server.Port(),
			Deadline::After(milliseconds(5000)), options);
		if (error != 0)
			continue; // the system does not want to: nothing about the server
		again.PingPong("again");
		again.Reset();
		came = true;
	}
	if (came)
		return;
	server.Connect(); // else the server is to blame
	report.NotApplicable("this system does not let a client come again from the same port");
}
