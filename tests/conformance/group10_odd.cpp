// Group 10: what TCP allows and few use.
#include "harness.h"

using namespace conformance;

CONFORMANCE_CASE("C10.01", "urgent data", "urgent data stops nobody (RFC 6093)", "")
{
	Connection client = context.Connect();
	context.Send(client, "hell");
	client.SendUrgent('o');
	context.Send(client, "x");
	client.HalfClose();
	const Connection::Received got = client.ReceiveToEnd(Deadline::After(milliseconds(10000)));
	// Whether the urgent byte itself is data of the stream is the system's choice, the same for all
	// models.
	context.Check((got.data == "hellx" || got.data == "hellox") && got.end.kind == End::Fin,
		"\"hellx\" or \"hellox\", then FIN", Show(got.data) + ", then " + echo::Describe(got.end));
}

CONFORMANCE_CASE("C10.02", "two urgent bytes in a row", "urgent data stops nobody (RFC 6093)", "")
{
	Connection client = context.Connect();
	client.SendUrgent('a');
	client.SendUrgent('b');
	context.Send(client, "x");
	client.HalfClose();
	const Connection::Received got = client.ReceiveToEnd(Deadline::After(milliseconds(10000)));
	context.Check(!got.data.empty() && got.data.back() == 'x' && got.end.kind == End::Fin,
		"data that ends with \"x\", then FIN",
		Show(got.data) + ", then " + echo::Describe(got.end));
}

CONFORMANCE_CASE("C10.03", "keep-alive and 1 s of silence", "there is no idle timeout", "")
{
	Connection client = context.Connect();
	const BOOL on = TRUE;
	setsockopt(client.Handle(), SOL_SOCKET, SO_KEEPALIVE, reinterpret_cast<const char*>(&on),
		sizeof(on));
	context.PingPong(client, "x");
	context.ExpectNothing(client, milliseconds(1000));
	context.PingPong(client, "y");
}

CONFORMANCE_CASE("C10.04", "with and without the Nagle algorithm",
	"every byte comes back whatever the size of a segment (RFC 896)", "")
{
	for (const bool noDelay : { false, true })
	{
		Connection::Options options;
		options.noDelay = noDelay;
		Connection client = context.Connect(options);
		for (int i = 0; i < 50; i++)
			context.PingPong(client, context.Data(0, 33));
	}
}

CONFORMANCE_CASE("C10.05", "a client that comes again from the same port",
	"a connection is its own, whatever was at that address before", "E00-6")
{
	Connection first = context.Connect();
	context.PingPong(first, "first");
	Connection::Options options;
	options.localPort = first.LocalPort();
	first.Reset(); // leaves no TIME-WAIT behind
	for (int i = 0; i < 5; i++)
	{
		Connection again;
		const int error = again.Connect(context.Host(), context.Port(),
			Deadline::After(milliseconds(5000)), options);
		if (error != 0)
			continue; // the system does not want to: nothing about the server
		context.PingPong(again, "again");
		again.Reset();
	}
}
