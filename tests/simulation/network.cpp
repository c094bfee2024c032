// Where the dialects part (winsock.md, section 0; the letters are its rows):
//   a  FD_CLOSE: Windows posts it when the peer's end arrives, once, with data unread; Wine when
//      the data has been read
//   b  FD_CLOSE after a reset carries WSAECONNABORTED on Windows, 0 on Wine
//   c  recv() after a reset: WSAECONNRESET on Windows, the data is gone; on Wine the data, then 0
//   d  send() with little room: Windows takes all or nothing, Wine what there is room for
//   e  FD_READ, FD_ACCEPT in event mode: Windows records them again when more arrives, Wine only
//      after recv(), accept()
//   f  WSAAsyncSelect() with a bad window: WSAEINVAL on Windows, success on Wine
//   g  accept() of a peer that has reset: a success or WSAECONNRESET on Windows, WSAENOTCONN on
//      Wine
#include "network.h"

#include <algorithm>
#include <new>

namespace sim
{
using namespace winsock;

namespace
{
Network* current = nullptr;

constexpr std::uintptr_t kFirstHandle = 0x80;
const HWND kWindow = reinterpret_cast<HWND>(static_cast<std::uintptr_t>(0x10010));

// The events in the order in which they are posted.
constexpr int kBits[] = { FD_READ_BIT, FD_WRITE_BIT, FD_ACCEPT_BIT, FD_CLOSE_BIT };
constexpr long kConnectionEvents = FD_READ | FD_WRITE | FD_CLOSE;

std::uintptr_t Value(WSAEVENT event)
{
	return reinterpret_cast<std::uintptr_t>(event);
}

void FillAddress(SOCKADDR* address, std::uint32_t host, std::uint16_t port)
{
	SOCKADDR_IN in = {};
	in.sin_family = AF_INET;
	in.sin_port = htons(port);
	in.sin_addr.s_addr = host;
	memcpy(address, &in, sizeof(in));
}

} // namespace

const char* const kFaultNames[kFaults] = { "partial-send", "send-would-block", "recv-would-block",
	"short-recv", "spurious-ready", "accept-fails", "recv-fails", "send-fails", "event-error",
	"create-event-fails", "selection-fails", "memory-fails", "post-fails", "wait-fails",
	"start-fails" };

const char* const kCallNames[kCalls] = { "accept", "recv", "send", "closesocket", "select",
	"WSAWaitForMultipleEvents", "WSAEnumNetworkEvents", "WSASetEvent", "WSAEventSelect",
	"WSACreateEvent", "WSACloseEvent", "WSAAsyncSelect", "GetMessage", "DispatchMessage",
	"PostMessage", "other" };

std::string EventNames(long events)
{
	static const char* const names[] = { "FD_READ", "FD_WRITE", "FD_OOB", "FD_ACCEPT", "FD_CONNECT",
		"FD_CLOSE" };
	std::string text;
	for (int bit = 0; bit <= FD_CLOSE_BIT; bit++)
	{
		if ((events & 1 << bit) != 0)
			text += (text.empty() ? "" : " | ") + std::string(names[bit]);
	}
	return text.empty() ? "nothing" : text;
}

std::string ErrorName(int code)
{
	static const std::map<int, const char*> names = {
		{ WSAEINTR, "WSAEINTR" },
		{ WSAEACCES, "WSAEACCES" },
		{ WSAEINVAL, "WSAEINVAL" },
		{ WSAEMFILE, "WSAEMFILE" },
		{ WSAEWOULDBLOCK, "WSAEWOULDBLOCK" },
		{ WSAENOTSOCK, "WSAENOTSOCK" },
		{ WSAEADDRINUSE, "WSAEADDRINUSE" },
		{ WSAENETDOWN, "WSAENETDOWN" },
		{ WSAECONNABORTED, "WSAECONNABORTED" },
		{ WSAECONNRESET, "WSAECONNRESET" },
		{ WSAENOBUFS, "WSAENOBUFS" },
		{ WSAENOTCONN, "WSAENOTCONN" },
		{ WSAESHUTDOWN, "WSAESHUTDOWN" },
		{ WSASYSNOTREADY, "WSASYSNOTREADY" },
		{ WSA_INVALID_HANDLE, "WSA_INVALID_HANDLE" },
		{ WSA_NOT_ENOUGH_MEMORY, "WSA_NOT_ENOUGH_MEMORY" },
		{ WSA_INVALID_PARAMETER, "WSA_INVALID_PARAMETER" },
		{ ERROR_INVALID_WINDOW_HANDLE, "ERROR_INVALID_WINDOW_HANDLE" },
		{ ERROR_NOT_ENOUGH_QUOTA, "ERROR_NOT_ENOUGH_QUOTA" },
	};
	const auto found = names.find(code);
	return found == names.end() ? std::to_string(code) : found->second;
}

Network::Network(Host& host, Dialect dialect, std::size_t receiveBuffer, std::size_t sendBuffer)
	: host_(host), dialect_(dialect), receiveBuffer_(receiveBuffer), sendBuffer_(sendBuffer)
{
	current = this;
}

Network::~Network()
{
	for (void* memory : memory_)
		::operator delete(memory);
	current = nullptr;
}

Network& Network::Current()
{
	return *current;
}

// -- Handles ------------------------------------------------------------------------------------

Network::Object& Network::At(std::uintptr_t handle)
{
	return objects_[(handle - kFirstHandle) / 4];
}

Network::Object* Network::Find(std::uintptr_t handle, Object::Kind kind)
{
	const std::uintptr_t index = (handle - kFirstHandle) / 4;
	if (handle < kFirstHandle || handle % 4 != 0 || index >= objects_.size())
		return nullptr;
	return objects_[index].kind == kind ? &objects_[index] : nullptr;
}

Network::Object* Network::FindSocket(SOCKET s, const char* call)
{
	Object* socket = Find(s, Object::Kind::Socket);
	if (socket == nullptr)
	{
		host_.BadHandle(call, s, false);
		Fail(WSAENOTSOCK);
	}
	return socket;
}

Network::Object* Network::FindConnected(SOCKET s, const char* call)
{
	Object* socket = FindSocket(s, call);
	if (socket != nullptr && socket->connection == nullptr)
	{
		Fail(WSAENOTCONN);
		return nullptr;
	}
	return socket;
}

// "The socket descriptor ... may immediately be reused" [MS closesocket].
std::uintptr_t Network::NewHandle(Object::Kind kind)
{
	std::uintptr_t handle = kFirstHandle + 4 * objects_.size();
	if (freeHandles_.empty())
		objects_.emplace_back();
	else
	{
		handle = freeHandles_.back();
		freeHandles_.pop_back();
	}
	At(handle) = Object();
	At(handle).kind = kind;
	(kind == Object::Kind::Socket ? held_.sockets : held_.events)++;
	return handle;
}

void Network::FreeHandle(std::uintptr_t handle)
{
	(At(handle).kind == Object::Kind::Socket ? held_.sockets : held_.events)--;
	At(handle).kind = Object::Kind::None;
	freeHandles_.push_back(handle);
}

// A socket as a reader of the trace knows it: the listening one, or by the number of its peer.
std::string Network::Name(std::uintptr_t handle) const
{
	const std::uintptr_t index = (handle - kFirstHandle) / 4;
	if (index >= objects_.size() || objects_[index].kind != Object::Kind::Socket)
		return "(no socket)";
	const Connection* connection = objects_[index].connection;
	return connection == nullptr ? "listener" : std::to_string(connection->peer);
}

std::string Network::EventName(WSAEVENT event) const
{
	for (std::size_t i = 0; i < objects_.size(); i++)
	{
		if (objects_[i].kind == Object::Kind::Socket && objects_[i].event == event)
			return Name(kFirstHandle + 4 * i);
	}
	return "(of no socket)";
}

// -- Results ------------------------------------------------------------------------------------

void Network::Enter(Call call)
{
	calls_[static_cast<int>(call)]++;
	host_.Entering(call);
}

// "WSAGetLastError is per thread ... successful calls may reset it to 0" [MS].
int Network::Succeed(int result)
{
	lastError_ = 0;
	return result;
}

int Network::Fail(int code)
{
	lastError_ = code;
	if (code != WSAEWOULDBLOCK)
		host_.Failed(code);
	return SOCKET_ERROR;
}

bool Network::StartFails(const char* call, int code)
{
	if (!host_.Inject(Fault::StartFails))
		return false;
	if (host_.Tracing())
		host_.Trace(call, "-> " + ErrorName(code));
	Fail(code);
	return true;
}

// -- The peers ----------------------------------------------------------------------------------

Connection& Network::Connect(int peer, std::uint32_t address, std::uint16_t port)
{
	Connection& connection = connections_.emplace_back();
	connection.peer = peer;
	connection.address = address;
	connection.port = port;
	connection.closeLate = host_.Choose(4) == 0;
	backlog_.push_back(&connection);

	Object& listener = At(listener_);
	if (dialect_ == Dialect::Windows && listener.event != nullptr) // row e
		listener.enabled |= FD_ACCEPT;
	Notify(listener);
	return connection;
}

std::size_t Network::Room(const Connection& connection) const
{
	if (connection.closed || connection.reset || connection.fin)
		return 0;
	return receiveBuffer_ - std::min(receiveBuffer_, connection.unread);
}

std::size_t Network::Readable(const Connection& connection)
{
	return connection.aborted ? 0 : connection.echoed - connection.delivered;
}

void Network::PeerSends(Connection& connection, std::size_t size)
{
	connection.arrived += size;
	connection.unread += size;
	if (connection.handle == INVALID_SOCKET)
		return;
	Object& socket = At(connection.handle);
	if (dialect_ == Dialect::Windows && socket.event != nullptr) // row e
		socket.enabled |= FD_READ;
	Notify(socket);
}

void Network::PeerReads(Connection& connection, std::size_t size)
{
	connection.delivered += size;
	if (connection.handle != INVALID_SOCKET)
		Notify(At(connection.handle));
}

void Network::PeerHalfCloses(Connection& connection)
{
	connection.fin = true;
	if (connection.handle != INVALID_SOCKET)
		Notify(At(connection.handle));
}

// Row c: Windows throws the unread data away (winsock.md section 2, curl issue 657).
void Network::PeerResets(Connection& connection)
{
	connection.reset = true;
	if (dialect_ == Dialect::Windows)
		connection.unread = 0;
	if (connection.handle == INVALID_SOCKET)
		return;
	// On Wine FD_CLOSE comes a second time after a half-close (same_steps.h).
	if (dialect_ == Dialect::Wine)
		At(connection.handle).enabled |= FD_CLOSE;
	Notify(At(connection.handle));
}

bool Network::CloseWindow()
{
	if (!window_)
		return false;
	queue_.push_back(Message{ MSG{ kWindow, WM_CLOSE, 0, 0 }, nullptr, false });
	return true;
}

// -- Readiness and events -----------------------------------------------------------------------

// "Readable": data, the end, an error, or for a listening socket a connection; "guaranteed" not to
// block [MS select].
bool Network::ReadReady(const Object& socket) const
{
	if (socket.connection == nullptr)
		return socket.listening && !backlog_.empty();
	const Connection& connection = *socket.connection;
	return connection.unread > 0 || connection.fin || connection.reset || connection.broken != 0;
}

// "Writable": send() is "guaranteed to succeed" [MS select], and after a reset to fail at once.
bool Network::WriteReady(const Object& socket) const
{
	if (socket.connection == nullptr)
		return false;
	const Connection& connection = *socket.connection;
	return connection.echoed - connection.delivered < sendBuffer_ || connection.reset ||
		connection.broken != 0;
}

// The events that hold now, enabled or not.
long Network::Conditions(const Object& socket) const
{
	if (socket.connection == nullptr)
		return ReadReady(socket) ? FD_ACCEPT : 0;

	const Connection& connection = *socket.connection;
	long events = 0;
	if (connection.unread > 0) // "no FD_READ for EOF" [MS WSAAsyncSelect]
		events |= FD_READ;
	// After a send() that was refused, a reset frees the one who waits for FD_WRITE although
	// FD_CLOSE has come before (the peer half-closed, then reset). Wine does so (same_steps.h); of
	// Windows no source says it: an assumption; nothing else would tell the server.
	if (WriteReady(socket))
		events |= FD_WRITE;
	// Row a: [WT test_close_events] Windows posts FD_CLOSE while data is unread, and not again.
	// "FD_CLOSE should only be posted after all data is read" [MS WSAAsyncSelect]: so some
	// connections keep to that on Windows too, and all on Wine.
	const bool late = dialect_ == Dialect::Wine || (connection.closeLate && !connection.reset);
	if ((connection.fin || connection.reset) && (!late || connection.unread == 0))
		events |= FD_CLOSE;
	return events;
}

// What holds and is enabled is signalled once; the re-enabling calls enable it again
// [MS WSAAsyncSelect, WSAEventSelect]. No call enables FD_CLOSE again.
void Network::Notify(Object& socket)
{
	const long due = socket.mask & socket.enabled & (socket.mask != 0 ? Conditions(socket) : 0);
	if (due == 0)
		return;
	for (int bit : kBits)
	{
		if ((due & 1 << bit) == 0)
			continue;
		int code = 0;
		if (bit == FD_CLOSE_BIT)
		{
			// Row b. Microsoft's pages say WSAECONNRESET, Windows gives WSAECONNABORTED [WT].
			if (socket.connection->reset && dialect_ == Dialect::Windows)
				code = host_.Choose(4) == 0 ? WSAECONNRESET : WSAECONNABORTED;
		}
		else if (host_.Inject(Fault::EventError))
		{
			code = WSAENETDOWN; // documented for each of the three [MS WSAAsyncSelect]
			if (socket.connection != nullptr)
				socket.connection->broken = code;
		}
		Signal(socket, bit, code, false);
	}
}

void Network::Signal(Object& socket, int bit, int code, bool spurious)
{
	socket.enabled &= ~(1L << bit);
	if (socket.event != nullptr)
	{
		socket.record |= 1L << bit;
		socket.errors[bit] = code;
		if (Object* event = Find(Value(socket.event), Object::Kind::Event))
			event->signalled = true;
		return;
	}
	const Connection* about = socket.connection;
	const SOCKET handle = about == nullptr ? listener_ : about->handle;
	queue_.push_back(
		Message{ MSG{ socket.window, socket.message, handle, WSAMAKESELECTREPLY(1 << bit, code) },
			about, spurious });
}

bool Network::TakesEvents(const Object& socket) const
{
	return socket.mask != 0;
}

// -- Start-up -----------------------------------------------------------------------------------

int Network::StartUp(WSADATA* data)
{
	Enter(Call::Other);
	data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
	// It returns the code; WSAGetLastError() has nothing to do with it [MS].
	return StartFails("WSAStartup", WSASYSNOTREADY) ? WSASYSNOTREADY : Succeed(0);
}

int Network::CleanUp()
{
	Enter(Call::Other);
	return Succeed(0);
}

int Network::LastError()
{
	return lastError_;
}

// GetLastError() is the same [MS WSAGetLastError].
void Network::SetLastError(int code)
{
	lastError_ = code;
}

void Network::Sleep(DWORD milliseconds)
{
	Enter(Call::Other);
	if (host_.Tracing())
		host_.Trace("sleep", std::to_string(milliseconds) + " ms");
	while (host_.Pause("Sleep", milliseconds))
		continue;
	lastError_ = 0;
}

// One way: nothing more is sent, and the peer sees the end [MS shutdown].
int Network::Shutdown(SOCKET s, int how)
{
	Enter(Call::Other);
	Object* socket = FindConnected(s, "shutdown");
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (how < SD_RECEIVE || how > SD_BOTH)
		return Fail(WSAEINVAL);
	if (how != SD_RECEIVE)
		socket->shut = true;
	return Succeed(0);
}

SOCKET Network::Socket()
{
	Enter(Call::Other);
	if (StartFails("socket", WSAENOBUFS))
		return INVALID_SOCKET;
	Succeed(0);
	return NewHandle(Object::Kind::Socket);
}

int Network::SetOption(SOCKET s, int level, int name)
{
	Enter(Call::Other);
	Object* socket = FindSocket(s, "setsockopt");
	if (socket == nullptr || StartFails("setsockopt", WSAENETDOWN))
		return SOCKET_ERROR;
	if (level == SOL_SOCKET && name == SO_EXCLUSIVEADDRUSE)
		socket->exclusive = true;
	return Succeed(0);
}

// FIONBIO 0 fails while an event selection stands [MS WSAAsyncSelect; WT test_fionbio].
int Network::SetBlocking(SOCKET s, bool nonblocking)
{
	Enter(Call::Other);
	Object* socket = FindSocket(s, "ioctlsocket");
	if (socket == nullptr || StartFails("ioctlsocket", WSAENETDOWN))
		return SOCKET_ERROR;
	if (!nonblocking && TakesEvents(*socket))
		return Fail(WSAEINVAL);
	socket->nonblocking = nonblocking;
	return Succeed(0);
}

int Network::Bind(SOCKET s, const SOCKADDR* address)
{
	Enter(Call::Other);
	Object* socket = FindSocket(s, "bind");
	if (socket == nullptr || StartFails("bind", WSAEADDRINUSE))
		return SOCKET_ERROR;
	socket->bound = true;
	SOCKADDR_IN in;
	memcpy(&in, address, sizeof(in));
	socket->address = in.sin_addr.s_addr;
	return Succeed(0);
}

int Network::Listen(SOCKET s)
{
	Enter(Call::Other);
	Object* socket = FindSocket(s, "listen");
	if (socket == nullptr || StartFails("listen", WSAENOBUFS))
		return SOCKET_ERROR;
	if (!socket->bound)
		return Fail(WSAEINVAL);
	socket->listening = true;
	listener_ = s;
	host_.Listening(socket->exclusive, socket->address);
	return Succeed(0);
}

int Network::SocketName(SOCKET s, SOCKADDR* address)
{
	Enter(Call::Other);
	Object* socket = FindSocket(s, "getsockname");
	if (socket == nullptr || StartFails("getsockname", WSAENETDOWN))
		return SOCKET_ERROR;
	FillAddress(address, socket->address, 9000);
	return Succeed(0);
}

// "WSAENOTCONN: the socket is not connected" [MS getpeername], which it is not after a reset.
int Network::PeerName(SOCKET s, SOCKADDR* address)
{
	Enter(Call::Other);
	Object* socket = FindConnected(s, "getpeername");
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (socket->connection->reset)
		return Fail(WSAENOTCONN);
	FillAddress(address, socket->connection->address, socket->connection->port);
	return Succeed(0);
}

// -- accept, recv, send, closesocket ------------------------------------------------------------

void Network::Drop(Connection& connection)
{
	connection.closed = connection.aborted = true;
	backlog_.pop_front();
}

// The code of an accept() that fails although a connection was there; 0: it does not. The codes are
// those of [MS accept] but for those that mean a wrong argument. A connection that the peer has
// given up is gone, any other stays.
int Network::AcceptCode()
{
	Connection& connection = *backlog_.front();
	if (host_.Inject(Fault::AcceptFails))
	{
		const int codes[] = { WSAECONNRESET, WSAEMFILE, WSAENOBUFS, WSAENETDOWN, WSAEINTR,
			WSAEWOULDBLOCK };
		const int code = codes[host_.Choose(At(listener_).nonblocking ? 6 : 5)];
		if (code == WSAECONNRESET)
			Drop(connection);
		return code;
	}
	// Row g. Wine fails because it wants the peer's name; without an address it would succeed [T].
	if (connection.reset && (dialect_ == Dialect::Wine || host_.Choose(2) == 0))
	{
		Drop(connection);
		return dialect_ == Dialect::Wine ? WSAENOTCONN : WSAECONNRESET;
	}
	return 0;
}

SOCKET Network::Accept(SOCKET s, SOCKADDR* address)
{
	Enter(Call::Accept);
	Object* listener = FindSocket(s, "accept");
	if (listener == nullptr)
		return INVALID_SOCKET;
	if (!listener->listening)
	{
		Fail(WSAEINVAL);
		return INVALID_SOCKET;
	}
	while (backlog_.empty() && !listener->nonblocking)
		host_.Idle("accept");

	const int code = backlog_.empty() ? WSAEWOULDBLOCK : AcceptCode();
	// "Any call to the reenabling routine, even one that fails, results in reenabling" [MS
	// WSAAsyncSelect]: if more connections wait, FD_ACCEPT comes again.
	listener->enabled |= FD_ACCEPT;
	if (code != 0)
	{
		if (host_.Tracing())
			host_.Trace("accept", "-> " + ErrorName(code));
		Notify(*listener);
		Fail(code);
		if (code == WSAEWOULDBLOCK)
			host_.WouldBlock("accept");
		return INVALID_SOCKET;
	}

	Connection& connection = *backlog_.front();
	backlog_.pop_front();
	const SOCKET handle = NewHandle(Object::Kind::Socket);
	listener = &At(s);
	Object& socket = At(handle);
	connection.handle = handle;
	connection.accepted = true;
	socket.connection = &connection;
	// "The same properties as socket s, including the asynchronous events registered" [MS accept],
	// and so the non-blocking mode [WS accept_socket, T].
	socket.nonblocking = listener->nonblocking;
	socket.mask = listener->mask;
	socket.event = listener->event;
	socket.window = listener->window;
	socket.message = listener->message;
	socket.enabled = kConnectionEvents;

	if (address != nullptr)
		FillAddress(address, connection.address, connection.port);
	if (host_.Tracing())
		host_.Trace("accept", "-> peer " + Name(handle));
	Notify(*listener);
	Notify(socket);
	host_.Accepted(connection);
	Succeed(0);
	return handle;
}

int Network::TryRecv(Object& socket, char* buffer, int size)
{
	Connection& connection = *socket.connection;
	if (connection.broken != 0)
		return Fail(connection.broken);
	if (connection.reset && dialect_ == Dialect::Windows) // row c
		return Fail(WSAECONNRESET);
	if (connection.unread == 0 || size <= 0)
		return connection.fin || connection.reset ? Succeed(0) : Fail(WSAEWOULDBLOCK);

	// WSAEWOULDBLOCK although data is there is allowed to a call that is re-enabled by it: the
	// event comes again. Once the peer's end has come the event for it may have been used up, and
	// nothing would come: no rule lets that happen.
	if (socket.nonblocking && !(TakesEvents(socket) && connection.fin) &&
		host_.Inject(Fault::RecvWouldBlock))
		return Fail(WSAEWOULDBLOCK);
	if (host_.Inject(Fault::RecvFails))
	{
		const int codes[] = { WSAECONNRESET, WSAECONNABORTED, WSAENETDOWN, WSAENOBUFS };
		connection.broken = codes[host_.Choose(4)];
		return Fail(connection.broken);
	}

	int taken = static_cast<int>(std::min(static_cast<std::size_t>(size), connection.unread));
	if (taken > 1 && host_.Inject(Fault::ShortRecv))
		taken = 1 + host_.Choose(taken - 1);
	host_.Received(connection, buffer, taken);
	connection.unread -= static_cast<std::size_t>(taken);
	connection.received += static_cast<std::size_t>(taken);
	return Succeed(taken);
}

int Network::Recv(SOCKET s, char* buffer, int size)
{
	Enter(Call::Recv);
	Object* socket = FindConnected(s, "recv");
	if (socket == nullptr)
		return SOCKET_ERROR;
	Connection& connection = *socket->connection;

	if (!socket->nonblocking && !ReadReady(*socket))
	{
		while (!ReadReady(*socket))
			host_.Idle("recv");
		// Row c: a recv() that is waiting when the reset comes gets the error on Wine, too.
		if (connection.reset && connection.unread == 0 && connection.broken == 0)
			connection.broken = WSAECONNRESET;
	}
	const int result = TryRecv(*socket, buffer, size);
	const int code = lastError_;
	if (result == 0)
		connection.ended = true;
	else if (result < 0 && code != WSAEWOULDBLOCK)
		connection.failed = true;
	if (host_.Tracing())
		host_.Trace("recv " + Name(s) + " " + std::to_string(size),
			"-> " + (result >= 0 ? std::to_string(result) : ErrorName(code)));

	// FD_READ is enabled again, and comes if there is more to read [MS WSAAsyncSelect]. With Wine's
	// FD_CLOSE this is the moment when its turn comes (row a).
	socket->enabled |= FD_READ;
	Notify(*socket);
	host_.Tried(connection);
	if (result < 0 && code == WSAEWOULDBLOCK)
		host_.WouldBlock("recv");
	lastError_ = code;
	return result;
}

int Network::TrySend(Object& socket, const char* data, int size)
{
	Connection& connection = *socket.connection;
	host_.Sending(connection, data, size);
	if (connection.broken != 0)
		return Fail(connection.broken);
	if (connection.reset)
		return Fail(host_.Choose(2) == 0 ? WSAECONNRESET : WSAECONNABORTED);
	if (size <= 0)
		return size == 0 ? Succeed(0) : Fail(WSAENOBUFS);
	if (host_.Inject(Fault::SendFails))
	{
		const int codes[] = { WSAECONNRESET, WSAECONNABORTED, WSAENETDOWN, WSAENOBUFS };
		connection.broken = codes[host_.Choose(4)];
		return Fail(connection.broken);
	}

	const std::size_t waiting = connection.echoed - connection.delivered;
	if (waiting >= sendBuffer_ || (socket.nonblocking && host_.Inject(Fault::SendWouldBlock)))
		return Fail(WSAEWOULDBLOCK);
	int taken = size;
	// Row d. Windows takes the whole buffer while the quota is not used up (winsock.md section 6).
	if (dialect_ == Dialect::Wine)
		taken = static_cast<int>(std::min(static_cast<std::size_t>(size), sendBuffer_ - waiting));
	// "between 1 and the requested length" [MS send].
	if (taken > 1 && host_.Inject(Fault::PartialSend))
		taken = 1 + host_.Choose(taken - 1);
	connection.echoed += static_cast<std::size_t>(taken);
	host_.Sent();
	return Succeed(taken);
}

int Network::Send(SOCKET s, const char* data, int size)
{
	Enter(Call::Send);
	Object* socket = FindConnected(s, "send");
	if (socket == nullptr)
		return SOCKET_ERROR;
	Connection& connection = *socket->connection;
	if (socket->shut)
		return Fail(WSAESHUTDOWN);

	while (!socket->nonblocking && !WriteReady(*socket))
		host_.Idle("send");
	const int result = TrySend(*socket, data, size);
	const int code = lastError_;
	if (result < 0 && code != WSAEWOULDBLOCK)
		connection.failed = true;
	if (host_.Tracing())
		host_.Trace("send " + Name(s) + " " + std::to_string(size),
			"-> " + (result >= 0 ? std::to_string(result) : ErrorName(code)));

	// FD_WRITE is enabled again by a send() that fails with WSAEWOULDBLOCK, and by no other, not
	// even by a partial one [MS WSAAsyncSelect; WT test_write_events; T].
	if (result < 0 && code == WSAEWOULDBLOCK)
	{
		socket->enabled |= FD_WRITE;
		Notify(*socket);
		host_.WouldBlock("send");
	}
	host_.Changed(connection);
	lastError_ = code;
	return result;
}

// Nothing is left of the socket's events but the messages that are already posted [MS
// WSAAsyncSelect], and the event object, which has a handle of its own [MS closesocket].
int Network::CloseSocket(SOCKET s)
{
	Enter(Call::Close);
	Object* socket = Find(s, Object::Kind::Socket);
	if (socket == nullptr)
	{
		host_.BadHandle("closesocket", s, true);
		return Fail(WSAENOTSOCK);
	}
	if (host_.Tracing())
		host_.Trace("close " + Name(s), "");
	if (Connection* connection = socket->connection)
	{
		host_.Closing(*connection);
		connection->closed = true;
		connection->handle = INVALID_SOCKET;
		// With unread data the peer gets a reset instead of the end (winsock.md section 7).
		connection->aborted =
			connection->unread > 0 || connection->reset || connection->broken != 0;
	}
	else if (s == listener_)
		listener_ = 0;
	FreeHandle(s);
	return Succeed(0);
}

// -- select -------------------------------------------------------------------------------------

int Network::Select(fd_set* readable, fd_set* writable, fd_set* except, const timeval* timeout)
{
	Enter(Call::Select);
	fd_set empty = {};
	fd_set* const sets[] = { readable, writable, except };
	u_int count = 0;
	for (fd_set* set : sets)
	{
		for (u_int i = 0; set != nullptr && i < set->fd_count; i++, count++)
		{
			// One bad handle fails the whole call, the sets stay as they are [WT].
			if (FindSocket(set->fd_array[i], "select") == nullptr)
				return SOCKET_ERROR;
		}
	}
	if (count == 0) // all sets NULL or empty [MS, WT]
		return Fail(WSAEINVAL);
	if (WaitFails("select", WSAENOBUFS))
		return SOCKET_ERROR;

	fd_set ready[3] = {};
	const DWORD milliseconds = timeout == nullptr
		? 0
		: static_cast<DWORD>(timeout->tv_sec * 1000 + (timeout->tv_usec + 999) / 1000);
	for (;;)
	{
		// "accept() after select() may find nothing", and so may recv() (winsock.md section 4).
		const bool spurious = host_.Inject(Fault::SpuriousReady);
		int wrong = spurious ? host_.Choose(static_cast<int>(count)) : -1;
		int total = 0;
		for (int which = 0; which < 3; which++)
		{
			const fd_set& asked = sets[which] != nullptr ? *sets[which] : empty;
			ready[which].fd_count = 0;
			for (u_int i = 0; i < asked.fd_count; i++)
			{
				const Object& socket = At(asked.fd_array[i]);
				const bool is = which == 0 ? ReadReady(socket) : which == 1 && WriteReady(socket);
				if (is || wrong-- == 0)
					ready[which].fd_array[ready[which].fd_count++] = asked.fd_array[i];
			}
			total += static_cast<int>(ready[which].fd_count);
		}
		if (total > 0)
			break;
		if (timeout == nullptr)
			host_.Idle("select");
		else if (milliseconds == 0 || !host_.Pause("select", milliseconds))
			break;
	}

	std::string trace;
	for (int which = 0; which < 3; which++)
	{
		if (sets[which] != nullptr)
			*sets[which] = ready[which];
		for (u_int i = 0; host_.Tracing() && i < ready[which].fd_count; i++)
			trace += (trace.empty() ? "-> " : ", ") + Name(ready[which].fd_array[i]) +
				(which == 0 ? " readable" : " writable");
	}
	if (host_.Tracing())
		host_.Trace("select", trace);
	return Succeed(static_cast<int>(ready[0].fd_count + ready[1].fd_count + ready[2].fd_count));
}

// -- Events -------------------------------------------------------------------------------------

// A manual-reset event, not signalled [MS].
WSAEVENT Network::CreateEvent()
{
	Enter(Call::CreateEvent);
	if (StartFails("WSACreateEvent", WSA_NOT_ENOUGH_MEMORY))
		return WSA_INVALID_EVENT;
	if (host_.Inject(Fault::CreateEventFails))
	{
		if (host_.Tracing())
			host_.Trace("create event", "-> WSA_NOT_ENOUGH_MEMORY");
		host_.MemoryFailed();
		Fail(WSA_NOT_ENOUGH_MEMORY);
		return WSA_INVALID_EVENT;
	}
	Succeed(0);
	return reinterpret_cast<WSAEVENT>(NewHandle(Object::Kind::Event));
}

BOOL Network::CloseEvent(WSAEVENT event)
{
	Enter(Call::CloseEvent);
	if (Find(Value(event), Object::Kind::Event) == nullptr)
	{
		host_.BadHandle("WSACloseEvent", Value(event), true);
		Fail(WSA_INVALID_HANDLE);
		return FALSE;
	}
	FreeHandle(Value(event));
	Succeed(0);
	return TRUE;
}

BOOL Network::SetEvent(WSAEVENT event, bool signalled)
{
	Enter(Call::SetEvent);
	Object* object = Find(Value(event), Object::Kind::Event);
	if (object == nullptr)
	{
		host_.BadHandle("WSASetEvent", Value(event), false);
		Fail(WSA_INVALID_HANDLE);
		return FALSE;
	}
	if (host_.Tracing())
		host_.Trace(signalled ? "set event" : "reset event", EventName(event));
	object->signalled = signalled;
	Succeed(0);
	return TRUE;
}

// Whether a selection goes well: a failure at the start, or for one client.
bool Network::MaySelect(SOCKET s, const char* call)
{
	Connection* connection = At(s).connection;
	if (connection == nullptr)
		return !StartFails(call, WSAENETDOWN);
	if (!host_.Inject(Fault::SelectionFails))
		return true;
	connection->excused = true;
	if (host_.Tracing())
		host_.Trace(call + (" " + Name(s)), "-> WSAENETDOWN");
	Fail(WSAENETDOWN);
	return false;
}

// What both kinds of selection do at the end.
void Network::Selected(Object& socket)
{
	socket.nonblocking = true;
	if (socket.connection != nullptr)
		socket.connection->registered = true;
	Notify(socket);
	if (socket.connection != nullptr)
		host_.Changed(*socket.connection);
}

// Whether a wait fails, with this error.
bool Network::WaitFails(const char* call, int error)
{
	if (!host_.Inject(Fault::WaitFails))
		return false;
	if (host_.Tracing())
		host_.Trace(call, "-> " + ErrorName(error));
	Fail(error);
	host_.WaitFailed();
	return true;
}

// Sets the socket non-blocking, replaces an earlier selection, clears the record; what nobody has
// enumerated yet is signalled to the new event, so nothing is lost [MS WSAEventSelect, T]. What was
// enumerated does not come again [WT].
int Network::EventSelect(SOCKET s, WSAEVENT event, long mask)
{
	Enter(Call::EventSelect);
	Object* socket = FindSocket(s, "WSAEventSelect");
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (mask != 0 && Find(Value(event), Object::Kind::Event) == nullptr)
	{
		host_.BadHandle("WSAEventSelect", Value(event), false);
		return Fail(WSAEINVAL);
	}
	Connection* connection = socket->connection;
	if (!MaySelect(s, "WSAEventSelect"))
		return SOCKET_ERROR;
	for (const Object& other : objects_)
	{
		const bool shared = other.kind == Object::Kind::Socket && &other != socket &&
			other.event == event && other.event != nullptr;
		if (shared && connection != nullptr)
			host_.SharedEvent(*connection);
	}

	if (host_.Tracing())
		host_.Trace("event select " + Name(s), EventNames(mask));
	socket->window = nullptr;
	socket->mask = mask;
	socket->event = mask != 0 ? event : nullptr;
	socket->enabled |= socket->record | (connection == nullptr ? FD_ACCEPT : 0);
	socket->record = 0;
	Selected(*socket);
	return Succeed(0);
}

// "Copy, clear and reset are atomic"; on failure nothing is cleared; iErrorCode[] is written only
// for the events that are reported [MS WSAEnumNetworkEvents].
int Network::EnumNetworkEvents(SOCKET s, WSAEVENT event, WSANETWORKEVENTS* record)
{
	Enter(Call::EnumNetworkEvents);
	Object* socket = FindSocket(s, "WSAEnumNetworkEvents");
	if (socket == nullptr)
		return SOCKET_ERROR;
	Object* object = event != nullptr ? Find(Value(event), Object::Kind::Event) : nullptr;
	if (event != nullptr && object == nullptr)
	{
		host_.BadHandle("WSAEnumNetworkEvents", Value(event), false);
		return Fail(WSAEINVAL);
	}
	if (WaitFails("enum", WSAENETDOWN))
		return SOCKET_ERROR;

	if (host_.Tracing())
		host_.Trace("enum " + Name(s), "-> " + EventNames(socket->record));
	record->lNetworkEvents = socket->record;
	for (int bit : kBits)
	{
		if ((socket->record & 1 << bit) == 0)
			continue;
		record->iErrorCode[bit] = socket->errors[bit];
		if (socket->errors[bit] == 0)
			continue;
		host_.Failed(socket->errors[bit]);
		if (socket->connection != nullptr)
			socket->connection->failed = true;
	}
	socket->record = 0;
	if (object != nullptr)
		object->signalled = false;
	return Succeed(0);
}

// The lowest signalled index; 1 to 64 events [MS WSAWaitForMultipleEvents].
DWORD Network::WaitForMultipleEvents(DWORD count, const WSAEVENT* events, bool all, DWORD timeout)
{
	Enter(Call::WaitForMultipleEvents);
	if (count == 0 || count > static_cast<DWORD>(WSA_MAXIMUM_WAIT_EVENTS))
	{
		Fail(WSA_INVALID_PARAMETER);
		return WSA_WAIT_FAILED;
	}
	for (DWORD i = 0; i < count; i++)
	{
		if (Find(Value(events[i]), Object::Kind::Event) == nullptr)
		{
			host_.BadHandle("WSAWaitForMultipleEvents", Value(events[i]), false);
			Fail(WSA_INVALID_HANDLE);
			return WSA_WAIT_FAILED;
		}
	}
	if (WaitFails("wait", WSA_NOT_ENOUGH_MEMORY))
		return WSA_WAIT_FAILED;

	for (;;)
	{
		// An event that is signalled although nothing is recorded: after accept() has inherited the
		// listening socket's event, or when Wine resets the event before it reads the record.
		if (host_.Inject(Fault::SpuriousReady))
			At(Value(events[host_.Choose(static_cast<int>(count))])).signalled = true;
		DWORD lowest = count;
		DWORD signalled = 0;
		for (DWORD i = count; i-- > 0;)
		{
			if (!At(Value(events[i])).signalled)
				continue;
			lowest = i;
			signalled++;
		}
		if (all ? signalled == count : signalled > 0)
		{
			if (host_.Tracing())
				host_.Trace("wait", "-> event " + EventName(events[lowest]));
			Succeed(0);
			return WSA_WAIT_EVENT_0 + lowest;
		}
		if (timeout == WSA_INFINITE)
			host_.Idle("wait");
		else if (timeout == 0 || !host_.Pause("wait", timeout))
		{
			Succeed(0);
			return WSA_WAIT_TIMEOUT;
		}
	}
}

// -- Messages -----------------------------------------------------------------------------------

// Sets the socket non-blocking, replaces an earlier selection, and posts what holds now
// [MS WSAAsyncSelect; WT, T].
int Network::AsyncSelect(SOCKET s, HWND window, UINT message, long mask)
{
	Enter(Call::AsyncSelect);
	Object* socket = FindSocket(s, "WSAAsyncSelect");
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (window != kWindow && dialect_ == Dialect::Windows) // row f
		return Fail(WSAEINVAL);
	if (!MaySelect(s, "WSAAsyncSelect"))
		return SOCKET_ERROR;

	if (host_.Tracing())
		host_.Trace("async select " + Name(s), EventNames(mask));
	socket->event = nullptr;
	socket->window = window;
	socket->message = message;
	socket->mask = mask;
	socket->enabled = kConnectionEvents | FD_ACCEPT;
	Selected(*socket);
	return Succeed(0);
}

bool Network::RegisterWindowClass(const WNDCLASSW* windowClass)
{
	Enter(Call::Other);
	if (StartFails("RegisterClass", WSA_NOT_ENOUGH_MEMORY))
		return false;
	procedure_ = windowClass->lpfnWndProc;
	return true;
}

HWND Network::CreateTheWindow()
{
	Enter(Call::Other);
	if (StartFails("CreateWindow", WSA_NOT_ENOUGH_MEMORY))
		return nullptr;
	window_ = true;
	return kWindow;
}

// -1 is an error, 0 the end after PostQuitMessage() when no message is left [MS GetMessage].
BOOL Network::GetMessage(MSG* message)
{
	Enter(Call::GetMessage);
	if (WaitFails("get message", ERROR_INVALID_WINDOW_HANDLE))
		return -1;
	// An FD_READ without data: "it is normal", after several recv() for one FD_READ [MS
	// WSAAsyncSelect].
	if (!queue_.empty() && host_.Inject(Fault::SpuriousReady))
	{
		Object& socket =
			objects_[static_cast<std::size_t>(host_.Choose(static_cast<int>(objects_.size())))];
		if (socket.kind == Object::Kind::Socket && (socket.mask & FD_READ) != 0 &&
			socket.window != nullptr && socket.connection != nullptr)
			Signal(socket, FD_READ_BIT, 0, true);
	}
	while (queue_.empty() && !quit_)
		host_.Idle("get message");
	Succeed(0);
	if (queue_.empty())
		return FALSE;
	taken_ = queue_.front();
	queue_.pop_front();
	*message = taken_.message;
	return TRUE;
}

LRESULT Network::DispatchMessage(const MSG* message)
{
	Enter(Call::DispatchMessage);
	const Message taken = taken_;
	const int event = WSAGETSELECTEVENT(message->lParam);
	const int code = WSAGETSELECTERROR(message->lParam);
	const Object* socket = Find(message->wParam, Object::Kind::Socket);
	Connection* connection = socket != nullptr ? socket->connection : nullptr;
	const bool stale = taken.about != nullptr && taken.about != connection;
	if (message->message >= WM_USER)
	{
		if (host_.Tracing())
			host_.Trace("message " +
					(taken.about != nullptr ? std::to_string(taken.about->peer)
											: Name(message->wParam)),
				EventNames(event) + (code != 0 ? " " + ErrorName(code) : "") +
					(taken.about == nullptr && connection != nullptr ? ", posted by itself" : "") +
					(stale ? ", after its end; the handle is now " + Name(message->wParam) : ""));
		if (code != 0)
			host_.Failed(code);
		if (code != 0 && !stale && connection != nullptr)
			connection->failed = true;
		if (connection != nullptr && (stale || taken.spurious))
			connection->extra = true;
	}
	else if (host_.Tracing())
		host_.Trace("message", message->message == WM_CLOSE ? "WM_CLOSE" : "of the window");
	return procedure_(message->hwnd, message->message, message->wParam, message->lParam);
}

LRESULT Network::DefaultProcedure(HWND window, UINT message)
{
	if (message == WM_CLOSE && window_)
	{
		window_ = false;
		return procedure_(window, WM_DESTROY, 0, 0);
	}
	return 0;
}

BOOL Network::PostMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam)
{
	Enter(Call::PostMessage);
	Object* socket = Find(wParam, Object::Kind::Socket);
	if (window != kWindow ||
		host_.Inject(Fault::PostFails)) // a queue holds 10,000 [MS PostMessage]
	{
		if (socket != nullptr && socket->connection != nullptr)
			socket->connection->excused = true;
		if (host_.Tracing())
			host_.Trace("post " + Name(wParam), "-> ERROR_NOT_ENOUGH_QUOTA");
		Fail(window != kWindow ? ERROR_INVALID_WINDOW_HANDLE : ERROR_NOT_ENOUGH_QUOTA);
		return FALSE;
	}
	if (host_.Tracing())
		host_.Trace("post " + Name(wParam), EventNames(WSAGETSELECTEVENT(lParam)));
	queue_.push_back(Message{ MSG{ window, message, wParam, lParam }, nullptr, false });
	Succeed(0);
	return TRUE;
}

void Network::PostQuit()
{
	quit_ = true;
}

// -- The C library ------------------------------------------------------------------------------

// stdout is a file: what is written is seen when it is flushed, unless setvbuf() has said _IONBF.
void Network::Write(bool toError, const char* text, std::size_t size)
{
	lastError_ = 0; // as any call in between may (winsock.md section 9)
	host_.Written(toError, text, size);
	if (!toError && !buffered_)
		host_.Flushed();
}

void Network::Flush()
{
	lastError_ = 0;
	host_.Flushed();
}

void Network::SetBuffered(bool buffered)
{
	buffered_ = buffered;
}

bool Network::RefusesMemory()
{
	lastError_ = 0;
	if (host_.Inject(Fault::StartFails))
		return true;
	if (!host_.Inject(Fault::MemoryFails))
		return false;
	if (host_.Tracing())
		host_.Trace("allocate", "-> NULL");
	host_.MemoryFailed();
	return true;
}

// Of a new expression with std::nothrow.
void* Network::Allocate(std::size_t size)
{
	void* const memory = ::operator new(size);
	memory_.insert(memory);
	return memory;
}

// What a new expression has given. Of a plain one it is not known yet, and can be refused.
void* Network::Take(void* memory)
{
	if (!memory_.insert(memory).second)
		return memory;
	if (!RefusesMemory())
		return memory;
	memory_.erase(memory);
	::operator delete(memory);
	throw std::bad_alloc();
}

bool Network::Release(void* memory)
{
	lastError_ = 0;
	if (memory_.erase(memory) != 0)
		return true;
	host_.BadHandle("delete", reinterpret_cast<std::uintptr_t>(memory), true);
	return false;
}

} // namespace sim
