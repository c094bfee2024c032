// Steps that give the same on the simulated and on the real Winsock: the rules of network.cpp,
// asked of the system that runs the tests. On Wine it is the wine dialect, on Windows the other.
//
// Included inside a namespace that has Winsock's names, a macro STEPS(name) for TEST_CASE, and a
// class World:
//   World();                          a listening socket, `listener`
//   static bool IsWindows();          the dialect
//   Peer& Connect();                  Peer: Sends(n), HalfCloses(), Resets()
//   long Events(s, event, expected);  what is recorded, which clears it; if something is expected,
//                                     waits for it a while
//   std::string Posted(expected);     the messages, likewise; "FD_READ FD_CLOSE/10053"
//   HWND Window();

STEPS("FD_READ comes again after recv")
{
	World world;
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	const WSAEVENT event = WSACreateEvent();
	CHECK(WSAEventSelect(s, event, FD_READ | FD_WRITE | FD_CLOSE) == 0);
	CHECK(world.Events(s, event, FD_WRITE) == FD_WRITE);
	CHECK(world.Events(s, event, 0) == 0);
	peer.Sends(10);
	CHECK(world.Events(s, event, FD_READ) == FD_READ);
	CHECK(world.Events(s, event, 0) == 0);
	char bytes[16];
	CHECK(recv(s, bytes, 4, 0) == 4);
	CHECK(world.Events(s, event, FD_READ) == FD_READ);
	CHECK(recv(s, bytes, 16, 0) == 6);
	CHECK(world.Events(s, event, 0) == 0);
}

STEPS("new data without recv is recorded again by Windows only")
{
	World world;
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	const WSAEVENT event = WSACreateEvent();
	CHECK(WSAEventSelect(s, event, FD_READ | FD_CLOSE) == 0);
	peer.Sends(1);
	CHECK(world.Events(s, event, FD_READ) == FD_READ);
	peer.Sends(1);
	const long again = World::IsWindows() ? FD_READ : 0;
	CHECK(world.Events(s, event, again) == again);
}

STEPS("FD_CLOSE before the data on Windows and after it on Wine")
{
	World world;
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	const WSAEVENT event = WSACreateEvent();
	CHECK(WSAEventSelect(s, event, FD_CLOSE) == 0);
	peer.Sends(10);
	peer.HalfCloses();
	const long before = World::IsWindows() ? FD_CLOSE : 0;
	CHECK(world.Events(s, event, before) == before);
	char bytes[16];
	CHECK(recv(s, bytes, 16, 0) == 10);
	const long after = World::IsWindows() ? 0 : FD_CLOSE;
	CHECK(world.Events(s, event, after) == after);
	CHECK(recv(s, bytes, 16, 0) == 0);
	CHECK(world.Events(s, event, 0) == 0);
	CHECK(send(s, bytes, 10, 0) == 10);
}

STEPS("FD_CLOSE as a message")
{
	World world;
	const HWND window = world.Window();
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	CHECK(WSAAsyncSelect(s, window, WM_SOCKET, FD_READ | FD_CLOSE) == 0);
	peer.Sends(10);
	CHECK(world.Posted("FD_READ") == "FD_READ");
	peer.Sends(10);
	CHECK(world.Posted("") == "");
	peer.HalfCloses();
	const std::string before = World::IsWindows() ? "FD_CLOSE" : "";
	CHECK(world.Posted(before) == before);
	char bytes[32];
	CHECK(recv(s, bytes, 4, 0) == 4);
	CHECK(world.Posted("FD_READ") == "FD_READ");
	CHECK(recv(s, bytes, 32, 0) == 16);
	const std::string after = World::IsWindows() ? "" : "FD_CLOSE";
	CHECK(world.Posted(after) == after);
}

// Wine 10 does as Windows, Wine 8 as the simulation's wine: which of the two it is, recv() says.
STEPS("a reset gives FD_CLOSE with WSAECONNABORTED where recv fails and with 0 where it does not")
{
	World world;
	const HWND window = world.Window();
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	CHECK(WSAAsyncSelect(s, window, WM_SOCKET, FD_READ | FD_CLOSE) == 0);
	peer.Resets();
	const std::string posted = world.Posted("FD_CLOSE/10053");
	char bytes[16];
	const bool fails = recv(s, bytes, 16, 0) == SOCKET_ERROR;
	CHECK(posted == (fails ? "FD_CLOSE/10053" : "FD_CLOSE"));
	if (World::IsWindows())
		CHECK(fails);
}

STEPS("the lowest signalled index and from 1 to 64 events")
{
	WSAEVENT events[65];
	World world;
	for (WSAEVENT& event : events)
		event = WSACreateEvent();
	WSASetEvent(events[5]);
	WSASetEvent(events[3]);
	CHECK(WSAWaitForMultipleEvents(64, events, FALSE, 0, FALSE) == WSA_WAIT_EVENT_0 + 3);
	CHECK(WSAWaitForMultipleEvents(3, events, FALSE, 0, FALSE) == WSA_WAIT_TIMEOUT);
	CHECK(WSAWaitForMultipleEvents(0, events, FALSE, 0, FALSE) == WSA_WAIT_FAILED);
	CHECK(WSAGetLastError() == WSA_INVALID_PARAMETER);
	CHECK(WSAWaitForMultipleEvents(65, events, FALSE, 0, FALSE) == WSA_WAIT_FAILED);
	CHECK(WSAGetLastError() == WSA_INVALID_PARAMETER);
}

STEPS("an accepted socket has the events of the listening one until it gets its own")
{
	World world;
	const WSAEVENT shared = WSACreateEvent();
	CHECK(WSAEventSelect(world.listener, shared, FD_ACCEPT | FD_CLOSE) == 0);
	Peer& peer = world.Connect();
	CHECK(world.Events(world.listener, shared, FD_ACCEPT) == FD_ACCEPT);
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	char bytes[16];
	CHECK(recv(s, bytes, 16, 0) == SOCKET_ERROR); // and so it is non-blocking
	CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
	peer.HalfCloses();
	CHECK(WSAWaitForMultipleEvents(1, &shared, FALSE, 2000, FALSE) == WSA_WAIT_EVENT_0);
	CHECK(world.Events(world.listener, shared, 0) == 0);
	const WSAEVENT own = WSACreateEvent();
	CHECK(WSAEventSelect(s, own, FD_READ | FD_WRITE | FD_CLOSE) == 0);
	CHECK(world.Events(s, own, FD_CLOSE) == (FD_WRITE | FD_CLOSE));
}

STEPS("selecting again does not bring back what was enumerated")
{
	World world;
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	const WSAEVENT event = WSACreateEvent();
	CHECK(WSAEventSelect(s, event, FD_READ | FD_CLOSE) == 0);
	peer.Sends(1);
	CHECK(world.Events(s, event, FD_READ) == FD_READ);
	CHECK(WSAEventSelect(s, event, FD_READ | FD_CLOSE) == 0);
	CHECK(world.Events(s, event, 0) == 0);
}

STEPS("select refuses no sockets and closed ones")
{
	World world;
	fd_set set;
	FD_ZERO(&set);
	timeval now = { 0, 0 };
	CHECK(select(0, &set, nullptr, nullptr, &now) == SOCKET_ERROR);
	CHECK(WSAGetLastError() == WSAEINVAL);
	const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
	FD_SET(s, &set);
	closesocket(s);
	CHECK(select(0, &set, nullptr, nullptr, &now) == SOCKET_ERROR);
	CHECK(WSAGetLastError() == WSAENOTSOCK);
}

STEPS("FIONBIO 0 fails while events are selected")
{
	World world;
	const WSAEVENT event = WSACreateEvent();
	CHECK(WSAEventSelect(world.listener, event, FD_ACCEPT) == 0);
	u_long off = 0;
	CHECK(ioctlsocket(world.listener, static_cast<long>(FIONBIO), &off) == SOCKET_ERROR);
	CHECK(WSAGetLastError() == WSAEINVAL);
	CHECK(WSAEventSelect(world.listener, nullptr, 0) == 0);
	CHECK(ioctlsocket(world.listener, static_cast<long>(FIONBIO), &off) == 0);
}

// What network.cpp assumes, for no source says it: FD_CLOSE has been, a send() was refused, and
// then the peer resets.
STEPS("a refused send is told when the peer resets after its half-close")
{
	World world;
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	const WSAEVENT event = WSACreateEvent();
	CHECK(WSAEventSelect(s, event, FD_READ | FD_WRITE | FD_CLOSE) == 0);
	CHECK(world.Events(s, event, FD_WRITE) == FD_WRITE);
	static const char bytes[65536] = {};
	while (send(s, bytes, sizeof(bytes), 0) > 0)
		continue;
	CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
	peer.HalfCloses();
	CHECK(world.Events(s, event, FD_CLOSE) == FD_CLOSE);
	CHECK(world.Events(s, event, 0) == 0);
	peer.Resets();
	const long events = world.Events(s, event, FD_WRITE);
	CHECK((events & FD_WRITE) != 0);
	if (!World::IsWindows()) // Wine signals FD_CLOSE a second time
		CHECK((events & FD_CLOSE) != 0);
	CHECK(send(s, bytes, 1, 0) == SOCKET_ERROR);
	CHECK(WSAGetLastError() != WSAEWOULDBLOCK);
}

// The next two are not documented, and Windows may answer either way: the simulation takes each of
// the answers in turn, and here Windows says its own.
STEPS("a reset makes a socket writable that had no room")
{
	World world;
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	u_long on = 1;
	CHECK(ioctlsocket(s, static_cast<long>(FIONBIO), &on) == 0);
	static const char bytes[65536] = {};
	while (send(s, bytes, sizeof(bytes), 0) > 0)
		continue;
	CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
	peer.Resets();
	fd_set set;
	FD_ZERO(&set);
	FD_SET(s, &set);
	timeval soon = { 2, 0 };
	const int ready = select(0, nullptr, &set, nullptr, &soon);
	char byte;
	const bool either = recv(s, &byte, 1, 0) == SOCKET_ERROR; // not Wine 8: Wine 10 has both answers
	CHECK((ready == 1 || (either && ready == 0)));
}

STEPS("the name of a peer that has reset")
{
	World world;
	const WSAEVENT event = WSACreateEvent();
	Peer& peer = world.Connect();
	const SOCKET s = accept(world.listener, nullptr, nullptr);
	CHECK(WSAEventSelect(s, event, FD_CLOSE) == 0);
	peer.Resets();
	CHECK(world.Events(s, event, FD_CLOSE) == FD_CLOSE);
	SOCKADDR name;
	int size = sizeof(name);
	const int result = getpeername(s, &name, &size);
	const int error = result == 0 ? 0 : WSAGetLastError();
	char byte;
	const bool either = recv(s, &byte, 1, 0) == SOCKET_ERROR; // not Wine 8: Wine 10 has 0
	CHECK((error == WSAENOTCONN || (either && error == 0)));
}
