// The server's side of the network: the functions of sim_winsock.h. [MS] is Microsoft's page of the
// function, [WT] what Wine's tests say of Windows, [WS] Wine's source, [T] measured with Wine 8.0.
#include "model.h"
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
			std::string(Name(calling)) + "(" + Net().arguments + ")" +
				(result.empty() ? "" : " -> " + result));
}

// "WSAGetLastError is per thread ... successful calls may reset it to 0" [MS].
int Succeed(int result = 0, const std::string& text = "")
{
	Tell(text);
	Net().lastError = 0;
	return result;
}

template <typename Result = int>
Result Fail(int code, Connection* connection = nullptr, Result result = SOCKET_ERROR)
{
	Tell(ErrorName(code));
	Net().environment.Failed(code, connection);
	Net().lastError = code;
	return result;
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
	if (socket != nullptr)
		return socket;
	Net().environment.BadHandle(Name(call), s);
	return Fail<Object*>(WSAENOTSOCK, nullptr, nullptr);
}

Object* EnterConnected(Call call, SOCKET s, const std::string& more = "")
{
	Object* socket = EnterSocket(call, s, more);
	if (socket == nullptr || socket->connection != nullptr)
		return socket;
	return Fail<Object*>(WSAENOTCONN, nullptr, nullptr);
}

Object* FindEvent(WSAEVENT event)
{
	const std::uintptr_t handle = reinterpret_cast<std::uintptr_t>(event);
	Object* object = Net().Find(handle, Object::Kind::Event);
	if (object == nullptr)
		Net().environment.BadHandle(Name(calling), handle);
	return object;
}

// Whether a fault makes the call fail.
bool Fails(Fault fault, int code, Connection* connection = nullptr)
{
	if (!Net().environment.Inject(fault))
		return false;
	Fail(code, connection);
	Net().environment.Lasting(fault);
	return true;
}

bool StartFails(int code)
{
	return Fails(Fault::StartFails, code);
}

// One of the codes of a connection that is lost. Every further call gives the same.
int Break(Connection& connection)
{
	const int codes[] = { WSAECONNRESET, WSAECONNABORTED, WSAENETDOWN, WSAENOBUFS };
	return connection.broken = Net().environment.ChooseFrom(codes);
}

void FillName(SOCKADDR* address, int* size, const Connection& connection)
{
	const auto number = static_cast<std::uint32_t>(connection.peer);
	*address = { AF_INET, htons(static_cast<u_short>(40000 + number)),
		{ 127U | 1U << 16 | number << 24 }, {} };
	*size = kNameSize;
}

} // namespace

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
	Net().environment.Listening(socket->exclusive, socket->name);
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
	if (net.environment.Inject(Fault::NoRoom))
		net.roomFrom = net.now + (net.environment.Choose(2) == 0 ? 50 : 3000);
	const int room = net.conditions.room;
	// One socket is the listening one.
	if (net.now < net.roomFrom || (room > 0 && net.Count(Object::Kind::Socket) > room))
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
		net.environment.Wait({ Call::Accept, WSA_INFINITE, { s } });
	if (!net.backlog.empty() && !net.listenerFailed &&
		net.environment.Inject(Fault::ListenerFails))
	{
		net.listenerFailed = true;
		net.environment.Lasting(Fault::ListenerFails);
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
	Succeed(0, net.Name(handle));
	net.Notify(*listener);
	net.Notify(socket);
	net.environment.Accepted(connection);
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
	connection.unread.copy(buffer, static_cast<std::size_t>(taken));
	connection.unread.erase(0, static_cast<std::size_t>(taken));
	Succeed(taken, std::to_string(taken));
	net.environment.Received(connection, buffer, taken);
	return taken;
}

static int TrySend(Object& socket, const char* data, int size)
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

	const std::size_t unsent = connection.unsent.size();
	if (unsent >= net.conditions.sendBuffer ||
		(socket.nonblocking && net.environment.Inject(Fault::SendWouldBlock)))
		return Fail(WSAEWOULDBLOCK, &connection);
	// Row d. Windows takes the whole buffer while the quota is not used up.
	int taken = net.IsWindows()
		? size
		: std::min(size, static_cast<int>(net.conditions.sendBuffer - unsent));
	// "between 1 and the requested length" [MS send].
	if (taken > 1 && net.environment.Inject(Fault::PartialSend))
		taken = 1 + net.environment.Choose(taken - 1);
	connection.unsent.append(data, static_cast<std::size_t>(taken));
	Succeed(taken, std::to_string(taken));
	net.environment.Sent(connection, taken);
	return taken;
}

int recv(SOCKET s, char* buffer, int size, int)
{
	Network& net = Net();
	Object* socket = EnterConnected(Call::Recv, s, ", " + std::to_string(size));
	if (socket == nullptr)
		return SOCKET_ERROR;
	Connection& connection = *socket->connection;
	if (size <= 0) // "len was zero or negative" [MS recv]
		return Fail(WSAEINVAL);

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
	// FD_READ is enabled again, and comes if there is more to read [MS WSAAsyncSelect]. With Wine's
	// FD_CLOSE this is the moment when its turn comes (row a).
	socket->enabled |= FD_READ;
	net.Notify(*socket);
	return result;
}

int send(SOCKET s, const char* data, int size, int)
{
	Network& net = Net();
	Object* socket = EnterConnected(Call::Send, s, ", " + std::to_string(size));
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (socket->connection->shut)
		return Fail(WSAESHUTDOWN, socket->connection);
	if (size < 0)
		return Fail(WSAEFAULT, socket->connection);

	while (!socket->nonblocking && !net.WriteReady(*socket) && !socket->connection->reset)
		net.environment.Wait({ Call::Send, WSA_INFINITE, { s } });
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

int select(int, fd_set* readable, fd_set* writable, fd_set*, const TIMEVAL* timeout)
{
	Network& net = Net();
	Enter(Call::Select);
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
		net.environment.BadHandle("select", s);
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
	for (std::size_t i = 0; net.environment.tracing && i < sockets.size(); i++)
	{
		net.arguments += i == 0 ? "" : ", ";
		if (i == 0 || i == reads)
			net.arguments += i < reads ? "read: " : "write: ";
		net.arguments += net.Name(sockets[i]);
	}
	std::vector<bool> ready(sockets.size());
	std::ptrdiff_t total = 0;
	do
	{
		// "accept() after select() may find nothing", and so may recv() [MS].
		int wrong = net.environment.Inject(Fault::SpuriousReady)
			? net.environment.Choose(static_cast<int>(sockets.size()))
			: -1;
		for (std::size_t i = 0; i < ready.size(); i++)
		{
			const Object& socket = *net.Find(sockets[i], Object::Kind::Socket);
			ready[i] = (i < reads ? net.ReadReady(socket) : net.WriteReady(socket)) || wrong-- == 0;
		}
		total = std::ranges::count(ready, true);
	} while (total == 0 && waiting.limit != 0 && net.environment.Wait(waiting));

	for (fd_set* set : sets)
	{
		if (set != nullptr)
			FD_ZERO(set);
	}
	std::string text;
	for (std::size_t i = 0; i < ready.size(); i++)
	{
		if (!ready[i])
			continue;
		FD_SET(sockets[i], sets[i < reads ? 0 : 1]);
		text += (text.empty() ? "" : ", ") + net.Name(sockets[i]) +
			(i < reads ? " readable" : " writable");
	}
	return Succeed(static_cast<int>(total), total == 0 ? "nothing" : text);
}

// -- Events -------------------------------------------------------------------------------------

// A manual-reset event, not signalled [MS].
WSAEVENT WSACreateEvent()
{
	Enter(Call::CreateEvent);
	if (StartFails(WSA_NOT_ENOUGH_MEMORY) || Fails(Fault::CreateEventFails, WSA_NOT_ENOUGH_MEMORY))
		return WSA_INVALID_EVENT;
	Succeed();
	return reinterpret_cast<WSAEVENT>(Net().NewHandle(Object::Kind::Event));
}

BOOL WSACloseEvent(WSAEVENT event)
{
	Enter(Call::CloseEvent, Net().EventName(event));
	if (FindEvent(event) == nullptr)
		return Fail(WSA_INVALID_HANDLE, nullptr, FALSE);
	Net().FreeHandle(reinterpret_cast<std::uintptr_t>(event));
	return Succeed(TRUE);
}

static BOOL SetSignalled(Call call, WSAEVENT event, bool signalled)
{
	Enter(call, Net().EventName(event));
	Object* object = FindEvent(event);
	if (object == nullptr)
		return Fail(WSA_INVALID_HANDLE, nullptr, FALSE);
	object->signalled = signalled;
	return Succeed(TRUE);
}

// Whether a selection fails: at the start, or that of one client.
static bool SelectionFails(const Object& socket)
{
	return Fails(socket.connection == nullptr ? Fault::StartFails : Fault::SelectionFails,
		WSAENETDOWN, socket.connection);
}

static int Selected(Object& socket, long mask)
{
	socket.mask = mask;
	socket.nonblocking = true;
	if (socket.connection != nullptr)
		socket.connection->registered = true;
	Succeed();
	Net().Notify(socket);
	return 0;
}

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
	if (SelectionFails(*socket))
		return SOCKET_ERROR;
	Connection* connection = socket->connection;
	for (const Object& other : Net().objects)
	{
		if (other.kind == Object::Kind::Socket && &other != socket && other.event == event &&
			event != nullptr && connection != nullptr)
			Net().environment.SharedEvent(*connection);
	}
	socket->window = nullptr;
	socket->event = mask != 0 ? event : nullptr;
	socket->enabled |= socket->record | (connection == nullptr ? FD_ACCEPT : 0);
	socket->record = 0;
	return Selected(*socket, mask);
}

// "Copy, clear and reset are atomic"; on failure nothing is cleared; iErrorCode[] is written only
// for the events that are reported [MS].
int WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, WSANETWORKEVENTS* record)
{
	Network& net = Net();
	Object* socket = EnterSocket(Call::EnumNetworkEvents, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	Object* object = FindEvent(event);
	if (object == nullptr)
		return Fail(WSAEINVAL);
	if (Fails(socket->connection != nullptr ? Fault::EnumFails : Fault::WaitFails, WSAENETDOWN,
			socket->connection))
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
	object->signalled = false;
	return 0;
}

// The lowest signalled index; 1 to 64 events [MS].
DWORD WSAWaitForMultipleEvents(DWORD count, const WSAEVENT* events, BOOL all, DWORD timeout, BOOL)
{
	Network& net = Net();
	Enter(Call::WaitForMultipleEvents);
	if (count == 0 || count > static_cast<DWORD>(WSA_MAXIMUM_WAIT_EVENTS))
		return Fail(WSA_INVALID_PARAMETER, nullptr, WSA_WAIT_FAILED);
	std::vector<Object*> objects(count);
	for (DWORD i = 0; i < count; i++)
	{
		objects[i] = FindEvent(events[i]);
		if (objects[i] == nullptr)
			return Fail(WSA_INVALID_HANDLE, nullptr, WSA_WAIT_FAILED);
		if (net.environment.tracing)
			net.arguments += (i == 0 ? "" : ", ") + net.EventName(events[i]);
	}
	if (timeout != WSA_INFINITE)
		net.arguments += ", time-out " + std::to_string(timeout);
	if (Fails(Fault::WaitFails, WSA_NOT_ENOUGH_MEMORY))
		return WSA_WAIT_FAILED;

	for (;;)
	{
		// An event that is signalled although nothing is recorded: after accept() has inherited the
		// listening socket's event, or when Wine resets the event before it reads the record.
		if (net.environment.Inject(Fault::SpuriousReady))
			net.environment.ChooseFrom(objects)->signalled = true;
		const auto signalled = [](const Object* object) { return object->signalled; };
		const auto first = std::ranges::find_if(objects, signalled);
		if (all ? std::ranges::all_of(objects, signalled) : first != objects.end())
		{
			const auto index = static_cast<DWORD>(first - objects.begin());
			Succeed(0, net.EventName(events[index]));
			return WSA_WAIT_EVENT_0 + index;
		}
		Waiting waiting = { Call::WaitForMultipleEvents, timeout };
		for (const Object& socket : net.objects)
		{
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
	if (SelectionFails(*socket))
		return SOCKET_ERROR;
	socket->event = nullptr;
	socket->window = window;
	socket->message = message;
	socket->enabled = kConnectionEvents | FD_ACCEPT;
	return Selected(*socket, mask);
}

WORD RegisterClass(const WNDCLASS* windowClass)
{
	Enter(Call::RegisterClass);
	if (StartFails(WSA_NOT_ENOUGH_MEMORY))
		return 0;
	Net().procedure = windowClass->lpfnWndProc;
	Net().windowClass = windowClass->lpszClassName;
	return static_cast<WORD>(Succeed(1));
}

HWND CreateWindowW(const WCHAR* windowClass, const WCHAR*, DWORD, int, int, int, int, HWND, HANDLE,
	HANDLE, void*)
{
	Enter(Call::CreateWindow);
	if (StartFails(WSA_NOT_ENOUGH_MEMORY))
		return nullptr;
	if (Net().windowClass != windowClass)
		return Fail<HWND>(ERROR_CANNOT_FIND_WND_CLASS, nullptr, nullptr);
	Net().window = Net().unpainted = true;
	Succeed();
	return kWindow;
}

BOOL UpdateWindow(HWND window)
{
	if (Net().unpainted)
		Net().procedure(window, WM_PAINT, 0, 0);
	return TRUE;
}

LRESULT DefWindowProc(HWND window, UINT message, WPARAM, LPARAM)
{
	Network& net = Net();
	if (message == WM_PAINT)
		net.unpainted = false;
	if (message == WM_CLOSE && net.window)
	{
		net.window = false;
		return net.procedure(window, WM_DESTROY, 0, 0);
	}
	return 0;
}

static std::string Describe(const Message& taken)
{
	const MSG& message = taken.message;
	if (message.message < WM_USER)
		return message.message == WM_CLOSE ? "WM_CLOSE" : "WM_PAINT";
	const int code = WSAGETSELECTERROR(message.lParam);
	const std::string name = Net().Name(message.wParam);
	const std::string was = taken.about != nullptr ? NameOf(*taken.about) : name;
	return EventNames(WSAGETSELECTEVENT(message.lParam)) + " of " + was +
		(code != 0 ? " with " + ErrorName(code) : "") +
		(was != name ? ", which has gone; the handle is now " + name : "");
}

// The first message for the window (null: for any) within the range (0, 0: any).
static bool TakeMessage(HWND window, UINT least, UINT most)
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
	return net.unpainted && net.window && wanted(net.taken);
}

// -1 is an error, 0 the end after PostQuitMessage() when no message is left [MS].
BOOL GetMessage(MSG* message, HWND window, UINT least, UINT most)
{
	Network& net = Net();
	Enter(Call::GetMessage);
	if (Fails(Fault::WaitFails, ERROR_INVALID_WINDOW_HANDLE))
		return -1;
	if (window != nullptr && !net.window)
		return Fail(ERROR_INVALID_WINDOW_HANDLE);
	// An FD_READ without data: "it is normal", after several recv() for one FD_READ [MS
	// WSAAsyncSelect].
	if (!net.queue.empty() && net.environment.Inject(Fault::SpuriousReady))
	{
		Object& socket = net.environment.ChooseFrom(net.objects);
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
		net.environment.Wait({ Call::GetMessage, WSA_INFINITE, {}, true });
	}
	*message = net.taken.message;
	return Succeed(TRUE, net.environment.tracing ? Describe(net.taken) : "");
}

LRESULT DispatchMessage(const MSG* message)
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
			connection->extra = true;
	}
	if (message->hwnd == nullptr || !net.window)
		return 0;
	return net.procedure(message->hwnd, message->message, message->wParam, message->lParam);
}

// Without a window it is the thread's, and no procedure gets it [MS].
BOOL PostMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam)
{
	Network& net = Net();
	const Message posted = { MSG{ window, message, wParam, lParam } };
	Enter(Call::PostMessage, net.environment.tracing ? Describe(posted) : "");
	Object* socket = net.Find(wParam, Object::Kind::Socket);
	const bool wrong = window != nullptr && !net.window;
	if (wrong || net.environment.Inject(Fault::PostFails)) // a queue holds 10,000 [MS]
		return Fail(wrong ? ERROR_INVALID_WINDOW_HANDLE : ERROR_NOT_ENOUGH_QUOTA,
			socket != nullptr ? socket->connection : nullptr, FALSE);
	net.queue.push_back(posted);
	return Succeed(TRUE);
}

void PostQuitMessage(int code)
{
	Net().quit = true;
	Net().quitCode = code;
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

int inet_pton(int, const char* text, void* address)
{
	unsigned parts[4];
	if (std::sscanf(text, "%u.%u.%u.%u", &parts[0], &parts[1], &parts[2], &parts[3]) != 4)
		return 0;
	std::transform(parts, parts + 4, static_cast<unsigned char*>(address),
		[](unsigned part) { return static_cast<unsigned char>(part); });
	return 1;
}

const WCHAR* InetNtop(int, const void* address, WCHAR* text, size_t size)
{
	const auto bytes = static_cast<const unsigned char*>(address);
	std::swprintf(text, size, L"%d.%d.%d.%d", bytes[0], bytes[1], bytes[2], bytes[3]);
	return text;
}

// It ends with a space if the width is masked, else with a line break [MS].
DWORD FormatMessageW(DWORD flags, const void*, DWORD, DWORD, WCHAR* text, DWORD, void*)
{
	const std::wstring message =
		(flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) != 0 ? L"A text. " : L"A text.\r\n";
	message.copy(text, message.size());
	return static_cast<DWORD>(message.size());
}

// Of a text in ASCII.
int WideCharToMultiByte(UINT, DWORD, const WCHAR* wide, int, char* text, int, const char*, BOOL*)
{
	const std::size_t size = std::wcslen(wide) + 1;
	std::transform(wide, wide + size, text, [](WCHAR c) { return static_cast<char>(c); });
	return static_cast<int>(size);
}

// -- The C library ------------------------------------------------------------------------------

// It is seen when it is flushed, unless setvbuf() has said _IONBF.
static int Write(Stream stream, const std::string& text)
{
	Net().lastError = 0; // as any call in between may
	Net().environment.Written(stream == Stream::Error, text.data(), text.size());
	if (stream == Stream::Out && !Net().buffered)
		Net().environment.Flushed();
	return static_cast<int>(text.size());
}

int fprintf(Stream stream, const char* format, ...)
{
	char text[4096];
	va_list list;
	va_start(list, format);
	std::vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return Write(stream, text);
}

// In the "C" locale a character outside ASCII ends the output. "%s" takes bytes, as the standard
// and MinGW have it; MSVC does not.
int wprintf(const WCHAR* format, ...)
{
	WCHAR wide[4096];
	va_list list;
	va_start(list, format);
	const int size = std::vswprintf(wide, 4096, format, list);
	va_end(list);
	std::string text;
	for (int i = 0; i < size && wide[i] < 0x80; i++)
		text += static_cast<char>(wide[i]);
	return Write(Stream::Out, text) == size ? size : -1;
}

int putchar(int byte)
{
	Write(Stream::Out, std::string(1, static_cast<char>(byte)));
	return byte;
}

int fflush(Stream)
{
	Net().lastError = 0;
	Net().environment.Flushed();
	return 0;
}

int setvbuf(Stream, char*, int mode, size_t)
{
	Net().buffered = mode != _IONBF;
	return 0;
}

void exit(int code)
{
	throw Exit{ code };
}

// -- Memory -------------------------------------------------------------------------------------

Heap heap;

static bool RefusesMemory()
{
	Environment& environment = Net().environment;
	Enter(Call::New);
	Net().lastError = 0;
	if (!environment.Inject(Fault::StartFails) && !environment.Inject(Fault::MemoryFails))
		return false;
	Tell("no memory");
	environment.Lasting(Fault::MemoryFails);
	return true;
}

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
