// Sockets: start-up, accept, recv, send, closesocket, select. Their letters are those of calling.h.
#include "calling.h"

#include <algorithm>
#include <cstring>
#include <string>

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

// One of the codes of a connection that is lost. Every further call gives the same.
int Break(Connection& connection)
{
	const int codes[] = { WSAECONNRESET, WSAECONNABORTED, WSAENETDOWN, WSAENOBUFS };
	return connection.broken = Net().decider.ChooseFrom(codes);
}

void FillName(SOCKADDR* address, int* size, const Connection& connection)
{
	const auto number = static_cast<std::uint32_t>(connection.peer);
	*address = { AF_INET, htons(static_cast<u_short>(40000 + number)),
		{ 127U | 1U << 16 | number << 24 }, {} };
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
	if (socket != nullptr)
		return socket;
	net.monitor.Tell({ .kind = Event::BadHandle, .call = call, .handle = s });
	return Fail<Object*>(WSAENOTSOCK, nullptr, nullptr);
}

Object* EnterConnected(Call call, SOCKET s, int number)
{
	Object* socket = EnterSocket(call, s, number);
	if (socket == nullptr || socket->connection != nullptr)
		return socket;
	return Fail<Object*>(WSAENOTCONN, nullptr, nullptr);
}

Object* FindEvent(WSAEVENT event)
{
	Network& net = Net();
	const std::uintptr_t handle = reinterpret_cast<std::uintptr_t>(event);
	Object* object = net.Find(handle, Object::Kind::Event);
	if (object == nullptr)
		net.monitor.Tell({ .kind = Event::BadHandle, .call = net.record.call, .handle = handle });
	return object;
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

bool Fails(Fault fault, int code, Connection* connection)
{
	if (!Net().decider.Inject(fault))
		return false;
	Fail(code, connection);
	Net().monitor.Tell({ .kind = Event::Faulted, .fault = fault });
	return true;
}

bool StartFails(int code)
{
	return Fails(Fault::StartFails, code);
}

// -- Start-up -----------------------------------------------------------------------------------

// It returns the code; WSAGetLastError() has nothing to do with it [MS].
int WSAStartup(WORD, WSADATA*)
{
	Enter(Call::WSAStartup);
	if (StartFails(WSASYSNOTREADY))
		return WSASYSNOTREADY;
	Net().started = true;
	return Succeed();
}

int WSACleanup()
{
	Enter(Call::WSACleanup);
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

SOCKET socket(int, int, int)
{
	Enter(Call::Socket);
	if (!Net().started)
		return Fail(WSANOTINITIALISED, nullptr, INVALID_SOCKET);
	if (StartFails(WSAENOBUFS))
		return INVALID_SOCKET;
	Succeed();
	return Net().NewHandle(Object::Kind::Socket);
}

int setsockopt(SOCKET s, int, int name, const char* value, int)
{
	Object* socket = EnterSocket(Call::SetSockOpt, s);
	if (socket == nullptr || StartFails(WSAENETDOWN))
		return SOCKET_ERROR;
	DWORD number;
	std::memcpy(&number, value, sizeof(number));
	switch (name)
	{
	case SO_EXCLUSIVEADDRUSE:
		socket->exclusive = number != 0;
		break;
	case SO_LINGER:
		socket->resets = number == 1; // LINGER { 1, 0 }
		break;
	case SO_RCVTIMEO:
		socket->receiveLimit = number != 0 ? number : WSA_INFINITE;
		break;
	case SO_REUSEADDR:
		break;
	default:
		return Fail(WSAENOPROTOOPT);
	}
	return Succeed();
}

// FIONBIO, which cannot be 0 while an event selection stands [MS WSAAsyncSelect; WT test_fionbio].
int ioctlsocket(SOCKET s, long, u_long* argument)
{
	Object* socket = EnterSocket(Call::IoctlSocket, s);
	if (socket == nullptr || StartFails(WSAENETDOWN))
		return SOCKET_ERROR;
	if (*argument == 0 && socket->mask != 0)
		return Fail(WSAEINVAL);
	socket->nonblocking = *argument != 0;
	return Succeed();
}

int bind(SOCKET s, const SOCKADDR* address, int size)
{
	Object* socket = EnterSocket(Call::Bind, s);
	if (socket == nullptr || StartFails(WSAEADDRINUSE))
		return SOCKET_ERROR;
	if (size < kNameSize)
		return Fail(WSAEFAULT);
	socket->name = *address;
	return Succeed();
}

int listen(SOCKET s, int)
{
	Object* socket = EnterSocket(Call::Listen, s);
	if (socket == nullptr || StartFails(WSAENOBUFS))
		return SOCKET_ERROR;
	Net().listener = s;
	Net().monitor.Tell({ .kind = Event::Listening, .socket = socket });
	return Succeed();
}

int getsockname(SOCKET s, SOCKADDR* address, int* size)
{
	Object* socket = EnterSocket(Call::GetSockName, s);
	if (socket == nullptr || StartFails(WSAENETDOWN))
		return SOCKET_ERROR;
	*address = socket->name;
	*size = kNameSize;
	return Succeed();
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
	if (!net.backlog.empty() && !net.listenerFailed && net.decider.Inject(Fault::ListenerFails))
	{
		net.listenerFailed = true;
		net.monitor.Tell({ .kind = Event::Faulted, .fault = Fault::ListenerFails });
	}

	const int code = net.listenerFailed ? WSAENETDOWN
		: net.backlog.empty()           ? WSAEWOULDBLOCK
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

static int TryRecv(Object& socket, char* buffer, int size)
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
		return Fail(Break(connection), &connection);

	int taken = std::min(size, static_cast<int>(connection.unread.size()));
	if (taken > 1 && net.decider.Inject(Fault::ShortRecv))
		taken = 1 + net.decider.Choose(taken - 1);
	connection.unread.copy(buffer, static_cast<std::size_t>(taken));
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
		return Fail(net.decider.Choose(2) == 0 ? WSAECONNRESET : WSAECONNABORTED, &connection);
	if (size == 0)
		return Succeed();
	if (net.decider.Inject(Fault::SendFails))
		return Fail(Break(connection), &connection);

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

int recv(SOCKET s, char* buffer, int size, int)
{
	Network& net = Net();
	Object* socket = EnterConnected(Call::Recv, s, size);
	if (socket == nullptr)
		return SOCKET_ERROR;
	Connection& connection = *socket->connection;
	if (size <= 0) // "len was zero or negative" [MS recv]
		return Fail(WSAEINVAL);

	if (!socket->nonblocking && !net.ReadReady(*socket))
	{
		while (!net.ReadReady(*socket))
		{
			if (!net.Wait({ Call::Recv, socket->receiveLimit, { s } }))
				return Fail(WSAETIMEDOUT, &connection);
		}
		// Row c: a recv() that is waiting when the reset comes gets the error on Wine, too.
		if (connection.reset && connection.unread.empty() && connection.broken == 0)
			connection.broken = WSAECONNRESET;
	}
	const int result = TryRecv(*socket, buffer, size);
	// FD_READ is enabled again, and comes if there is more to read [MS WSAAsyncSelect]. With Wine's
	// FD_CLOSE this is the moment when its turn comes (row a).
	socket->enabled |= FD_READ;
	net.Notify(*socket);
	return result;
}

int send(SOCKET s, const char* data, int size, int)
{
	Network& net = Net();
	Object* socket = EnterConnected(Call::Send, s, size);
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (socket->connection->shut)
		return Fail(WSAESHUTDOWN, socket->connection);
	if (size < 0)
		return Fail(WSAEFAULT, socket->connection);

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
// WSAAsyncSelect], and the event object, which has a handle of its own [MS closesocket].
int closesocket(SOCKET s)
{
	Object* socket = EnterSocket(Call::CloseSocket, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	Returned();
	if (Connection* connection = socket->connection)
	{
		Net().monitor.Tell({ Event::Closing, connection });
		connection->closed = true;
		connection->handle = INVALID_SOCKET;
		// With unread data the peer gets a reset instead of the end.
		connection->aborted = !connection->unread.empty() || connection->reset ||
			connection->broken != 0 || socket->resets;
	}
	else if (s == Net().listener)
		Net().listener = 0;
	Net().FreeHandle(s);
	Net().lastError = 0;
	return 0;
}

// -- select -------------------------------------------------------------------------------------

int select(int, fd_set* readable, fd_set* writable, fd_set*, const TIMEVAL* timeout)
{
	Network& net = Net();
	CallRecord& record = Enter(Call::Select);
	fd_set* const sets[] = { readable, writable };
	Waiting waiting = { Call::Select, WSA_INFINITE };
	std::vector<SOCKET>& sockets = waiting.sockets;
	for (const fd_set* set : sets)
	{
		if (set != nullptr)
			sockets.insert(sockets.end(), set->fd_array, set->fd_array + set->fd_count);
	}
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
	if (Fails(Fault::WaitFails, WSAENOBUFS))
		return SOCKET_ERROR;
	if (timeout != nullptr)
		waiting.limit =
			static_cast<DWORD>(timeout->tv_sec * 1000 + (timeout->tv_usec + 999) / 1000);

	const std::size_t reads = readable != nullptr ? readable->fd_count : 0;
	record.limit = waiting.limit;
	for (std::size_t i = 0; net.recording && i < sockets.size(); i++)
		(i < reads ? record.reads : record.writes).push_back(net.PeerOf(sockets[i]));
	std::vector<bool> ready(sockets.size());
	std::ptrdiff_t total = 0;
	do
	{
		// "accept() after select() may find nothing", and so may recv() [MS].
		int wrong = net.decider.Inject(Fault::SpuriousReady)
			? net.decider.Choose(static_cast<int>(sockets.size()))
			: -1;
		for (std::size_t i = 0; i < ready.size(); i++)
		{
			const Object& socket = *net.Find(sockets[i], Object::Kind::Socket);
			ready[i] = (i < reads ? net.ReadReady(socket) : net.WriteReady(socket)) || wrong-- == 0;
		}
		total = std::ranges::count(ready, true);
	} while (total == 0 && waiting.limit != 0 && net.Wait(waiting));

	for (fd_set* set : sets)
	{
		if (set != nullptr)
			FD_ZERO(set);
	}
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
	return Succeed(static_cast<int>(total));
}

// -- Selections ----------------------------------------------------------------------------------

// Whether a selection fails: at the start, or that of one client.
bool SelectionFails(const Object& socket)
{
	return Fails(socket.connection == nullptr ? Fault::StartFails : Fault::SelectionFails,
		WSAENETDOWN, socket.connection);
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
