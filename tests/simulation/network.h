// The simulated network: what Winsock promises, for one process, without a kernel, threads or real
// time. RULES.md says call by call what it does, and why.
//
// It knows rules only. Who the peers are, when they act, which faults come and what is checked is
// the business of its Environment. network.cpp has the peers' side, winsock.cpp the server's: the
// functions of sim_winsock.h.
#pragma once

#include "sim_winsock.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <string>
#include <unordered_set>
#include <vector>

namespace sim
{
// Windows and Wine 8.0 differ: see the table in RULES.md.
enum class Dialect
{
	Windows,
	Wine
};

// What can go wrong by itself. The Environment decides each time.
enum class Fault
{
	PartialSend,      // send() takes some of the bytes
	SendWouldBlock,   // send() takes none of the bytes although there is room
	RecvWouldBlock,   // recv() finds nothing although there is data
	ShortRecv,        // recv() gives some of the bytes that are there
	SpuriousReady,    // a wait reports what is not so (any more)
	AcceptFails,      // accept(): the client has gone
	NoRoom,           // accept(): no room in the system for some time
	RecvFails,        // recv(): reset, abort, no buffers
	SendFails,        // send(): the same
	EventError,       // an FD_ event carries an error code
	CreateEventFails, // WSACreateEvent()
	SelectionFails,   // WSAEventSelect(), WSAAsyncSelect()
	EnumFails,        // WSAEnumNetworkEvents(), of a client
	MemoryFails,      // new
	PostFails,        // PostMessage()
	PostsLate,        // Winsock's message comes after others that were posted later
	ListenerFails,    // accept(): the listening socket is of no more use
	WaitFails,        // the wait itself
	StartFails,       // one of the calls before the first wait
	Count
};

constexpr int kFaults = static_cast<int>(Fault::Count);

// The calls that a server makes.
enum class Call
{
	WSAStartup,
	WSACleanup,
	Socket,
	SetSockOpt,
	IoctlSocket,
	Bind,
	Listen,
	GetSockName,
	GetPeerName,
	Accept,
	Recv,
	Send,
	Shutdown,
	CloseSocket,
	Select,
	CreateEvent,
	CloseEvent,
	SetEvent,
	ResetEvent,
	EventSelect,
	EnumNetworkEvents,
	WaitForMultipleEvents,
	AsyncSelect,
	RegisterClass,
	CreateWindow,
	GetMessage,
	DispatchMessage,
	PostMessage,
	Sleep,
	New,
	Count
};

constexpr int kCalls = static_cast<int>(Call::Count);

inline constexpr const char* kCallNames[] = { "WSAStartup", "WSACleanup", "socket", "setsockopt",
	"ioctlsocket", "bind", "listen", "getsockname", "getpeername", "accept", "recv", "send",
	"shutdown", "closesocket", "select", "WSACreateEvent", "WSACloseEvent", "WSASetEvent",
	"WSAResetEvent", "WSAEventSelect", "WSAEnumNetworkEvents", "WSAWaitForMultipleEvents",
	"WSAAsyncSelect", "RegisterClass", "CreateWindow", "GetMessage", "DispatchMessage",
	"PostMessage", "Sleep", "new" };
static_assert(std::size(kCallNames) == kCalls);

inline const char* Name(Call call)
{
	return kCallNames[static_cast<int>(call)];
}

// One TCP connection.
struct Connection
{
	int peer = 0; // who is at the other end, from 1: 127.0.1.n, port 40000 + n

	std::string unread = {}; // in the receive buffer
	std::string unsent = {}; // in the send buffer: the peer has not read it

	bool fin = false;       // the peer has half-closed
	bool reset = false;     // the peer has reset
	bool closeLate = false; // FD_CLOSE comes after the data (see Network::Conditions)
	int broken = 0;         // the code of every further call; 0: none

	winsock::SOCKET handle = winsock::INVALID_SOCKET; // of the server's socket while it is open
	bool accepted = false;
	bool registered = false; // the server has asked for its events
	bool extra = false;      // its server has got a message that is stale or spurious
	bool shut = false;       // the server sends no more
	bool closed = false;     // by the server, or by the system before accept()
	bool aborted = false;    // the peer sees a reset, not an end
};

// "peer 2"
std::string NameOf(const Connection& connection);

// What a call waits for.
struct Waiting
{
	Call call;
	winsock::DWORD limit;                      // milliseconds, or WSA_INFINITE
	std::vector<winsock::SOCKET> sockets = {}; // what can end it
	bool everything = false;                   // any socket can
};

// What surrounds the network. Each function has a default, which lets the call go on.
class Environment
{
public:
	virtual ~Environment() = default;

	// Before a call, about a connection or about none. The world may move.
	virtual void Entering(Call, Connection*)
	{
	}
	// A call cannot go on before the world has moved. False: its time is over.
	virtual bool Wait(const Waiting& waiting) = 0;
	virtual bool Inject(Fault)
	{
		return false;
	}
	virtual int Choose(int count) = 0; // a number from 0 to count - 1
	template <typename Container>
	auto& ChooseFrom(Container& container)
	{
		const int count = static_cast<int>(std::size(container));
		return container[static_cast<std::size_t>(Choose(count))];
	}

	// What has happened.
	virtual void BadHandle(const char*, std::uintptr_t)
	{
	}
	virtual void SharedEvent(Connection&)
	{
	}
	virtual void Listening(bool, const winsock::SOCKADDR_IN&)
	{
	}
	virtual void Accepted(Connection&)
	{
	}
	virtual void Refused()
	{
	} // accept(), for lack of room
	virtual void Received(Connection&, const char*, int)
	{
	}
	virtual void Sending(Connection&, const char*, int)
	{
	}
	virtual void Sent(Connection&, int)
	{
	}
	virtual void Closing(Connection&)
	{
	}
	virtual void Failed(int, Connection*)
	{
	} // a call or an event gives this code
	virtual void Lasting(Fault)
	{
	} // it cannot go on after this
	virtual void Written(bool, const char*, std::size_t)
	{
	}
	virtual void Flushed()
	{
	}

	virtual void Trace(const std::string&, const std::string&)
	{
	}
	bool tracing = false;
};

// What differs from run to run. Where real Windows is not documented, a run has one of the answers
// that are possible (the first of each two is what Wine does).
struct Conditions
{
	Dialect dialect = Dialect::Windows;
	std::size_t receiveBuffer = 4096;
	std::size_t sendBuffer = 4096;
	int room = 0;                 // open connections that the system has room for; 0: any number
	bool resetWakesWriter = true; // a reset makes writable, and FD_WRITE comes; or neither
	bool nameAfterReset = false;  // getpeername() fails after a reset; or it works
};

// What a handle stands for.
struct Object
{
	enum class Kind
	{
		None,
		Socket,
		Event
	};

	Kind kind = Kind::None;

	// A socket
	Connection* connection = nullptr; // null: not of a client
	bool exclusive = false;
	winsock::SOCKADDR_IN name = {};
	bool nonblocking = false;
	bool resets = false;                                 // closesocket() does (SO_LINGER)
	winsock::DWORD receiveLimit = winsock::WSA_INFINITE; // SO_RCVTIMEO
	long mask = 0;                                       // the events asked for
	winsock::WSAEVENT event = nullptr;                   // in event mode
	winsock::HWND window = nullptr;                      // in message mode
	winsock::UINT message = 0;
	long enabled = 0; // the events that may be signalled
	long record = 0;  // event mode: signalled, and not yet enumerated
	int errors[winsock::FD_MAX_EVENTS] = {};

	// An event object
	bool signalled = false;
};

struct Message
{
	winsock::MSG message;
	const Connection* about = nullptr; // null: not posted by Winsock
	bool spurious = false;
};

class Network
{
public:
	Network(Environment& environment, const Conditions& conditions);
	~Network();

	Network(const Network&) = delete;
	Network& operator=(const Network&) = delete;

	// -- The peers' side ------------------------------------------------------------------------

	// A connection of this peer to the listening socket; done at once, as the system's backlog
	// does it.
	void Connect(Connection& connection);
	// How many bytes the peer could send, and could read.
	std::size_t Room(const Connection& connection) const;
	static std::size_t Readable(const Connection& connection);
	void PeerSends(Connection& connection, const std::string& bytes);
	void PeerReads(Connection& connection, std::size_t size);
	void PeerHalfCloses(Connection& connection);
	void PeerResets(Connection& connection);
	// The user closes the window.
	bool CloseWindow();

	// -- For winsock.cpp ------------------------------------------------------------------------

	Object* Find(std::uintptr_t handle, Object::Kind kind);
	std::ptrdiff_t Count(Object::Kind kind) const;
	std::uintptr_t NewHandle(Object::Kind kind);
	void FreeHandle(std::uintptr_t handle);
	// "peer 2", "the listening socket"
	std::string Name(std::uintptr_t handle);
	std::string EventName(winsock::WSAEVENT event);

	bool IsWindows() const
	{
		return conditions.dialect == Dialect::Windows;
	}
	bool ReadReady(const Object& socket) const;
	bool WriteReady(const Object& socket) const;
	long Holding(const Object& socket) const;
	void Happened(winsock::SOCKET s, long event);
	void Notify(Object& socket);
	void Signal(Object& socket, int bit, int code, bool spurious);
	void Drop(Connection& connection);

	Environment& environment;
	const Conditions conditions;
	std::uint64_t now = 0; // milliseconds

	std::deque<Object> objects;
	std::vector<std::uintptr_t> freeHandles; // the one freed last is used first
	std::unordered_set<void*> memory;
	std::deque<Connection*> backlog;
	std::uintptr_t listener = 0; // 0: none
	bool listenerFailed = false; // for good
	std::uint64_t roomFrom = 0;  // accept() has no room before
	bool started = false;        // WSAStartup()
	int lastError = 0;
	std::uint64_t calls[kCalls] = {};
	std::string arguments; // of the call that is going on, for the trace

	std::wstring windowClass;
	winsock::WNDPROC procedure = nullptr;
	bool window = false;
	bool unpainted = false;
	bool quit = false;
	int quitCode = 0;
	std::deque<Message> queue;
	std::deque<Message> late; // Winsock's, not yet in the queue
	bool wasLate = false;     // a message has been
	Message taken;            // by GetMessage(), for DispatchMessage()

	bool buffered = true; // stdout, a file
};

// The network that the functions of sim_winsock.h use.
Network& Net();

extern const winsock::HWND kWindow;

// "FD_READ | FD_CLOSE", "WSAEWOULDBLOCK"
std::string EventNames(long events);
std::string ErrorName(int code);

} // namespace sim
