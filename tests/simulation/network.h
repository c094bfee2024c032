// The simulated network: what Winsock promises, for one process, without a kernel, threads or real
// time. RULES.md says call by call what it does, and why.
//
// It is one of three parts. Wherever more than one thing may happen next it asks a Decider; what
// has happened it tells a Monitor. network.cpp has the peers' side; calls.cpp, events.cpp,
// messages.cpp and library.cpp have the server's, the functions of sim_winsock.h.
#pragma once

#include "sim_winsock.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <iterator>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sim
{
// Windows and Wine 8.0 differ: see the table in RULES.md.
enum class Platform
{
	Windows,
	Wine
};

// What can go wrong by itself. The Decider decides each time.
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
	SetEventFails,    // WSASetEvent(), WSAResetEvent() and the next wait: the network is down
	WaitFails,        // the wait itself
	StartFails,       // one of the calls before the first wait
	Count
};

constexpr int kFaults = static_cast<int>(Fault::Count);

// As RULES.md calls them.
inline constexpr const char* kFaultNames[] = { "partial-send", "send-would-block",
	"recv-would-block", "short-recv", "spurious-ready", "accept-fails", "no-room", "recv-fails",
	"send-fails", "event-error", "create-event-fails", "selection-fails", "enum-fails",
	"memory-fails", "post-fails", "posts-late", "listener-fails", "set-event-fails", "wait-fails",
	"start-fails" };
static_assert(std::size(kFaultNames) == kFaults);

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

// One TCP connection, seen from both ends.
struct Connection
{
	int peer = 0; // who is at the other end, from 1: see AddressOf()

	bool connected = false;
	std::string sent = {};   // all that the peer has sent
	std::size_t read = 0;    // bytes that it has read
	bool fin = false;        // it has half-closed
	bool reset = false;      // it has reset
	bool done = false;       // it has reset, or seen the end
	std::string unread = {}; // in the receive buffer
	std::string unsent = {}; // in the send buffer: the peer has not read it

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

// Who a socket belongs to: a peer's number, or one of these.
constexpr int kListening = 0; // it is the listening one
constexpr int kNobody = -1;   // there is no such socket

// "peer 2", "the listening socket", "no socket"
std::string NameOf(int peer);

// 127.0.1.n, or of every fourth peer 127.100.100.n + 100, in the order of the bytes; the port is
// 40000 + n.
std::array<unsigned char, 4> AddressOf(int peer);

// What a call waits for.
struct Waiting
{
	Call call;
	winsock::DWORD limit;                      // milliseconds, or WSA_INFINITE
	std::vector<winsock::SOCKET> sockets = {}; // what can end it
	bool everything = false;                   // any socket can
};

// A window message, for whoever reads a CallRecord.
struct MessageRecord
{
	winsock::UINT number = 0;
	int peer = kNobody;   // whose socket it was posted for
	int handle = kNobody; // who has the handle by now
	long event = 0;
	int code = 0;
};

// A call of the server: what it was given, and what came of it.
struct CallRecord
{
	Call call = Call::Count;
	int peer = kNobody;                           // whose socket, or event
	int number = 0;                               // bytes, milliseconds, or events asked for
	winsock::DWORD limit = winsock::WSA_INFINITE; // of the wait, in milliseconds
	std::vector<int> reads = {};                  // the read set, or the array of events
	std::vector<int> writes = {};
	MessageRecord message = {}; // taken or posted

	int code = 0;   // it has failed with this
	int result = 0; // bytes, the peer accepted, the index, or the events recorded
	std::vector<int> readable = {};
	std::vector<int> writable = {};
	std::vector<std::pair<int, int>> errors = {}; // events that carry one, and which
};

// Decides what happens next, wherever that is open.
class Decider
{
public:
	virtual ~Decider() = default;

	// Before a call. The peers may act.
	virtual void Before(Call)
	{
	}
	// A call has given WSAEWOULDBLOCK: a server that spins waits like this.
	virtual void WouldBlock()
	{
	}
	// A call cannot go on before a peer has acted. False: its time is over.
	virtual bool Wait(const Waiting& waiting) = 0;
	virtual bool Inject(Fault)
	{
		return false;
	}
	virtual int Choose(int count) = 0; // a number from 0 to count - 1
	// One of the codes that a call can fail with.
	virtual int ChooseCode(std::initializer_list<int> codes)
	{
		return codes.begin()[Choose(static_cast<int>(codes.size()))];
	}
	template <typename Container>
	auto& ChooseFrom(Container& container)
	{
		const int count = static_cast<int>(std::size(container));
		return container[static_cast<std::size_t>(Choose(count))];
	}
};

// Something that has happened. Each kind has the fields that its line names.
struct Event
{
	enum Kind
	{
		Called,       // call, connection or none: a call begins
		Waits,        // waiting: it cannot go on
		Returned,     // it is through: see Network::record. Told only to who wants records
		BadHandle,    // call or none (delete), handle
		SharedEvent,  // connection: it gets the event object of another
		Listening,    // socket
		Accepted,     // connection
		Refused,      // accept(), for lack of room
		TurnedAway,   // connection: the backlog is full
		Ready,        // connection: select() reports it
		Received,     // connection, data, number
		Sending,      // connection, data, number: given to send()
		Sent,         // connection, number: taken by send()
		Closing,      // connection
		Failed,       // number, connection or none: a call or an event gives this code
		Faulted,      // fault: one that the server cannot, or hardly, go on after
		OutOfMemory,  // std::bad_alloc leaves main()
		Ends,         // number: the process does, with this exit code
		Printed,      // data, number
		PrintedError, // data, number
		Flushed,
		CodePage, // number: the console gets it
		TakesCtrlC
	};

	Kind kind;
	Connection* connection = nullptr;
	int number = 0;
	const char* data = nullptr;
	Call call = Call::Count;
	Fault fault = Fault::Count;
	std::uintptr_t handle = 0;
	const Waiting* waiting = nullptr;
	const struct Object* socket = nullptr;
};

// Is told what has happened.
class Monitor
{
public:
	virtual ~Monitor() = default;
	virtual void Tell(const Event& event) = 0;
};

// What main() is given, and what follows from it.
struct CommandLine
{
	std::vector<std::string> arguments = {};
	const char* address = "127.0.0.1"; // null: an argument is to be refused
	int port = 9000;                   // 0: any
};

constexpr int kAnyPort = 50000; // the system's choice for port 0

// What differs from run to run. Where real Windows is not documented, a run has one of the answers
// that are possible (the first of each two is what Wine does).
struct Conditions
{
	Platform platform = Platform::Windows;
	std::size_t receiveBuffer = 4096;
	std::size_t sendBuffer = 4096;
	int room = 0;                 // open connections that the system has room for; 0: any number
	bool resetWakesWriter = true; // a reset makes writable, and FD_WRITE comes; or neither
	bool nameAfterReset = false;  // getpeername() fails after a reset; or it works
	CommandLine commandLine = {};
	bool outIsConsole = false; // stdout; else it is a file
	bool errorIsConsole = false;
	bool korean = false; // the system's texts are not in ASCII
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
	bool datagrams = false;           // SOCK_DGRAM
	bool exclusive = false;
	bool bound = false;
	winsock::SOCKADDR_IN name = {};
	bool nonblocking = false;
	winsock::LINGER linger = {};
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
	Network(Decider& decider, Monitor& monitor, const Conditions& conditions);
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

	// -- For the functions of sim_winsock.h -----------------------------------------------------

	Object* Find(std::uintptr_t handle, Object::Kind kind);
	std::ptrdiff_t Count(Object::Kind kind) const;
	std::uintptr_t NewHandle(Object::Kind kind);
	void FreeHandle(std::uintptr_t handle);
	// Whose it is.
	int PeerOf(std::uintptr_t socket);
	int PeerOf(winsock::WSAEVENT event);
	MessageRecord RecordOf(const Message& message);

	// A call waits, which is told. False: its time is over.
	bool Wait(const Waiting& waiting);
	bool IsWindows() const
	{
		return conditions.platform == Platform::Windows;
	}
	bool ReadReady(const Object& socket) const;
	bool WriteReady(const Object& socket) const;
	long Holding(const Object& socket) const;
	void Happened(winsock::SOCKET s, long event);
	void Notify(Object& socket);
	void Signal(Object& socket, int bit, int code, bool spurious);
	void Drop(Connection& connection);

	Decider& decider;
	Monitor& monitor;
	Conditions conditions;
	std::uint64_t now = 0; // milliseconds

	std::deque<Object> objects;
	std::vector<std::uintptr_t> freeHandles; // the one freed last is used first
	std::unordered_set<void*> memory;
	std::deque<Connection*> backlog;
	std::size_t backlogRoom = 0;
	std::uintptr_t listener = 0; // 0: none
	int listenerFailed = 0;      // for good, with this code
	bool down = false;           // the network: the next wait fails
	std::uint64_t roomFrom = 0;  // accept() has no room before
	bool started = false;        // WSAStartup()
	int lastError = 0;
	std::uint64_t calls[kCalls] = {};
	CallRecord record;      // of the call that is going on
	bool recording = false; // somebody reads all of it, and not only which call it is

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

	std::size_t bufferSize = 4096; // of stdout; 0: none
	std::size_t buffered = 0;      // bytes that are in it
};

// The network that the functions of sim_winsock.h use.
Network& Net();

extern const winsock::HWND kWindow;

// "FD_READ | FD_CLOSE", "WSAEWOULDBLOCK"
std::string EventNames(long events);
std::string ErrorName(int code);
std::wstring SystemText(int code, bool korean); // what the system says
std::string Narrow(std::wstring_view wide, winsock::UINT page);

} // namespace sim
