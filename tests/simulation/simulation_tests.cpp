// The simulated Winsock itself: small worlds whose outcome the documentation states. The calls are
// those a server makes; the peers do what the test says. Where the platforms part, both are asked.
// What a real Winsock can be asked, too, stands in same_steps.h.
#include "network.h"
#include "world.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>

// Within the names of the simulation, which some of the system's would be as good as.
namespace sim::winsock::tests
{
namespace
{
constexpr UINT WM_SOCKET = WM_USER + 1;

char buffer[8192];

// A call that would wait for ever.
struct Waits
{
};

// Makes a test case run once in each platform.
Platform Each()
{
	Platform platform = Platform::Wine;
	SUBCASE("wine")
	{
	}
	SUBCASE("windows")
	{
		platform = Platform::Windows;
	}
	return platform;
}

struct Peer : Connection
{
	void Sends(std::size_t size)
	{
		Net().PeerSends(*this, std::string(size, 'x'));
	}

	void Reads(std::size_t size)
	{
		Net().PeerReads(*this, size);
	}

	void HalfCloses()
	{
		Net().PeerHalfCloses(*this);
	}

	void Resets()
	{
		Net().PeerResets(*this);
	}
};

// A quiet network with a listening socket, and little room: no faults but those a test asks for,
// nothing moves but by the test.
class World : public Decider, public Monitor
{
public:
	World()
	{
		WSADATA data;
		REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
		listener = socket(AF_INET, SOCK_STREAM, 0);
		const SOCKADDR_IN address = { AF_INET, htons(9000), { htonl(INADDR_LOOPBACK) }, {} };
		REQUIRE(bind(listener, &address, sizeof(address)) == 0);
		REQUIRE(listen(listener, SOMAXCONN) == 0);
	}

	static bool IsWindows()
	{
		return Net().IsWindows();
	}

	Peer& Connect()
	{
		Peer& peer = peers_.emplace_back();
		peer.peer = static_cast<int>(peers_.size());
		network.Connect(peer);
		return peer;
	}

	SOCKET Accept()
	{
		return accept(listener, nullptr, nullptr);
	}

	void SetNonBlocking()
	{
		u_long on = 1;
		REQUIRE(ioctlsocket(listener, static_cast<long>(FIONBIO), &on) == 0);
	}

	// The network events that are recorded, which clears them.
	long Events(SOCKET s, WSAEVENT event, long = 0)
	{
		WSANETWORKEVENTS record = {};
		REQUIRE(WSAEnumNetworkEvents(s, event, &record) == 0);
		return record.lNetworkEvents;
	}

	bool IsPosted()
	{
		return !network.queue.empty();
	}

	// The messages that are posted, taken out of the queue.
	std::string Posted(const std::string& = "")
	{
		std::string text;
		MSG message;
		while (!network.queue.empty() && GetMessage(&message, nullptr, 0, 0) > 0)
		{
			text += (text.empty() ? "" : " ") + EventNames(WSAGETSELECTEVENT(message.lParam));
			if (WSAGETSELECTERROR(message.lParam) != 0)
				text += "/" + std::to_string(WSAGETSELECTERROR(message.lParam));
		}
		return text;
	}

	HWND Window()
	{
		network.window = true;
		return kWindow;
	}

	Network network{ *this, *this,
		{ .platform = Each(), .receiveBuffer = 100, .sendBuffer = 100 } };
	SOCKET listener = INVALID_SOCKET;
	Fault fault = Fault::Count; // comes at every occasion
	int choice = 1;             // of all other choices; 1: FD_CLOSE as early as the platform has it

private:
	bool Wait(const Waiting& waiting) override
	{
		network.now += waiting.limit;
		return waiting.limit == WSA_INFINITE ? throw Waits() : false;
	}
	void Tell(const Event&) override
	{
	}
	bool Inject(Fault which) override
	{
		return which == fault;
	}
	int Choose(int count) override
	{
		return choice < count ? choice : count - 1;
	}

	std::deque<Peer> peers_;
};

// Whether select() says so now.
bool Readable(SOCKET s)
{
	fd_set set = { 1, { s } };
	const TIMEVAL now = {};
	return select(0, &set, nullptr, nullptr, &now) == 1;
}

bool Writable(SOCKET s)
{
	fd_set set = { 1, { s } };
	const TIMEVAL now = {};
	return select(0, nullptr, &set, nullptr, &now) == 1;
}

#include "same_steps.h"

} // namespace

// -- select -------------------------------------------------------------------------------------

TEST_CASE("select: ready as long as it is true")
{
	World world;
	CHECK_FALSE(Readable(world.listener));
	Peer& peer = world.Connect();
	CHECK(Readable(world.listener));
	CHECK(Readable(world.listener)); // a second time: nothing was consumed
	const SOCKET s = world.Accept();
	CHECK_FALSE(Readable(world.listener));
	CHECK_FALSE(Readable(s));
	CHECK(Writable(s));

	peer.Sends(10);
	CHECK(recv(s, buffer, 4, 0) == 4);
	CHECK(Readable(s));
	CHECK(recv(s, buffer, 100, 0) == 6);
	CHECK_FALSE(Readable(s));

	CHECK(send(s, buffer, 100, 0) == 100);
	CHECK_FALSE(Writable(s));
	peer.Reads(1);
	CHECK(Writable(s));

	peer.HalfCloses();
	CHECK(Readable(s));
	CHECK(recv(s, buffer, 100, 0) == 0);
	CHECK(Readable(s)); // the end stays
}

TEST_CASE("select: a set takes 64 sockets and no more, and none twice")
{
	fd_set set;
	FD_ZERO(&set);
	FD_SET(1, &set);
	FD_SET(1, &set);
	CHECK(set.fd_count == 1);
	for (SOCKET s = 1; s <= 65; s++)
		FD_SET(s, &set);
	CHECK(set.fd_count == 64);
	CHECK(FD_ISSET(64, &set));
	CHECK_FALSE(FD_ISSET(65, &set));
}

// -- Calls that wait, and calls that do not -----------------------------------------------------

TEST_CASE("blocking: accept and recv and send wait until they can be done")
{
	World world;
	CHECK_THROWS_AS(world.Accept(), Waits);
	Peer& peer = world.Connect();
	const SOCKET s = world.Accept();
	CHECK_THROWS_AS(recv(s, buffer, 10, 0), Waits);
	peer.Sends(3);
	CHECK(recv(s, buffer, 10, 0) == 3);
	CHECK(send(s, buffer, 100, 0) == 100);
	CHECK_THROWS_AS(send(s, buffer, 1, 0), Waits);
}

TEST_CASE("non-blocking: WSAEWOULDBLOCK, and the accepted socket inherits the mode")
{
	World world;
	world.SetNonBlocking();
	CHECK(world.Accept() == INVALID_SOCKET);
	CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
	world.Connect();
	const SOCKET s = world.Accept();
	CHECK(Error(recv(s, buffer, 10, 0)) == WSAEWOULDBLOCK);
	// Windows takes all or nothing, Wine what there is room for.
	CHECK(send(s, buffer, 60, 0) == 60);
	CHECK(send(s, buffer, 60, 0) == (World::IsWindows() ? 60 : 40));
	CHECK(Error(send(s, buffer, 60, 0)) == WSAEWOULDBLOCK);
	CHECK(send(s, buffer, 0, 0) == 0);
}

TEST_CASE("accept: a peer that has reset")
{
	World world;
	world.SetNonBlocking();
	SOCKADDR address;
	int size = sizeof(address);

	world.Connect().Resets();
	world.choice = 0; // of the two that Windows has
	CHECK(accept(world.listener, &address, &size) == INVALID_SOCKET);
	CHECK(WSAGetLastError() == (World::IsWindows() ? WSAECONNRESET : WSAENOTCONN));
	CHECK(accept(world.listener, &address, &size) == INVALID_SOCKET); // it is gone
	CHECK(WSAGetLastError() == WSAEWOULDBLOCK);

	world.Connect().Resets();
	world.choice = 1;
	const SOCKET s = accept(world.listener, &address, &size);
	CHECK((s != INVALID_SOCKET) == (World::IsWindows()));
}

TEST_CASE("reset: Windows throws the data away and Wine ends after it")
{
	Accepted one;
	one.peer.Sends(5);
	one.peer.Resets();
	CHECK(Readable(one.s));
	if (World::IsWindows())
		CHECK(Error(recv(one.s, buffer, 10, 0)) == WSAECONNRESET);
	else
	{
		CHECK(recv(one.s, buffer, 10, 0) == 5);
		CHECK(recv(one.s, buffer, 10, 0) == 0);
	}
}

// -- WSAEventSelect -----------------------------------------------------------------------------

TEST_CASE("event: FD_WRITE once and then only after WSAEWOULDBLOCK")
{
	Selected one;
	CHECK(one.Events() == 0);
	CHECK(send(one.s, buffer, 90, 0) == 90);
	one.peer.Reads(90);
	CHECK(one.Events() == 0);
	CHECK(send(one.s, buffer, 100, 0) == 100);
	CHECK(Error(send(one.s, buffer, 100, 0)) == WSAEWOULDBLOCK);
	CHECK(one.Events() == 0); // no room yet
	one.peer.Reads(50);
	CHECK(one.Events() == FD_WRITE);
	one.peer.Reads(50);
	CHECK(one.Events() == 0);

	one.fault = Fault::PartialSend; // no FD_WRITE follows one
	const int taken = send(one.s, buffer, 50, 0);
	CHECK(taken >= 1);
	CHECK(taken < 50);
	one.peer.Reads(static_cast<std::size_t>(taken));
	CHECK(one.Events() == 0);
}

TEST_CASE("event: a second connection without accept is recorded again by Windows only")
{
	World world;
	const WSAEVENT event = WSACreateEvent();
	CHECK(WSAEventSelect(world.listener, event, FD_ACCEPT) == 0);
	world.Connect();
	CHECK(world.Events(world.listener, event) == FD_ACCEPT);
	world.Connect();
	CHECK(world.Events(world.listener, event) == (World::IsWindows() ? FD_ACCEPT : 0));
	world.Accept();
	CHECK(world.Events(world.listener, event) == FD_ACCEPT); // one is left
	world.Accept();
	CHECK(world.Events(world.listener, event) == 0);
}

TEST_CASE("event: an error code is written only for what is reported")
{
	Selected one;
	one.peer.Resets();
	WSANETWORKEVENTS record;
	for (int& code : record.iErrorCode)
		code = 4711;
	CHECK(WSAEnumNetworkEvents(one.s, one.event, &record) == 0);
	CHECK(record.lNetworkEvents == FD_CLOSE);
	CHECK(record.iErrorCode[FD_CLOSE_BIT] == (World::IsWindows() ? WSAECONNABORTED : 0));
	CHECK(record.iErrorCode[FD_READ_BIT] == 4711);
}

TEST_CASE("event: enumerating copies and clears and resets in one")
{
	Selected one;
	const auto signalled = [&one] {
		return WSAWaitForMultipleEvents(1, &one.event, FALSE, 0, FALSE) == WSA_WAIT_EVENT_0;
	};
	CHECK_FALSE(signalled()); // since FD_WRITE was enumerated
	one.peer.Sends(1);
	CHECK(signalled());
	CHECK(signalled()); // manual reset
	CHECK(one.Events() == FD_READ);
	CHECK_FALSE(signalled());
	WSASetEvent(one.event);
	CHECK(signalled());
	CHECK(one.Events() == 0);
	CHECK_FALSE(signalled());

	WSANETWORKEVENTS record = {};
	closesocket(one.s);
	CHECK(Error(WSAEnumNetworkEvents(one.s, one.event, &record)) == WSAENOTSOCK);
	CHECK(WSACloseEvent(one.event)); // closesocket() does not close it
	CHECK_FALSE(WSACloseEvent(one.event));
}

// -- WSAAsyncSelect -----------------------------------------------------------------------------

TEST_CASE("message: FD_ACCEPT once until accept and then for the next")
{
	World world;
	CHECK(WSAAsyncSelect(world.listener, world.Window(), WM_SOCKET, FD_ACCEPT) == 0);
	world.Connect();
	world.Connect();
	CHECK(world.Posted() == "FD_ACCEPT");
	world.Accept();
	CHECK(world.Posted() == "FD_ACCEPT");
	world.fault = Fault::NoRoom; // "even one that fails"
	CHECK(world.Accept() == INVALID_SOCKET);
	CHECK(WSAGetLastError() == WSAEMFILE);
	CHECK(world.Posted() == "FD_ACCEPT");
}

TEST_CASE("message: it outlives its socket and the handle may be another's")
{
	Messaged one;
	one.Connect();
	closesocket(one.Accept()); // its handle waits longer for the next one
	one.peer.Sends(10);
	CHECK(closesocket(one.s) == 0);
	CHECK(Error(recv(one.s, buffer, 1, 0)) == WSAENOTSOCK);
	CHECK(Error(closesocket(one.s)) == WSAENOTSOCK);
	one.Connect();
	CHECK(one.Accept() == one.s);
	CHECK(one.Posted() == "FD_READ");
}

TEST_CASE("message: selecting again posts what holds")
{
	Messaged one;
	one.peer.Sends(10);
	CHECK(one.Posted() == "FD_READ");
	CHECK(WSAAsyncSelect(one.s, one.window, WM_SOCKET, FD_READ | FD_WRITE) == 0);
	CHECK(one.Posted() == "FD_READ FD_WRITE");
}

TEST_CASE("message: a bad window is WSAEINVAL on Windows and accepted by Wine")
{
	World world;
	const int result = WSAAsyncSelect(world.listener, nullptr, WM_SOCKET, FD_ACCEPT);
	CHECK(result == (World::IsWindows() ? SOCKET_ERROR : 0));
	CHECK(WSAGetLastError() == (World::IsWindows() ? WSAEINVAL : 0));
}

TEST_CASE("message: posted ones come in order and the quit message last")
{
	Messaged one;
	CHECK(PostMessage(one.window, WM_SOCKET, one.s, FD_READ));
	PostQuitMessage(0);
	one.peer.HalfCloses();
	CHECK(one.Posted() == "FD_READ FD_CLOSE");
	MSG message;
	CHECK(GetMessage(&message, nullptr, 0, 0) == 0);
	one.fault = Fault::PostFails;
	CHECK_FALSE(PostMessage(one.window, WM_SOCKET, one.s, FD_READ));
}

// -- Faults -------------------------------------------------------------------------------------

TEST_CASE("fault: recv and send say WSAEWOULDBLOCK and the event comes again")
{
	Messaged one;
	one.fault = Fault::SendWouldBlock;
	CHECK(Error(send(one.s, buffer, 10, 0)) == WSAEWOULDBLOCK);
	one.fault = Fault::RecvWouldBlock;
	CHECK(one.Posted() == "FD_WRITE");
	one.peer.Sends(10);
	CHECK(one.Posted() == "FD_READ");
	CHECK(Error(recv(one.s, buffer, 10, 0)) == WSAEWOULDBLOCK);
	CHECK(one.Posted() == "FD_READ");
	one.peer.HalfCloses(); // from now on nothing would come again
	CHECK(recv(one.s, buffer, 10, 0) == 10);
}

TEST_CASE("fault: refused memory and events and selections")
{
	Selected one;
	one.fault = Fault::MemoryFails;
	CHECK(new (NoThrow{}) int == nullptr);
	one.choice = 0;
	one.fault = Fault::CreateEventFails;
	CHECK(WSACreateEvent() == WSA_INVALID_EVENT);
	CHECK(WSAGetLastError() == WSA_NOT_ENOUGH_MEMORY);
	one.fault = Fault::SelectionFails;
	CHECK(Error(WSAEventSelect(one.s, one.event, FD_READ)) == WSAENETDOWN);
	one.fault = Fault::Count;
	CHECK(one.network.memory.empty());
	int* const memory = heap->*new int;
	CHECK(one.network.memory.size() == 1);
	heap = memory;
	CHECK(one.network.memory.empty());
}

// -- Runs ---------------------------------------------------------------------------------------

TEST_CASE("random: the same numbers on every machine")
{
	Random random(1);
	CHECK(random.Next() == 0x910A2DEC89025CC1);
	CHECK(random.Next() == 0xBEEB8DA1658EEC67);
}

TEST_CASE("path: every choice once")
{
	Path path;
	std::string all;
	do
	{
		const int first = path.Next(3);
		all += " " + std::to_string(first) + (first == 1 ? std::to_string(path.Next(2)) : "");
	} while (path.Advance());
	CHECK(all == " 0 10 11 2");
}

TEST_CASE("run: the same seed is the same run")
{
	for (const Model& model : kModels)
	{
		for (std::uint64_t seed = 1; seed <= 20; seed++)
		{
			const Scenario scenario = Draw(seed, Platform::Windows);
			const Outcome first = Run(model, scenario, TraceMode::Kept);
			CHECK(first.trace.size() > 0);
			CHECK(first.trace == Run(model, scenario, TraceMode::Kept).trace);
		}
	}
}

TEST_CASE("seeds: each fault that can come does")
{
	std::uint64_t came[kFaults] = {};
	for (const Model& model : kModels)
	{
		for (std::uint64_t seed = 1; seed <= 200; seed++)
			std::ranges::transform(came, Run(model, Draw(seed, Platform::Windows)).faults, came,
				std::plus());
	}
	for (int i = 0; i < kFaults; i++)
	{
		const std::string name = kFaultNames[i];
		CAPTURE(name);
		CHECK(came[i] > 0);
	}
}

} // namespace sim::winsock::tests
