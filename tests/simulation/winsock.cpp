// The server's side of the network: the functions of sim_winsock.h. [MS] is Microsoft's page of the
// function, [WT] what Wine's tests say of Windows, [WS] Wine's source, [T] measured with Wine 8.0.
#include "network.h"

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <cwchar>
#include <new>
#include <string>

namespace sim::winsock
{
namespace
{
constexpr long kConnectionEvents = FD_READ | FD_WRITE | FD_CLOSE;
constexpr int kNameSize = sizeof(SOCKADDR_IN);

// The call that is going on, for the trace.
Call calling;

void Tell(const std::string& result)
{
	if (Net().environment.tracing)
		Net().environment.Trace("server",
			std::string(kCallNames[static_cast<int>(calling)]) + "(" + Net().arguments + ")" +
				(result.empty() ? "" : " -> " + result));
}

// "WSAGetLastError is per thread ... successful calls may reset it to 0" [MS].
int Succeed(int result = 0, const std::string& text = "")
{
	Tell(text);
	Net().lastError = 0;
	return result;
}

int Fail(int code, Connection* connection = nullptr)
{
	Tell(ErrorName(code));
	Net().lastError = code;
	Net().environment.Failed(code, connection);
	Net().lastError = code;
	return SOCKET_ERROR;
}

void Enter(Call call, const std::string& given = "", Connection* connection = nullptr)
{
	Net().calls[static_cast<int>(call)]++;
	Net().environment.Entering(call, connection);
	calling = call;
	Net().arguments = given;
}

// A call about a socket. Null: it has failed.
Object* EnterSocket(Call call, SOCKET s, const std::string& more = "")
{
	Object* socket = Net().Find(s, Object::Kind::Socket);
	Enter(call, Net().Name(s) + more, socket != nullptr ? socket->connection : nullptr);
	if (socket == nullptr)
		Net().environment.BadHandle(kCallNames[static_cast<int>(call)], s);
	if (socket == nullptr || !Net().started)
	{
		Fail(Net().started ? WSAENOTSOCK : WSANOTINITIALISED);
		return nullptr;
	}
	return socket;
}

Object* EnterConnected(Call call, SOCKET s, const std::string& more = "")
{
	Object* socket = EnterSocket(call, s, more);
	if (socket == nullptr || socket->connection != nullptr)
		return socket;
	Fail(WSAENOTCONN);
	return nullptr;
}

Object* FindEvent(WSAEVENT event)
{
	const std::uintptr_t handle = reinterpret_cast<std::uintptr_t>(event);
	Object* object = Net().Find(handle, Object::Kind::Event);
	if (object == nullptr)
		Net().environment.BadHandle(kCallNames[static_cast<int>(calling)], handle);
	return object;
}

bool StartFails(int code)
{
	if (!Net().environment.Inject(Fault::StartFails))
		return false;
	Fail(code);
	return true;
}

// After this the server cannot go on.
bool FailsForGood(Fault fault, int code)
{
	if (!Net().environment.Inject(fault))
		return false;
	Fail(code);
	Net().environment.Lasting(fault);
	return true;
}

// One of the codes of a connection that is lost. Every further call gives the same.
int Break(Connection& connection)
{
	const int codes[] = { WSAECONNRESET, WSAECONNABORTED, WSAENETDOWN, WSAENOBUFS };
	return connection.broken = codes[Net().environment.Choose(4)];
}

// Whether there is an address of the right size to read, or to write.
bool HoldsName(const SOCKADDR* address, const int* size)
{
	return address != nullptr && size != nullptr && *size >= kNameSize;
}

void FillName(SOCKADDR* address, int* size, std::uint32_t host, u_short port)
{
	const SOCKADDR_IN name = { AF_INET, port, { host }, {} };
	std::memcpy(address, &name, sizeof(name));
	*size = kNameSize;
}

} // namespace

// -- Start-up -----------------------------------------------------------------------------------

// It returns the code; WSAGetLastError() has nothing to do with it [MS].
int WSAStartup(WORD version, WSADATA* data)
{
	Enter(Call::WSAStartup);
	if (data == nullptr)
		return WSAEFAULT;
	if (StartFails(WSASYSNOTREADY))
		return WSASYSNOTREADY;
	data->wHighVersion = MAKEWORD(2, 2);
	data->wVersion = (version & 0xFF) > 2 ? data->wHighVersion : version;
	Net().started = true;
	return Succeed();
}

int WSACleanup()
{
	Enter(Call::WSACleanup);
	if (!Net().started)
		return Fail(WSANOTINITIALISED);
	Net().started = false;
	return Succeed();
}

// GetLastError() is the same [MS WSAGetLastError].
int WSAGetLastError()
{
	return Net().lastError;
}

DWORD GetLastError()
{
	return static_cast<DWORD>(Net().lastError);
}

void WSASetLastError(int code)
{
	Net().lastError = code;
}

void SetLastError(DWORD code)
{
	Net().lastError = static_cast<int>(code);
}

SOCKET socket(int family, int type, int protocol)
{
	Enter(Call::Socket);
	int code = 0;
	if (!Net().started)
		code = WSANOTINITIALISED;
	else if (family != AF_INET)
		code = WSAEAFNOSUPPORT;
	else if (type != SOCK_STREAM || (protocol != 0 && protocol != IPPROTO_TCP))
		code = WSAEPROTONOSUPPORT;
	if (code != 0)
		Fail(code);
	if (code != 0 || StartFails(WSAENOBUFS))
		return INVALID_SOCKET;
	Succeed();
	return Net().NewHandle(Object::Kind::Socket);
}

int setsockopt(SOCKET s, int level, int name, const char* value, int size)
{
	Object* socket = EnterSocket(Call::SetSockOpt, s);
	if (socket == nullptr || StartFails(WSAENETDOWN))
		return SOCKET_ERROR;
	if (value == nullptr || size < static_cast<int>(sizeof(int)))
		return Fail(WSAEFAULT);
	int number;
	std::memcpy(&number, value, sizeof(number));
	LINGER linger;
	std::memcpy(&linger, value, sizeof(linger));
	if (level == SOL_SOCKET && name == SO_EXCLUSIVEADDRUSE)
	{
		if (socket->bound)
			return Fail(WSAEINVAL);
		socket->exclusive = number != 0;
	}
	else if (level == SOL_SOCKET && name == SO_LINGER)
		socket->resets = linger.l_onoff != 0 && linger.l_linger == 0;
	else if (level == SOL_SOCKET && name == SO_RCVTIMEO)
		socket->receiveLimit = number != 0 ? static_cast<DWORD>(number) : WSA_INFINITE;
	else if (level == SOL_SOCKET ? name != SO_REUSEADDR && name != SO_KEEPALIVE
								 : level != IPPROTO_TCP || name != TCP_NODELAY)
		return Fail(WSAENOPROTOOPT);
	return Succeed();
}

// FIONBIO 0 fails while an event selection stands [MS WSAAsyncSelect; WT test_fionbio].
int ioctlsocket(SOCKET s, long command, u_long* argument)
{
	Object* socket = EnterSocket(Call::IoctlSocket, s);
	if (socket == nullptr || StartFails(WSAENETDOWN))
		return SOCKET_ERROR;
	if (command != static_cast<long>(FIONBIO) && static_cast<u_long>(command) != FIONBIO)
		return Fail(WSAEOPNOTSUPP);
	if (argument == nullptr)
		return Fail(WSAEFAULT);
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
	if (!HoldsName(address, &size))
		return Fail(WSAEFAULT);
	std::memcpy(&socket->name, address, sizeof(socket->name));
	if (socket->name.sin_family != AF_INET)
		return Fail(WSAEAFNOSUPPORT);
	if (socket->bound)
		return Fail(WSAEINVAL);
	socket->bound = true;
	return Succeed();
}

int listen(SOCKET s, int)
{
	Object* socket = EnterSocket(Call::Listen, s);
	if (socket == nullptr || StartFails(WSAENOBUFS))
		return SOCKET_ERROR;
	if (!socket->bound)
		return Fail(WSAEINVAL);
	socket->listening = true;
	Net().listener = s;
	Net().environment.Listening(socket->exclusive, socket->name);
	return Succeed();
}

int getsockname(SOCKET s, SOCKADDR* address, int* size)
{
	Object* socket = EnterSocket(Call::GetSockName, s);
	if (socket == nullptr || StartFails(WSAENETDOWN))
		return SOCKET_ERROR;
	if (!HoldsName(address, size))
		return Fail(WSAEFAULT);
	if (!socket->bound)
		return Fail(WSAEINVAL);
	FillName(address, size, socket->name.sin_addr.s_addr, socket->name.sin_port);
	return Succeed();
}

// "WSAENOTCONN: the socket is not connected" [MS], which it is not after a reset; one report says
// that on Windows it works until closesocket().
int getpeername(SOCKET s, SOCKADDR* address, int* size)
{
	Object* socket = EnterConnected(Call::GetPeerName, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (!HoldsName(address, size))
		return Fail(WSAEFAULT);
	const Connection& connection = *socket->connection;
	if (connection.reset && !Net().conditions.nameAfterReset)
		return Fail(WSAENOTCONN);
	FillName(address, size, connection.address, htons(connection.port));
	return Succeed();
}

// -- accept, recv, send, closesocket ------------------------------------------------------------

namespace
{
// The code of an accept() that fails although a connection is there; 0: it does not. A connection
// that the peer has given up is gone, any other stays.
int AcceptCode(const Object& listener, bool asksName)
{
	Network& net = Net();
	Connection& connection = *net.backlog.front();
	const auto accepted = [](const Connection& c) { return c.accepted && !c.closed; };
	if (net.environment.Inject(Fault::NoRoom))
		net.roomFrom = net.now + (net.environment.Choose(2) == 0 ? 50 : 3000);
	const int room = net.conditions.room;
	if (net.now < net.roomFrom ||
		(room > 0 && std::ranges::count_if(net.connections, accepted) >= room))
	{
		net.environment.Refused();
		return connection.peer % 2 == 0 ? WSAEMFILE : WSAENOBUFS;
	}
	if (net.environment.Inject(Fault::AcceptFails))
	{
		if (listener.nonblocking && net.environment.Choose(2) == 0)
			return WSAEWOULDBLOCK;
		net.Drop(connection);
		return WSAECONNRESET;
	}
	// Row g. Wine fails because it wants the peer's name; without an address it succeeds [T].
	if (!connection.reset || (net.IsWindows() ? net.environment.Choose(2) != 0 : !asksName))
		return 0;
	net.Drop(connection);
	return net.IsWindows() ? WSAECONNRESET : WSAENOTCONN;
}

} // namespace

SOCKET accept(SOCKET s, SOCKADDR* address, int* size)
{
	Network& net = Net();
	Object* listener = EnterSocket(Call::Accept, s);
	if (listener == nullptr)
		return INVALID_SOCKET;
	if (!listener->listening || (address != nullptr && !HoldsName(address, size)))
	{
		Fail(listener->listening ? WSAEFAULT : WSAEINVAL);
		return INVALID_SOCKET;
	}
	while (net.backlog.empty() && !listener->nonblocking)
		net.environment.Wait({ Call::Accept, WSA_INFINITE, { s } });
	net.arguments = net.Name(s);
	calling = Call::Accept;
	if (!net.backlog.empty() && FailsForGood(Fault::ListenerFails, WSAENETDOWN))
		return INVALID_SOCKET;

	const int code =
		net.backlog.empty() ? WSAEWOULDBLOCK : AcceptCode(*listener, address != nullptr);
	// "Any call to the reenabling routine, even one that fails, results in reenabling" [MS
	// WSAAsyncSelect]: if more connections wait, FD_ACCEPT comes again.
	listener->enabled |= FD_ACCEPT;
	if (code != 0)
	{
		net.Notify(*listener);
		Fail(code);
		return INVALID_SOCKET;
	}

	Connection& connection = *net.backlog.front();
	net.backlog.pop_front();
	const SOCKET handle = net.NewHandle(Object::Kind::Socket);
	Object& socket = *net.Find(handle, Object::Kind::Socket);
	connection.handle = handle;
	connection.accepted = true;
	// "The same properties as socket s, including the asynchronous events registered" [MS accept],
	// and so the non-blocking mode [WS accept_socket, T].
	socket.connection = &connection;
	socket.nonblocking = listener->nonblocking;
	socket.resets = listener->resets;
	socket.mask = listener->mask;
	socket.event = listener->event;
	socket.window = listener->window;
	socket.message = listener->message;
	socket.enabled = kConnectionEvents;

	if (address != nullptr)
		FillName(address, size, connection.address, htons(connection.port));
	Succeed(0, net.Name(handle));
	net.Notify(*listener);
	net.Notify(socket);
	net.environment.Accepted(connection);
	return handle;
}

namespace
{
int TryRecv(Object& socket, char* buffer, int size)
{
	Network& net = Net();
	Connection& connection = *socket.connection;
	if (connection.broken != 0)
		return Fail(connection.broken, &connection);
	if (connection.reset && net.IsWindows()) // row c
		return Fail(WSAECONNRESET, &connection);
	if (connection.unread.empty())
		return connection.fin || connection.reset ? Succeed(0, "0")
												  : Fail(WSAEWOULDBLOCK, &connection);

	// WSAEWOULDBLOCK although data is there is allowed to a call that is re-enabled by it: the
	// event comes again. Once the peer's end has come the event for it may have been used up, and
	// nothing would come: no rule lets that happen.
	if (socket.nonblocking && !(socket.mask != 0 && connection.fin) &&
		net.environment.Inject(Fault::RecvWouldBlock))
		return Fail(WSAEWOULDBLOCK, &connection);
	if (net.environment.Inject(Fault::RecvFails))
		return Fail(Break(connection), &connection);

	int taken = std::min(size, static_cast<int>(connection.unread.size()));
	if (taken > 1 && net.environment.Inject(Fault::ShortRecv))
		taken = 1 + net.environment.Choose(taken - 1);
	std::memcpy(buffer, connection.unread.data(), static_cast<std::size_t>(taken));
	connection.unread.erase(0, static_cast<std::size_t>(taken));
	Succeed(taken, std::to_string(taken));
	net.environment.Received(connection, buffer, taken);
	return taken;
}

int TrySend(Object& socket, const char* data, int size)
{
	Network& net = Net();
	Connection& connection = *socket.connection;
	net.environment.Sending(connection, data, size);
	if (connection.broken != 0)
		return Fail(connection.broken, &connection);
	if (connection.reset)
		return Fail(net.environment.Choose(2) == 0 ? WSAECONNRESET : WSAECONNABORTED, &connection);
	if (size == 0)
		return Succeed(0, "0");
	if (net.environment.Inject(Fault::SendFails))
		return Fail(Break(connection), &connection);

	const int waiting = static_cast<int>(connection.unsent.size());
	if (waiting >= net.conditions.sendBuffer ||
		(socket.nonblocking && net.environment.Inject(Fault::SendWouldBlock)))
		return Fail(WSAEWOULDBLOCK, &connection);
	// Row d. Windows takes the whole buffer while the quota is not used up.
	int taken = net.IsWindows() ? size : std::min(size, net.conditions.sendBuffer - waiting);
	// "between 1 and the requested length" [MS send].
	if (taken > 1 && net.environment.Inject(Fault::PartialSend))
		taken = 1 + net.environment.Choose(taken - 1);
	connection.unsent.append(data, static_cast<std::size_t>(taken));
	Succeed(taken, std::to_string(taken));
	net.environment.Sent(connection, taken);
	return taken;
}

} // namespace

int recv(SOCKET s, char* buffer, int size, int flags)
{
	Network& net = Net();
	Object* socket = EnterConnected(Call::Recv, s, ", " + std::to_string(size));
	if (socket == nullptr)
		return SOCKET_ERROR;
	Connection& connection = *socket->connection;
	if (buffer == nullptr || size <= 0 || flags != 0) // "len was zero or negative" [MS recv]
		return Fail(buffer == nullptr ? WSAEFAULT : flags != 0 ? WSAEOPNOTSUPP : WSAEINVAL);

	if (!socket->nonblocking && !net.ReadReady(*socket))
	{
		while (!net.ReadReady(*socket))
		{
			if (!net.environment.Wait({ Call::Recv, socket->receiveLimit, { s } }))
				return Fail(WSAETIMEDOUT, &connection);
		}
		// Row c: a recv() that is waiting when the reset comes gets the error on Wine, too.
		if (connection.reset && connection.unread.empty() && connection.broken == 0)
			connection.broken = WSAECONNRESET;
	}
	const int result = TryRecv(*socket, buffer, size);
	const int code = net.lastError;
	// FD_READ is enabled again, and comes if there is more to read [MS WSAAsyncSelect]. With Wine's
	// FD_CLOSE this is the moment when its turn comes (row a).
	socket->enabled |= FD_READ;
	net.Notify(*socket);
	net.lastError = code;
	return result;
}

int send(SOCKET s, const char* data, int size, int flags)
{
	Network& net = Net();
	Object* socket = EnterConnected(Call::Send, s, ", " + std::to_string(size));
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (socket->connection->shut)
		return Fail(WSAESHUTDOWN, socket->connection);
	if (data == nullptr || size < 0 || flags != 0)
		return Fail(flags != 0 ? WSAEOPNOTSUPP : WSAEFAULT, socket->connection);

	while (!socket->nonblocking && !net.WriteReady(*socket) && !socket->connection->reset)
		net.environment.Wait({ Call::Send, WSA_INFINITE, { s } });
	const int result = TrySend(*socket, data, size);
	const int code = net.lastError;
	// FD_WRITE is enabled again by a send() that fails with WSAEWOULDBLOCK, and by no other, not
	// even by a partial one [MS WSAAsyncSelect; WT test_write_events; T].
	if (code == WSAEWOULDBLOCK)
	{
		socket->enabled |= FD_WRITE;
		net.Notify(*socket);
	}
	net.lastError = code;
	return result;
}

// One way only: nothing more is sent, and the peer sees the end [MS].
int shutdown(SOCKET s, int how)
{
	Object* socket = EnterConnected(Call::Shutdown, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (how < SD_RECEIVE || how > SD_BOTH)
		return Fail(WSAEINVAL);
	socket->connection->shut |= how != SD_RECEIVE;
	return Succeed();
}

// Nothing is left of the socket's events but the messages that are already posted [MS
// WSAAsyncSelect], and the event object, which has a handle of its own [MS closesocket].
int closesocket(SOCKET s)
{
	Object* socket = EnterSocket(Call::CloseSocket, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	Tell("");
	if (Connection* connection = socket->connection)
	{
		Net().environment.Closing(*connection);
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

int select(int, fd_set* readable, fd_set* writable, fd_set* except, const timeval* timeout)
{
	Network& net = Net();
	Enter(Call::Select);
	fd_set* const sets[] = { readable, writable, except };
	Waiting waiting = { Call::Select, WSA_INFINITE };
	for (fd_set* set : sets)
	{
		for (u_int i = 0; set != nullptr && i < set->fd_count; i++)
		{
			const SOCKET s = set->fd_array[i];
			waiting.sockets.push_back(s);
			if (net.Find(s, Object::Kind::Socket) != nullptr)
				continue;
			// One bad handle fails the whole call, the sets stay as they are [WT].
			net.environment.BadHandle("select", s);
			return Fail(WSAENOTSOCK);
		}
	}
	// All sets NULL or empty [MS, WT].
	if (waiting.sockets.empty() ||
		(timeout != nullptr && (timeout->tv_sec < 0 || timeout->tv_usec < 0)))
		return Fail(WSAEINVAL);
	if (!net.started)
		return Fail(WSANOTINITIALISED);
	if (FailsForGood(Fault::WaitFails, WSAENOBUFS))
		return SOCKET_ERROR;
	if (timeout != nullptr)
		waiting.limit =
			static_cast<DWORD>(timeout->tv_sec * 1000 + (timeout->tv_usec + 999) / 1000);

	const char* const names[] = { "read: ", "write: ", "except: " };
	for (int which = 0; which < 3 && net.environment.tracing; which++)
	{
		for (u_int i = 0; sets[which] != nullptr && i < sets[which]->fd_count; i++)
			net.arguments += (net.arguments.empty() ? "" : ", ") +
				std::string(i == 0 ? names[which] : "") + net.Name(sets[which]->fd_array[i]);
	}

	fd_set ready[3];
	std::string text;
	int total = 0;
	for (;;)
	{
		// "accept() after select() may find nothing", and so may recv() [MS].
		int wrong = net.environment.Inject(Fault::SpuriousReady)
			? net.environment.Choose(static_cast<int>(waiting.sockets.size()))
			: -1;
		for (int which = 0; which < 3; which++)
		{
			ready[which].fd_count = 0;
			for (u_int i = 0; sets[which] != nullptr && i < sets[which]->fd_count; i++)
			{
				const SOCKET s = sets[which]->fd_array[i];
				const Object& socket = *net.Find(s, Object::Kind::Socket);
				if (!(which == 0 ? net.ReadReady(socket) : which == 1 && net.WriteReady(socket)) &&
					wrong-- != 0)
					continue;
				ready[which].fd_array[ready[which].fd_count++] = s;
				total++;
				if (net.environment.tracing)
					text += (text.empty() ? "" : ", ") + net.Name(s) +
						(which == 0 ? " readable" : " writable");
			}
		}
		if (total > 0 || waiting.limit == 0 || !net.environment.Wait(waiting))
			break;
	}
	for (int which = 0; which < 3; which++)
	{
		if (sets[which] != nullptr)
			*sets[which] = ready[which];
	}
	calling = Call::Select;
	return Succeed(total, total == 0 ? "nothing" : text);
}

// -- Events -------------------------------------------------------------------------------------

// A manual-reset event, not signalled [MS].
WSAEVENT WSACreateEvent()
{
	Enter(Call::CreateEvent);
	if (StartFails(WSA_NOT_ENOUGH_MEMORY))
		return WSA_INVALID_EVENT;
	if (Net().environment.Inject(Fault::CreateEventFails))
	{
		Fail(WSA_NOT_ENOUGH_MEMORY);
		Net().environment.Lasting(Fault::CreateEventFails);
		return WSA_INVALID_EVENT;
	}
	Succeed();
	return reinterpret_cast<WSAEVENT>(Net().NewHandle(Object::Kind::Event));
}

BOOL WSACloseEvent(WSAEVENT event)
{
	Enter(Call::CloseEvent, Net().EventName(event));
	if (FindEvent(event) == nullptr)
		return Fail(WSA_INVALID_HANDLE) == 0;
	Net().FreeHandle(reinterpret_cast<std::uintptr_t>(event));
	return Succeed(TRUE);
}

namespace
{
BOOL SetSignalled(Call call, WSAEVENT event, bool signalled)
{
	Enter(call, Net().EventName(event));
	Object* object = FindEvent(event);
	if (object == nullptr)
		return Fail(WSA_INVALID_HANDLE) == 0;
	object->signalled = signalled;
	return Succeed(TRUE);
}

// Whether a selection goes well: a failure at the start, or for one client.
bool MaySelect(const Object& socket)
{
	if (socket.connection == nullptr)
		return !StartFails(WSAENETDOWN);
	if (!Net().environment.Inject(Fault::SelectionFails))
		return true;
	Fail(WSAENETDOWN, socket.connection);
	return false;
}

} // namespace

BOOL WSASetEvent(WSAEVENT event)
{
	return SetSignalled(Call::SetEvent, event, true);
}

BOOL WSAResetEvent(WSAEVENT event)
{
	return SetSignalled(Call::ResetEvent, event, false);
}

// Sets the socket non-blocking, replaces an earlier selection, clears the record; what nobody has
// enumerated yet is signalled to the new event, so nothing is lost [MS WSAEventSelect, T]. What was
// enumerated does not come again [WT].
int WSAEventSelect(SOCKET s, WSAEVENT event, long mask)
{
	Object* socket = EnterSocket(Call::EventSelect, s, ", " + EventNames(mask));
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (mask != 0 && FindEvent(event) == nullptr)
		return Fail(WSAEINVAL);
	if (!MaySelect(*socket))
		return SOCKET_ERROR;
	Connection* connection = socket->connection;
	for (const Object& other : Net().objects)
	{
		if (other.kind == Object::Kind::Socket && &other != socket && other.event == event &&
			event != nullptr && connection != nullptr)
			Net().environment.SharedEvent(*connection);
	}
	socket->window = nullptr;
	socket->mask = mask;
	socket->event = mask != 0 ? event : nullptr;
	socket->enabled |= socket->record | (connection == nullptr ? FD_ACCEPT : 0);
	socket->record = 0;
	socket->nonblocking = true;
	if (connection != nullptr)
		connection->registered = true;
	Succeed();
	Net().Notify(*socket);
	return 0;
}

// "Copy, clear and reset are atomic"; on failure nothing is cleared; iErrorCode[] is written only
// for the events that are reported [MS].
int WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, WSANETWORKEVENTS* record)
{
	Network& net = Net();
	Object* socket = EnterSocket(Call::EnumNetworkEvents, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	Object* object = event != nullptr ? FindEvent(event) : nullptr;
	if ((event != nullptr && object == nullptr) || record == nullptr)
		return Fail(record == nullptr ? WSAEFAULT : WSAEINVAL);
	if (socket->connection != nullptr && net.environment.Inject(Fault::EnumFails))
		return Fail(WSAENETDOWN, socket->connection);
	if (socket->connection == nullptr && FailsForGood(Fault::WaitFails, WSAENETDOWN))
		return SOCKET_ERROR;

	Succeed(0, EventNames(socket->record));
	record->lNetworkEvents = socket->record;
	for (int bit = 0; bit < FD_MAX_EVENTS; bit++)
	{
		if ((socket->record & 1 << bit) == 0)
			continue;
		record->iErrorCode[bit] = socket->errors[bit];
		if (socket->errors[bit] != 0)
			net.environment.Failed(socket->errors[bit], socket->connection);
	}
	socket->record = 0;
	if (object != nullptr)
		object->signalled = false;
	return 0;
}

// The lowest signalled index; 1 to 64 events [MS].
DWORD WSAWaitForMultipleEvents(DWORD count, const WSAEVENT* events, BOOL all, DWORD timeout, BOOL)
{
	Network& net = Net();
	Enter(Call::WaitForMultipleEvents);
	const auto fails = [](int code) {
		Fail(code);
		return WSA_WAIT_FAILED;
	};
	if (count == 0 || count > static_cast<DWORD>(WSA_MAXIMUM_WAIT_EVENTS))
		return fails(WSA_INVALID_PARAMETER);
	std::vector<Object*> objects(count);
	for (DWORD i = 0; i < count; i++)
	{
		objects[i] = FindEvent(events[i]);
		if (objects[i] == nullptr)
			return fails(WSA_INVALID_HANDLE);
		if (net.environment.tracing)
			net.arguments += (i == 0 ? "" : ", ") + net.EventName(events[i]);
	}
	if (timeout != WSA_INFINITE)
		net.arguments += ", time-out " + std::to_string(timeout);
	if (FailsForGood(Fault::WaitFails, WSA_NOT_ENOUGH_MEMORY))
		return WSA_WAIT_FAILED;

	for (;;)
	{
		// An event that is signalled although nothing is recorded: after accept() has inherited the
		// listening socket's event, or when Wine resets the event before it reads the record.
		if (net.environment.Inject(Fault::SpuriousReady))
			objects[static_cast<std::size_t>(net.environment.Choose(static_cast<int>(count)))]
				->signalled = true;
		const auto signalled = [](const Object* object) { return object->signalled; };
		const auto first = std::ranges::find_if(objects, signalled);
		if (all ? std::ranges::all_of(objects, signalled) : first != objects.end())
		{
			const auto index = static_cast<DWORD>(first - objects.begin());
			Succeed(0, net.EventName(events[index]));
			return WSA_WAIT_EVENT_0 + index;
		}
		Waiting waiting = { Call::WaitForMultipleEvents, timeout };
		for (DWORD i = 0; i < net.objects.size(); i++)
		{
			const Object& socket = net.objects[i];
			if (socket.kind == Object::Kind::Socket &&
				std::find(events, events + count, socket.event) != events + count)
				waiting.sockets.push_back(
					socket.connection == nullptr ? net.listener : socket.connection->handle);
		}
		if (timeout == 0 || !net.environment.Wait(waiting))
		{
			Succeed(0, "time-out");
			return WSA_WAIT_TIMEOUT;
		}
		calling = Call::WaitForMultipleEvents;
	}
}

// -- Messages -----------------------------------------------------------------------------------

// Sets the socket non-blocking, replaces an earlier selection, and posts what holds now
// [MS WSAAsyncSelect; WT, T].
int WSAAsyncSelect(SOCKET s, HWND window, UINT message, long mask)
{
	Object* socket = EnterSocket(Call::AsyncSelect, s, ", " + EventNames(mask));
	if (socket == nullptr)
		return SOCKET_ERROR;
	if ((window != kWindow || !Net().window) && Net().IsWindows()) // row f
		return Fail(WSAEINVAL);
	if (!MaySelect(*socket))
		return SOCKET_ERROR;
	socket->event = nullptr;
	socket->window = window;
	socket->message = message;
	socket->mask = mask;
	socket->enabled = kConnectionEvents | FD_ACCEPT;
	socket->nonblocking = true;
	if (socket->connection != nullptr)
		socket->connection->registered = true;
	Succeed();
	Net().Notify(*socket);
	return 0;
}

WORD RegisterClassW(const WNDCLASSW* windowClass)
{
	Enter(Call::RegisterClass);
	if (StartFails(WSA_NOT_ENOUGH_MEMORY))
		return 0;
	if (windowClass->lpfnWndProc == nullptr || windowClass->lpszClassName == nullptr)
		return static_cast<WORD>(Fail(WSA_INVALID_PARAMETER) == 0);
	Net().procedure = windowClass->lpfnWndProc;
	Net().windowClass = windowClass->lpszClassName;
	return static_cast<WORD>(Succeed(1));
}

// WM_NCCREATE wants TRUE, and WM_CREATE not -1, else there is no window [MS].
HWND CreateWindowW(const WCHAR* windowClass, const WCHAR*, DWORD, int, int, int, int, HWND, HMENU,
	HINSTANCE, void*)
{
	Network& net = Net();
	Enter(Call::CreateWindow);
	if (StartFails(WSA_NOT_ENOUGH_MEMORY))
		return nullptr;
	if (windowClass == nullptr || net.procedure == nullptr || net.windowClass != windowClass)
	{
		Fail(ERROR_CANNOT_FIND_WND_CLASS);
		return nullptr;
	}
	net.window = net.procedure(kWindow, WM_NCCREATE, 0, 0) != 0 &&
		net.procedure(kWindow, WM_CREATE, 0, 0) != -1;
	Succeed();
	return net.window ? kWindow : nullptr;
}

BOOL ShowWindow(HWND window, int)
{
	Net().unpainted = window == kWindow;
	return FALSE;
}

BOOL UpdateWindow(HWND window)
{
	if (window == kWindow && Net().unpainted)
		Net().procedure(window, WM_PAINT, 0, 0);
	return TRUE;
}

LRESULT DefWindowProcW(HWND window, UINT message, WPARAM, LPARAM)
{
	Network& net = Net();
	if (message == WM_PAINT)
		net.unpainted = false;
	if (message == WM_CLOSE && net.window)
	{
		net.window = false;
		return net.procedure(window, WM_DESTROY, 0, 0);
	}
	return message == WM_NCCREATE ? TRUE : 0;
}

namespace
{
std::string Describe(const Message& taken)
{
	const MSG& message = taken.message;
	if (message.message == WM_CLOSE || message.message == WM_PAINT || message.message == WM_TIMER)
		return message.message == WM_CLOSE ? "WM_CLOSE"
			: message.message == WM_PAINT  ? "WM_PAINT"
										   : "WM_TIMER";
	const int code = WSAGETSELECTERROR(message.lParam);
	const std::string name = Net().Name(message.wParam);
	const std::string was =
		taken.about != nullptr ? "peer " + std::to_string(taken.about->peer) : name;
	return EventNames(WSAGETSELECTEVENT(message.lParam)) + " of " + was +
		(code != 0 ? " with " + ErrorName(code) : "") +
		(was != name ? ", which has gone; the handle is now " + name : "");
}

// The first message for the window (null: for any) within the range (0, 0: any).
bool TakeMessage(HWND window, UINT least, UINT most)
{
	Network& net = Net();
	const auto wanted = [&](const Message& message) {
		const UINT number = message.message.message;
		return (window == nullptr || message.message.hwnd == window) &&
			((least == 0 && most == 0) || (number >= least && number <= most));
	};
	if (!net.late.empty() &&
		(std::ranges::none_of(net.queue, wanted) || net.environment.Choose(2) == 0))
	{
		net.queue.insert(net.queue.end(), net.late.begin(), net.late.end());
		net.late.clear();
	}
	const auto found = std::ranges::find_if(net.queue, wanted);
	if (found != net.queue.end())
	{
		net.taken = *found;
		net.queue.erase(found);
		return true;
	}
	if (net.quit)
		return false;
	// Made when nothing else is there [MS GetMessage].
	net.taken = Message{ MSG{ kWindow, WM_PAINT, 0, 0 } };
	if (net.unpainted && net.window && wanted(net.taken))
		return true;
	for (Timer& timer : net.timers)
	{
		net.taken = Message{ MSG{ kWindow, WM_TIMER, timer.id, 0 } };
		if (timer.due > net.now || !wanted(net.taken))
			continue;
		timer.due = net.now + timer.period;
		return true;
	}
	return false;
}

} // namespace

// -1 is an error, 0 the end after PostQuitMessage() when no message is left [MS].
BOOL GetMessageW(MSG* message, HWND window, UINT least, UINT most)
{
	Network& net = Net();
	Enter(Call::GetMessage);
	if (FailsForGood(Fault::WaitFails, ERROR_INVALID_WINDOW_HANDLE))
		return -1;
	if (message == nullptr || (window != nullptr && (window != kWindow || !net.window)))
		return Fail(ERROR_INVALID_WINDOW_HANDLE);
	// An FD_READ without data: "it is normal", after several recv() for one FD_READ [MS
	// WSAAsyncSelect].
	if (!net.queue.empty() && net.environment.Inject(Fault::SpuriousReady))
	{
		Object& socket = net.objects[static_cast<std::size_t>(
			net.environment.Choose(static_cast<int>(net.objects.size())))];
		if (socket.kind == Object::Kind::Socket && (socket.mask & FD_READ) != 0 &&
			socket.window != nullptr && socket.connection != nullptr)
			net.Signal(socket, FD_READ_BIT, 0, true);
	}
	while (!TakeMessage(window, least, most))
	{
		if (net.quit)
		{
			*message = MSG{ nullptr, WM_QUIT, static_cast<WPARAM>(net.quitCode), 0 };
			return Succeed(FALSE, "WM_QUIT");
		}
		Waiting waiting = { Call::GetMessage, WSA_INFINITE, {}, true };
		for (const Timer& timer : net.timers)
			waiting.limit = std::min(waiting.limit, static_cast<DWORD>(timer.due - net.now));
		net.environment.Wait(waiting);
		calling = Call::GetMessage;
	}
	*message = net.taken.message;
	return Succeed(TRUE, net.environment.tracing ? Describe(net.taken) : "");
}

BOOL TranslateMessage(const MSG*)
{
	return FALSE;
}

LRESULT DispatchMessageW(const MSG* message)
{
	Network& net = Net();
	Enter(Call::DispatchMessage);
	const Message taken = net.taken;
	Object* socket = net.Find(message->wParam, Object::Kind::Socket);
	Connection* connection = socket != nullptr ? socket->connection : nullptr;
	const bool stale = taken.about != nullptr && taken.about != connection;
	if (message->message >= WM_USER)
	{
		const int code = WSAGETSELECTERROR(message->lParam);
		if (code != 0)
			net.environment.Failed(code, stale ? nullptr : connection);
		if (connection != nullptr && (stale || taken.spurious))
			net.environment.Extra(*connection);
	}
	if (message->hwnd != kWindow || !net.window)
		return 0;
	return net.procedure(message->hwnd, message->message, message->wParam, message->lParam);
}

// Without a window it is the thread's, and no procedure gets it [MS].
BOOL PostMessageW(HWND window, UINT message, WPARAM wParam, LPARAM lParam)
{
	Network& net = Net();
	const Message posted = { MSG{ window, message, wParam, lParam } };
	Enter(Call::PostMessage, net.environment.tracing ? Describe(posted) : "");
	Object* socket = net.Find(wParam, Object::Kind::Socket);
	const bool wrong = window != nullptr && (window != kWindow || !net.window);
	if (wrong || net.environment.Inject(Fault::PostFails)) // a queue holds 10,000 [MS]
	{
		Fail(wrong ? ERROR_INVALID_WINDOW_HANDLE : ERROR_NOT_ENOUGH_QUOTA,
			socket != nullptr ? socket->connection : nullptr);
		return FALSE;
	}
	net.queue.push_back(posted);
	return Succeed(TRUE);
}

void PostQuitMessage(int code)
{
	Net().quit = true;
	Net().quitCode = code;
}

UINT_PTR SetTimer(HWND window, UINT_PTR id, UINT period, void*)
{
	Enter(Call::SetTimer, std::to_string(period));
	if (window != kWindow || !Net().window)
		return static_cast<UINT_PTR>(Fail(ERROR_INVALID_WINDOW_HANDLE) == 0);
	std::erase_if(Net().timers, [id](const Timer& timer) { return timer.id == id; });
	const DWORD shortest = 10; // USER_TIMER_MINIMUM
	Net().timers.push_back(
		{ id, std::max(period, shortest), Net().now + std::max(period, shortest) });
	return static_cast<UINT_PTR>(Succeed(TRUE));
}

BOOL KillTimer(HWND, UINT_PTR id)
{
	return std::erase_if(Net().timers, [id](const Timer& timer) { return timer.id == id; }) != 0;
}

void Sleep(DWORD milliseconds)
{
	Enter(Call::Sleep, std::to_string(milliseconds));
	Tell("");
	while (Net().environment.Wait({ Call::Sleep, milliseconds }))
		continue;
	Net().lastError = 0;
}

// -- Texts --------------------------------------------------------------------------------------

int inet_pton(int family, const char* text, void* address)
{
	if (family != AF_INET)
		return Fail(WSAEAFNOSUPPORT);
	unsigned char bytes[4];
	for (int i = 0; i < 4; i++)
	{
		char* end = nullptr;
		const unsigned long number = std::strtoul(text, &end, 10);
		if (end == text || number > 255 || *end != (i < 3 ? '.' : '\0'))
			return 0;
		bytes[i] = static_cast<unsigned char>(number);
		text = end + 1;
	}
	std::memcpy(address, bytes, sizeof(bytes));
	return 1;
}

// "A buffer at least 16 characters in length" [MS].
const char* inet_ntop(int family, const void* address, char* text, size_t size)
{
	if (family != AF_INET || size < 16)
		return nullptr;
	unsigned char bytes[4];
	std::memcpy(bytes, address, sizeof(bytes));
	std::snprintf(text, size, "%d.%d.%d.%d", bytes[0], bytes[1], bytes[2], bytes[3]);
	return text;
}

int InetPtonW(int family, const WCHAR* text, void* address)
{
	return inet_pton(family, std::string(text, text + std::wcslen(text)).c_str(), address);
}

const WCHAR* InetNtopW(int family, const void* address, WCHAR* text, size_t size)
{
	char narrow[16];
	if (size < sizeof(narrow) || inet_ntop(family, address, narrow, sizeof(narrow)) == nullptr)
		return nullptr;
	std::copy_n(narrow, std::strlen(narrow) + 1, text);
	return text;
}

// A Korean system's text, which cannot be printed as wide characters. It ends with a space if the
// width is masked, else with a line break [MS].
DWORD FormatMessageW(DWORD flags, const void*, DWORD, DWORD, WCHAR* text, DWORD size, void*)
{
	const bool masked = (flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) == FORMAT_MESSAGE_MAX_WIDTH_MASK;
	const std::wstring message = masked ? L"\xC624\xB958. " : L"\xC624\xB958.\r\n";
	if (size <= message.size())
		return 0;
	std::copy_n(message.c_str(), message.size() + 1, text);
	return static_cast<DWORD>(message.size());
}

// To UTF-8, of characters below 0x10000. The size of a result that ends with a NUL.
int WideCharToMultiByte(UINT, DWORD, const WCHAR* wide, int count, char* text, int size,
	const char*, BOOL*)
{
	const std::size_t length = count < 0 ? std::wcslen(wide) + 1 : static_cast<std::size_t>(count);
	std::string bytes;
	for (std::size_t i = 0; i < length; i++)
	{
		const unsigned code = static_cast<unsigned>(wide[i]);
		if (code < 0x80)
			bytes += static_cast<char>(code);
		else
			bytes += { static_cast<char>(0xE0 | code >> 12),
				static_cast<char>(0x80 | (code >> 6 & 0x3F)),
				static_cast<char>(0x80 | (code & 0x3F)) };
	}
	if (size > 0 && static_cast<std::size_t>(size) < bytes.size())
		return 0;
	if (size > 0)
		std::copy_n(bytes.data(), bytes.size(), text);
	return static_cast<int>(bytes.size());
}

// -- The console and the C library --------------------------------------------------------------

// Which of the two a stream is, is all there is to know of it. Both are files, not a console.
struct Stream
{
	bool error;
};

namespace
{
Stream streams[2] = { { false }, { true } };

// It is seen when it is flushed, unless setvbuf() has said _IONBF.
int Write(Stream* stream, const std::string& text)
{
	Net().lastError = 0; // as any call in between may
	Net().environment.Written(stream->error, text.data(), text.size());
	if (!stream->error && !Net().buffered)
		Net().environment.Flushed();
	return static_cast<int>(text.size());
}

int Print(Stream* stream, const char* format, va_list list)
{
	char text[4096];
	std::vsnprintf(text, sizeof(text), format, list);
	return Write(stream, text);
}

// In the "C" locale a character outside ASCII ends the output. "%s" takes bytes, as the standard
// and MinGW have it; MSVC does not.
int Print(Stream* stream, const WCHAR* format, va_list list)
{
	WCHAR wide[4096];
	const int size = std::vswprintf(wide, 4096, format, list);
	std::string text;
	for (int i = 0; i < size && wide[i] < 0x80; i++)
		text += static_cast<char>(wide[i]);
	Write(stream, text);
	return static_cast<int>(text.size()) == size ? size : -1;
}

} // namespace

Stream* const out = &streams[0];
Stream* const error = &streams[1];

int printf(const char* format, ...)
{
	va_list list;
	va_start(list, format);
	const int size = Print(out, format, list);
	va_end(list);
	return size;
}

int fprintf(Stream* stream, const char* format, ...)
{
	va_list list;
	va_start(list, format);
	const int size = Print(stream, format, list);
	va_end(list);
	return size;
}

int wprintf(const WCHAR* format, ...)
{
	va_list list;
	va_start(list, format);
	const int size = Print(out, format, list);
	va_end(list);
	return size;
}

int fwprintf(Stream* stream, const WCHAR* format, ...)
{
	va_list list;
	va_start(list, format);
	const int size = Print(stream, format, list);
	va_end(list);
	return size;
}

size_t fwrite(const void* data, size_t size, size_t count, Stream* stream)
{
	Write(stream, std::string(static_cast<const char*>(data), size * count));
	return count;
}

int fputs(const char* text, Stream* stream)
{
	return Write(stream, text);
}

int fputc(int byte, Stream* stream)
{
	Write(stream, std::string(1, static_cast<char>(byte)));
	return byte;
}

int putc(int byte, Stream* stream)
{
	return fputc(byte, stream);
}

int putchar(int byte)
{
	return fputc(byte, out);
}

int puts(const char* text)
{
	return Write(out, std::string(text) + "\n");
}

int fflush(Stream* stream)
{
	Net().lastError = 0;
	if (stream == nullptr || !stream->error)
		Net().environment.Flushed();
	return 0;
}

int setvbuf(Stream* stream, char*, int mode, size_t)
{
	if (!stream->error)
		Net().buffered = mode != _IONBF;
	return 0;
}

int _fileno(Stream* stream)
{
	return stream->error ? 2 : 1;
}

int _isatty(int)
{
	return 0;
}

HANDLE GetStdHandle(DWORD which)
{
	return &streams[which == STD_ERROR_HANDLE ? 1 : 0];
}

BOOL GetConsoleMode(HANDLE, DWORD*)
{
	return FALSE;
}

DWORD GetFileType(HANDLE)
{
	return FILE_TYPE_DISK;
}

BOOL SetConsoleOutputCP(UINT)
{
	return FALSE;
}

HICON LoadIconA(HINSTANCE, const char*)
{
	return nullptr;
}

HICON LoadIconW(HINSTANCE, const WCHAR*)
{
	return nullptr;
}

HCURSOR LoadCursorA(HINSTANCE, const char*)
{
	return nullptr;
}

HCURSOR LoadCursorW(HINSTANCE, const WCHAR*)
{
	return nullptr;
}

void exit(int code)
{
	throw Exit{ code };
}

void ExitProcess(UINT code)
{
	throw Exit{ static_cast<int>(code) };
}

// -- Memory -------------------------------------------------------------------------------------

Heap heap;

namespace
{
bool RefusesMemory()
{
	Environment& environment = Net().environment;
	Enter(Call::New);
	Net().lastError = 0;
	if (environment.Inject(Fault::StartFails))
	{
		environment.Lasting(Fault::MemoryFails);
		return true;
	}
	if (!environment.Inject(Fault::MemoryFails))
		return false;
	Tell("no memory");
	environment.Lasting(Fault::MemoryFails);
	return true;
}

} // namespace

// What a plain new expression gives is not known yet, and can be refused.
void* Heap::Take(void* memory)
{
	if (memory == nullptr || !Net().memory.insert(memory).second || !RefusesMemory())
		return memory;
	Net().memory.erase(memory);
	::operator delete(memory);
	throw std::bad_alloc();
}

bool Heap::Release(void* memory)
{
	Net().lastError = 0;
	if (memory == nullptr)
		return false;
	if (Net().memory.erase(memory) != 0)
		return true;
	Net().environment.BadHandle("delete", reinterpret_cast<std::uintptr_t>(memory));
	return false;
}

} // namespace sim::winsock

void* operator new(size_t size, const sim::winsock::NoThrow&) noexcept
{
	if (sim::winsock::RefusesMemory())
		return nullptr;
	void* const memory = ::operator new(size);
	sim::Net().memory.insert(memory);
	return memory;
}

void operator delete(void* memory, const sim::winsock::NoThrow&) noexcept
{
	::operator delete(memory);
}
