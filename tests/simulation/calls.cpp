// Sockets: start-up, accept, recv, send, closesocket, select. Their letters are those of calling.h.
#include "calling.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace sim::winsock
{
namespace
{
constexpr int kNameSize = sizeof(SOCKADDR_IN);

void Returned()
{
	if (Net().recording)
		Net().monitor.Tell({ Event::Returned });
}

// The connection is lost: every further call gives the same code.
int Break(Connection& connection, std::initializer_list<int> codes)
{
	return Fail(connection.broken = Net().decider.ChooseCode(codes), &connection);
}

void FillName(SOCKADDR* address, int* size, const Connection& connection)
{
	*address = { AF_INET, htons(static_cast<u_short>(40000 + connection.peer)), {}, {} };
	const auto bytes = AddressOf(connection.peer);
	std::memcpy(&address->sin_addr, bytes.data(), bytes.size());
	*size = kNameSize;
}

} // namespace

// -- How calls begin and end --------------------------------------------------------------------

CallRecord& Enter(Call call, Connection* connection)
{
	Network& net = Net();
	net.calls[static_cast<int>(call)]++;
	net.monitor.Tell({ .kind = Event::Called, .connection = connection, .call = call });
	net.decider.Before(call);
	return net.record = { .call = call };
}

Object* EnterSocket(Call call, SOCKET s, int number)
{
	Network& net = Net();
	Object* socket = net.Find(s, Object::Kind::Socket);
	CallRecord& record = Enter(call, socket != nullptr ? socket->connection : nullptr);
	record.peer = net.PeerOf(s);
	record.number = number;
	if (!net.started)
		return Fail<Object*>(WSANOTINITIALISED, nullptr, nullptr);
	if (socket != nullptr)
		return socket;
	net.monitor.Tell({ .kind = Event::BadHandle, .call = call, .handle = s });
	return Fail<Object*>(WSAENOTSOCK, nullptr, nullptr);
}

// "WSAGetLastError is per thread ... successful calls may reset it to 0" [MS].
int Succeed(int result)
{
	Net().record.result = result;
	Returned();
	Net().lastError = 0;
	return result;
}

void Failed(int code, Connection* connection)
{
	Network& net = Net();
	net.record.code = code;
	Returned();
	net.monitor.Tell({ Event::Failed, connection, code });
	if (code == WSAEWOULDBLOCK)
		net.decider.WouldBlock();
	net.lastError = code;
}

bool Fails(Fault fault, std::initializer_list<int> codes, Connection* connection)
{
	const bool down = fault == Fault::WaitFails && Net().down;
	if (!down && !Net().decider.Inject(fault))
		return false;
	Fail(down ? WSAENETDOWN : Net().decider.ChooseCode(codes), connection);
	Net().monitor.Tell({ .kind = Event::Faulted, .fault = fault });
	return true;
}

bool StartFails(std::initializer_list<int> codes)
{
	return Fails(Fault::StartFails, codes);
}

// -- Start-up -----------------------------------------------------------------------------------

// It returns the code; WSAGetLastError() has nothing to do with it [MS].
int WSAStartup(WORD version, WSADATA*)
{
	Enter(Call::WSAStartup);
	if ((version & 0xFF) == 0)
		return WSAVERNOTSUPPORTED;
	if (StartFails({ WSASYSNOTREADY, WSAVERNOTSUPPORTED, WSAEINPROGRESS, WSAEPROCLIM }))
		return std::exchange(Net().lastError, 0);
	Net().started = true;
	return Succeed();
}

int WSACleanup()
{
	Enter(Call::WSACleanup);
	Net().started = false;
	return Succeed();
}

int WSAGetLastError()
{
	return Net().lastError;
}

void WSASetLastError(int code)
{
	Net().lastError = code;
}

SOCKET socket(int family, int type, int protocol)
{
	Enter(Call::Socket);
	const int own = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
	const int code = !Net().started                 ? WSANOTINITIALISED
		: family != AF_INET                         ? WSAEAFNOSUPPORT
		: type != SOCK_STREAM && type != SOCK_DGRAM ? WSAESOCKTNOSUPPORT
		: protocol != 0 && protocol != own          ? WSAEPROTONOSUPPORT
													: 0;
	if (code != 0)
		return Fail(code, nullptr, INVALID_SOCKET);
	if (StartFails({ WSAENOBUFS, WSAEMFILE, WSAENETDOWN }))
		return INVALID_SOCKET;
	Succeed();
	const SOCKET s = Net().NewHandle(Object::Kind::Socket);
	Net().Find(s, Object::Kind::Socket)->datagrams = type == SOCK_DGRAM;
	return s;
}

// All these options are numbers, or two halves of one, of 32 bits.
int setsockopt(SOCKET s, int level, int name, const char* value, int size)
{
	Object* socket = EnterSocket(Call::SetSockOpt, s);
	if (socket == nullptr || StartFails({ WSAENETDOWN, WSAEINPROGRESS }))
		return SOCKET_ERROR;
	if (level != SOL_SOCKET)
		return Fail(WSAEINVAL);
	DWORD number;
	if (size < static_cast<int>(sizeof(number))) // "the optlen parameter is too small" [MS]
		return Fail(WSAEFAULT);
	std::memcpy(&number, value, sizeof(number));
	switch (name)
	{
	case SO_EXCLUSIVEADDRUSE: // "prior to calling the bind function" [MS]
		socket->exclusive = number != 0 && !socket->bound;
		break;
	case SO_LINGER:
		std::memcpy(&socket->linger, value, sizeof(socket->linger));
		break;
	case SO_RCVTIMEO:
		socket->receiveLimit = number != 0 ? number : WSA_INFINITE;
		break;
	case SO_REUSEADDR:
	case SO_KEEPALIVE:
		break;
	default:
		return Fail(WSAENOPROTOOPT);
	}
	return Succeed();
}

// FIONBIO, which cannot be 0 while an event selection stands [MS WSAAsyncSelect; WT test_fionbio].
int ioctlsocket(SOCKET s, long command, u_long* argument)
{
	Object* socket = EnterSocket(Call::IoctlSocket, s);
	if (socket == nullptr || StartFails({ WSAENETDOWN, WSAEINPROGRESS }))
		return SOCKET_ERROR;
	if (command == static_cast<long>(FIONREAD))
	{
		const Connection* connection = socket->connection;
		*argument = connection != nullptr ? static_cast<u_long>(connection->unread.size()) : 0;
		return Succeed();
	}
	if (*argument == 0 && socket->mask != 0)
		return Fail(WSAEINVAL);
	socket->nonblocking = *argument != 0;
	return Succeed();
}

int bind(SOCKET s, const SOCKADDR* address, int size)
{
	Object* socket = EnterSocket(Call::Bind, s);
	if (socket == nullptr || StartFails({ WSAEADDRINUSE, WSAEACCES, WSAENOBUFS, WSAENETDOWN }))
		return SOCKET_ERROR;
	// "An incorrect address format for the associated address family" [MS] is WSAEFAULT, too.
	if (size < kNameSize || address->sin_family != AF_INET)
		return Fail(WSAEFAULT);
	if (socket->bound)
		return Fail(WSAEINVAL);
	const u_long ip = htonl(address->sin_addr.s_addr);
	if (ip != INADDR_ANY && ip >> 24 != INADDR_LOOPBACK >> 24) // this machine has no other
		return Fail(WSAEADDRNOTAVAIL);
	socket->bound = true;
	socket->name = *address;
	if (socket->name.sin_port == 0)
		socket->name.sin_port = htons(kAnyPort);
	return Succeed();
}

// SOMAXCONN is "a maximum reasonable value", SOMAXCONN_HINT(N) "within the range (200, 65535)"
// [MS].
int listen(SOCKET s, int backlog)
{
	Object* socket = EnterSocket(Call::Listen, s);
	if (socket == nullptr || StartFails({ WSAENOBUFS, WSAEADDRINUSE, WSAEMFILE, WSAENETDOWN }))
		return SOCKET_ERROR;
	if (socket->datagrams || !socket->bound)
		return Fail(socket->datagrams ? WSAEOPNOTSUPP : WSAEINVAL);
	Net().listener = s;
	Net().backlogRoom =
		static_cast<std::size_t>(backlog >= 0 ? std::max(backlog, 1) : std::max(-backlog, 200));
	Net().monitor.Tell({ .kind = Event::Listening, .socket = socket });
	return Succeed();
}

int getsockname(SOCKET s, SOCKADDR* address, int* size)
{
	Object* socket = EnterSocket(Call::GetSockName, s);
	if (socket == nullptr || StartFails({ WSAENETDOWN, WSAEINPROGRESS }))
		return SOCKET_ERROR;
	if (*size < kNameSize || !socket->bound)
		return Fail(*size < kNameSize ? WSAEFAULT : WSAEINVAL);
	*address = socket->name;
	*size = kNameSize;
	return Succeed();
}

// Of a client: nobody sends or receives on the listening socket.
static Object* EnterConnected(Call call, SOCKET s, int number = 0)
{
	Object* socket = EnterSocket(call, s, number);
	if (socket == nullptr || socket->connection != nullptr)
		return socket;
	return Fail<Object*>(WSAENOTCONN, nullptr, nullptr);
}

// "WSAENOTCONN: the socket is not connected" [MS], which it is not after a reset; one report says
// that on Windows it works until closesocket().
int getpeername(SOCKET s, SOCKADDR* address, int* size)
{
	Object* socket = EnterConnected(Call::GetPeerName, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	const Connection& connection = *socket->connection;
	if (connection.reset && !Net().conditions.nameAfterReset)
		return Fail(WSAENOTCONN);
	if (*size < kNameSize)
		return Fail(WSAEFAULT);
	FillName(address, size, connection);
	return Succeed();
}

// -- accept, recv, send, closesocket ------------------------------------------------------------

// The code of an accept() that fails although a connection is there; 0: it does not. A connection
// that the peer has given up is gone, any other stays.
static int AcceptCode(const Object& listener, bool asksName)
{
	Network& net = Net();
	Connection& connection = *net.backlog.front();
	if (net.decider.Inject(Fault::NoRoom))
		net.roomFrom = net.now + (net.decider.Choose(2) == 0 ? 50 : 3000);
	const int room = net.conditions.room;
	// One socket is the listening one.
	if (net.now < net.roomFrom || (room > 0 && net.Count(Object::Kind::Socket) > room))
	{
		net.monitor.Tell({ Event::Refused });
		return connection.peer % 2 == 0 ? WSAEMFILE : WSAENOBUFS;
	}
	if (net.decider.Inject(Fault::AcceptFails))
	{
		if (listener.nonblocking && net.decider.Choose(2) == 0)
			return WSAEWOULDBLOCK;
		net.Drop(connection);
		return WSAECONNRESET;
	}
	// Row g. Wine fails because it wants the peer's name; without an address it succeeds [T].
	if (!connection.reset || (net.IsWindows() ? net.decider.Choose(2) != 0 : !asksName))
		return 0;
	net.Drop(connection);
	return net.IsWindows() ? WSAECONNRESET : WSAENOTCONN;
}

SOCKET accept(SOCKET s, SOCKADDR* address, int* size)
{
	Network& net = Net();
	Object* listener = EnterSocket(Call::Accept, s);
	if (listener == nullptr)
		return INVALID_SOCKET;
	if (s != net.listener)
		return Fail(WSAEINVAL, nullptr, INVALID_SOCKET);
	if (address != nullptr && *size < kNameSize)
		return Fail(WSAEFAULT, nullptr, INVALID_SOCKET);
	while (net.backlog.empty() && !listener->nonblocking)
		net.Wait({ Call::Accept, WSA_INFINITE, { s } });
	if (!net.backlog.empty() && net.listenerFailed == 0 && net.decider.Inject(Fault::ListenerFails))
	{
		net.listenerFailed = net.decider.ChooseCode({ WSAENETDOWN, WSAEINVAL, WSAENOTSOCK,
			WSAEOPNOTSUPP, WSAEINTR, WSAEINPROGRESS, WSAEFAULT, WSANOTINITIALISED });
		net.monitor.Tell({ .kind = Event::Faulted, .fault = Fault::ListenerFails });
	}

	const int code = net.listenerFailed != 0 ? net.listenerFailed
		: net.backlog.empty()                ? WSAEWOULDBLOCK
											 : AcceptCode(*listener, address != nullptr);
	// "Any call to the reenabling routine, even one that fails, results in reenabling" [MS
	// WSAAsyncSelect]: if more connections wait, FD_ACCEPT comes again.
	listener->enabled |= FD_ACCEPT;
	if (code != 0)
	{
		net.Notify(*listener);
		return Fail(code, nullptr, INVALID_SOCKET);
	}

	Connection& connection = *net.backlog.front();
	net.backlog.pop_front();
	const SOCKET handle = net.NewHandle(Object::Kind::Socket);
	connection.handle = handle;
	connection.accepted = true;
	// "The same properties as socket s, including the asynchronous events registered" [MS accept],
	// and so the non-blocking mode [WS accept_socket, T].
	Object& socket = *net.Find(handle, Object::Kind::Socket) = *listener;
	socket.connection = &connection;
	socket.enabled = kConnectionEvents;
	socket.record = 0;

	if (address != nullptr)
		FillName(address, size, connection);
	Succeed(connection.peer);
	net.Notify(*listener);
	net.Notify(socket);
	net.monitor.Tell({ Event::Accepted, &connection });
	return handle;
}

static int TryRecv(Object& socket, char* buffer, int size, int flags)
{
	Network& net = Net();
	Connection& connection = *socket.connection;
	if (connection.broken != 0)
		return Fail(connection.broken, &connection);
	if (connection.reset && net.IsWindows()) // row c
		return Fail(WSAECONNRESET, &connection);
	if (connection.unread.empty())
		return connection.fin || connection.reset ? Succeed() : Fail(WSAEWOULDBLOCK, &connection);

	// WSAEWOULDBLOCK although data is there is allowed to a call that is re-enabled by it: the
	// event comes again. Once the peer's end has come the event for it may have been used up, and
	// nothing would come: no rule lets that happen.
	if (socket.nonblocking && !(socket.mask != 0 && connection.fin) &&
		net.decider.Inject(Fault::RecvWouldBlock))
		return Fail(WSAEWOULDBLOCK, &connection);
	if (net.decider.Inject(Fault::RecvFails))
		return Break(connection,
			{ WSAECONNRESET, WSAECONNABORTED, WSAENETDOWN, WSAENETRESET, WSAETIMEDOUT, WSAENOTCONN,
				WSAEINPROGRESS, WSAEINTR });

	int taken = std::min(size, static_cast<int>(connection.unread.size()));
	if (taken > 1 && net.decider.Inject(Fault::ShortRecv))
		taken = 1 + net.decider.Choose(taken - 1);
	connection.unread.copy(buffer, static_cast<std::size_t>(taken));
	if ((flags & MSG_PEEK) == 0)
		connection.unread.erase(0, static_cast<std::size_t>(taken));
	Succeed(taken);
	net.monitor.Tell({ Event::Received, &connection, taken, buffer });
	return taken;
}

static int TrySend(Object& socket, const char* data, int size)
{
	Network& net = Net();
	Connection& connection = *socket.connection;
	net.monitor.Tell({ Event::Sending, &connection, size, data });
	if (connection.broken != 0)
		return Fail(connection.broken, &connection);
	if (connection.reset)
		return Fail(net.decider.ChooseCode({ WSAECONNRESET, WSAECONNABORTED }), &connection);
	if (size == 0)
		return Succeed();
	if (net.decider.Inject(Fault::SendFails))
		return Break(connection,
			{ WSAECONNRESET, WSAECONNABORTED, WSAENETDOWN, WSAENOBUFS, WSAENETRESET,
				WSAEHOSTUNREACH, WSAETIMEDOUT, WSAENOTCONN, WSAEINPROGRESS, WSAEINTR });

	const std::size_t unsent = connection.unsent.size();
	if (unsent >= net.conditions.sendBuffer ||
		(socket.nonblocking && net.decider.Inject(Fault::SendWouldBlock)))
		return Fail(WSAEWOULDBLOCK, &connection);
	// Row d. Windows takes the whole buffer while the quota is not used up.
	int taken = net.IsWindows()
		? size
		: std::min(size, static_cast<int>(net.conditions.sendBuffer - unsent));
	// "between 1 and the requested length" [MS send].
	if (taken > 1 && net.decider.Inject(Fault::PartialSend))
		taken = 1 + net.decider.Choose(taken - 1);
	connection.unsent.append(data, static_cast<std::size_t>(taken));
	Succeed(taken);
	net.monitor.Tell({ Event::Sent, &connection, taken });
	return taken;
}

// There is no urgent data [MS: WSAEINVAL], and MSG_WAITALL is for blocking sockets only.
int recv(SOCKET s, char* buffer, int size, int flags)
{
	Network& net = Net();
	Object* socket = EnterConnected(Call::Recv, s, size);
	if (socket == nullptr)
		return SOCKET_ERROR;
	Connection& connection = *socket->connection;
	const bool all = (flags & MSG_WAITALL) != 0;
	if (size <= 0 || (flags & MSG_OOB) != 0) // "len was zero or negative" [MS recv]
		return Fail(WSAEINVAL);
	if (all && socket->nonblocking)
		return Fail(WSAEOPNOTSUPP);
	const auto waits = [&] {
		return !net.ReadReady(*socket) ||
			(all && !connection.fin && !connection.reset && connection.broken == 0 &&
				connection.unread.size() < static_cast<std::size_t>(size));
	};

	if (!socket->nonblocking && waits())
	{
		while (waits())
		{
			if (!net.Wait({ Call::Recv, socket->receiveLimit, { s } }))
				return Fail(WSAETIMEDOUT, &connection);
		}
		// Row c: a recv() that is waiting when the reset comes gets the error on Wine, too.
		if (connection.reset && connection.unread.empty() && connection.broken == 0)
			connection.broken = WSAECONNRESET;
	}
	const int result = TryRecv(*socket, buffer, size, flags);
	// FD_READ is enabled again, and comes if there is more to read [MS WSAAsyncSelect]. With Wine's
	// FD_CLOSE this is the moment when its turn comes (row a).
	socket->enabled |= FD_READ;
	net.Notify(*socket);
	return result;
}

int send(SOCKET s, const char* data, int size, int flags)
{
	Network& net = Net();
	Object* socket = EnterConnected(Call::Send, s, size);
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (socket->connection->shut)
		return Fail(WSAESHUTDOWN, socket->connection);
	if (size < 0)
		return Fail(WSAEFAULT);
	if ((flags & ~MSG_DONTROUTE) != 0) // "OOB data is not supported" [MS]: not here
		return Fail(WSAEOPNOTSUPP);

	while (!socket->nonblocking && !net.WriteReady(*socket) && !socket->connection->reset)
		net.Wait({ Call::Send, WSA_INFINITE, { s } });
	const int result = TrySend(*socket, data, size);
	// FD_WRITE is enabled again by a send() that fails with WSAEWOULDBLOCK, and by no other, not
	// even by a partial one [MS WSAAsyncSelect; WT test_write_events; T].
	if (net.lastError == WSAEWOULDBLOCK)
	{
		socket->enabled |= FD_WRITE;
		net.Notify(*socket);
	}
	return result;
}

// SD_SEND: nothing more is sent, and the peer sees the end [MS].
int shutdown(SOCKET s, int)
{
	Object* socket = EnterConnected(Call::Shutdown, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	socket->connection->shut = true;
	return Succeed();
}

// Nothing is left of the socket's events but the messages that are already posted [MS
// WSAAsyncSelect], and the event object, which has a handle of its own [MS closesocket]. With a
// linger time it waits for what is unsent; a non-blocking socket stays open then [MS].
int closesocket(SOCKET s)
{
	Object* socket = EnterSocket(Call::CloseSocket, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	const LINGER linger = socket->linger;
	const auto lingers = [&] {
		return socket->connection != nullptr && linger.l_onoff != 0 && linger.l_linger != 0 &&
			!socket->connection->unsent.empty() && !socket->connection->reset;
	};
	if (lingers() && socket->nonblocking)
		return Fail(WSAEWOULDBLOCK, socket->connection);
	while (lingers() && Net().Wait({ Call::CloseSocket, linger.l_linger * 1000U, { s } }))
		continue;
	Succeed();
	if (Connection* connection = socket->connection)
	{
		Net().monitor.Tell({ Event::Closing, connection });
		connection->closed = true;
		connection->handle = INVALID_SOCKET;
		// With unread data the peer gets a reset instead of the end.
		connection->aborted = !connection->unread.empty() || connection->reset ||
			connection->broken != 0 || lingers() || (linger.l_onoff != 0 && linger.l_linger == 0);
	}
	else if (s == Net().listener)
		Net().listener = 0;
	Net().FreeHandle(s);
	return 0;
}

// -- select -------------------------------------------------------------------------------------

// Which of these are ready: the first `reads` to be read, the others to be written.
static std::vector<bool> Ready(const std::vector<SOCKET>& sockets, std::size_t reads)
{
	Network& net = Net();
	// "accept() after select() may find nothing", and so may recv() [MS].
	int wrong = net.decider.Inject(Fault::SpuriousReady)
		? net.decider.Choose(static_cast<int>(sockets.size()))
		: -1;
	std::vector<bool> ready;
	for (SOCKET s : sockets)
	{
		const Object& socket = *net.Find(s, Object::Kind::Socket);
		ready.push_back((ready.size() < reads ? net.ReadReady(socket) : net.WriteReady(socket)) ||
			wrong-- == 0);
	}
	return ready;
}

int select(int, fd_set* readable, fd_set* writable, fd_set*, const TIMEVAL* timeout)
{
	Network& net = Net();
	CallRecord& record = Enter(Call::Select);
	fd_set none = {};
	fd_set* const sets[] = { readable != nullptr ? readable : &none,
		writable != nullptr ? writable : &none };
	Waiting waiting = { Call::Select, WSA_INFINITE };
	std::vector<SOCKET>& sockets = waiting.sockets;
	for (const fd_set* set : sets)
		sockets.insert(sockets.end(), set->fd_array, set->fd_array + set->fd_count);
	for (SOCKET s : sockets)
	{
		if (net.Find(s, Object::Kind::Socket) != nullptr)
			continue;
		// One bad handle fails the whole call, the sets stay as they are [WT].
		net.monitor.Tell({ .kind = Event::BadHandle, .call = Call::Select, .handle = s });
		return Fail(WSAENOTSOCK);
	}
	if (sockets.empty()) // [MS, WT]
		return Fail(WSAEINVAL);
	if (Fails(Fault::WaitFails,
			{ WSAENETDOWN, WSAEINVAL, WSAENOTSOCK, WSAEINTR, WSAEINPROGRESS, WSAEFAULT }))
		return SOCKET_ERROR;
	if (timeout != nullptr)
		waiting.limit =
			static_cast<DWORD>(timeout->tv_sec * 1000 + (timeout->tv_usec + 999) / 1000);

	const std::size_t reads = sets[0]->fd_count;
	record.limit = waiting.limit;
	for (std::size_t i = 0; net.recording && i < sockets.size(); i++)
		(i < reads ? record.reads : record.writes).push_back(net.PeerOf(sockets[i]));
	std::vector<bool> ready = Ready(sockets, reads);
	while (std::ranges::count(ready, true) == 0 && waiting.limit != 0 && net.Wait(waiting))
		ready = Ready(sockets, reads);

	for (fd_set* set : sets)
		FD_ZERO(set);
	for (std::size_t i = 0; i < ready.size(); i++)
	{
		if (!ready[i])
			continue;
		FD_SET(sockets[i], sets[i < reads ? 0 : 1]);
		if (Connection* connection = net.Find(sockets[i], Object::Kind::Socket)->connection)
			net.monitor.Tell({ Event::Ready, connection });
		if (net.recording)
			(i < reads ? record.readable : record.writable).push_back(net.PeerOf(sockets[i]));
	}
	return Succeed(static_cast<int>(std::ranges::count(ready, true)));
}

// -- Selections ----------------------------------------------------------------------------------

// Whether a selection fails: at the start, or that of one client.
bool SelectionFails(const Object& socket)
{
	return Fails(socket.connection == nullptr ? Fault::StartFails : Fault::SelectionFails,
		{ WSAENETDOWN, WSAEINVAL, WSAEINPROGRESS }, socket.connection);
}

int Selected(Object& socket, long mask)
{
	socket.mask = mask;
	socket.nonblocking = true;
	if (socket.connection != nullptr)
		socket.connection->registered = true;
	Succeed();
	Net().Notify(socket);
	return 0;
}

} // namespace sim::winsock
